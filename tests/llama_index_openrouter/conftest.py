"""Model objects pointed at the local emulator, or at a cassette: cassettes/llama_index/<module>/<test>.yaml."""

from __future__ import annotations

from typing import Any

import pytest

from llama_index_openrouter import OpenRouter
from openrouter_emulator import Emulator
from tests.cassette_fixtures import *  # noqa: F403  # its fixtures
from tests.llama_index_openrouter.factories import MakeLlm


def _make(model: str = "openai/gpt-4o-mini", **settings: Any) -> OpenRouter:
    return OpenRouter(model, **{"max_retries": 0, **settings})


@pytest.fixture
def make_llm(openrouter_emulator: Emulator) -> MakeLlm:
    """Make a model object that talks to the emulator; retries are off unless asked for."""
    return _make


@pytest.fixture
def make_recorded_llm(from_cassette: None) -> MakeLlm:
    """The same for the test's cassette, recorded from the emulator; what is not asked for fails."""
    return _make
