"""A model object pointed at the local emulator."""

from __future__ import annotations

from typing import Any

import pytest

from llama_index_openrouter import OpenRouter
from openrouter_emulator import Emulator
from tests.llama_index.making import MakeLlm


@pytest.fixture
def make_llm(openrouter_emulator: Emulator) -> MakeLlm:
    """Make a model object that talks to the emulator; retries are off unless asked for."""

    def make(model: str = "openai/gpt-4o-mini", **settings: Any) -> OpenRouter:
        return OpenRouter(model, **{"max_retries": 0, **settings})

    return make
