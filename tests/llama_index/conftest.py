"""Model objects pointed at the local emulator, or at a cassette: cassettes/llama_index/<module>/<test>.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from vcr import VCR
from vcr.cassette import Cassette

from llama_index_openrouter import OpenRouter
from openrouter_emulator import Emulator
from tests import cassettes
from tests.llama_index.making import MakeLlm


def _make(model: str = "openai/gpt-4o-mini", **settings: Any) -> OpenRouter:
    return OpenRouter(model, **{"max_retries": 0, **settings})


@pytest.fixture
def make_llm(openrouter_emulator: Emulator) -> MakeLlm:
    """Make a model object that talks to the emulator; retries are off unless asked for."""
    return _make


# Cassettes, for tests marked `vcr`


def pytest_recording_configure(config: pytest.Config, vcr: VCR) -> None:
    vcr.register_serializer("yaml", cassettes.Readable)
    vcr.register_matcher("said", cassettes.said_the_same)


@pytest.fixture
def vcr_config() -> dict[str, Any]:
    return {**cassettes.config(), "allow_playback_repeats": False}


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    return str(cassettes.ROOT / "llama_index" / request.path.stem)


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    return re.sub(r"\W+", "-", request.node.name).strip("-")


@pytest.fixture
def make_recorded_llm(
    request: pytest.FixtureRequest,
    vcr: Cassette,
    record_mode: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MakeLlm]:
    """The same for the test's cassette, recorded from the emulator; what is not asked for fails."""
    if record_mode == "none":
        monkeypatch.setenv("OPENROUTER_API_KEY", cassettes.KEY)
        monkeypatch.setenv("OPENROUTER_BASE_URL", cassettes.BASE_URL)
        yield _make
        assert cassettes.unused(vcr) == []
    else:
        request.getfixturevalue("openrouter_emulator")
        yield _make
