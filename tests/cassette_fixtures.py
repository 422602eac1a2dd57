"""Fixtures for tests marked `vcr`: cassettes/<folder of the test>/<module>/<test>.yaml.

A conftest imports all of them; `from_cassette` is what a test, or a fixture of its folder, asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from vcr import VCR
from vcr.cassette import Cassette

from tests import cassettes

__all__ = [
    "default_cassette_name",
    "from_cassette",
    "pytest_recording_configure",
    "vcr_cassette_dir",
    "vcr_config",
]


def pytest_recording_configure(config: pytest.Config, vcr: VCR) -> None:  # the hook's signature
    vcr.register_serializer("yaml", cassettes.Readable)
    vcr.register_matcher("equal_bodies", cassettes.equal_bodies)


@pytest.fixture
def vcr_config(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A benchmark asks the same again and again; everything else is asked once."""
    return {**cassettes.config(), "allow_playback_repeats": "benchmark" in request.fixturenames}


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    return str(cassettes.ROOT / request.path.parent.name / request.path.stem)


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest) -> str:
    return re.sub(r"\W+", "-", request.node.name).strip("-")


@pytest.fixture
def from_cassette(
    request: pytest.FixtureRequest,
    vcr: Cassette,
    record_mode: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """Play the test's cassette, or record it from the emulator; what is not asked for fails."""
    if record_mode == "none":
        monkeypatch.setenv("OPENROUTER_API_KEY", cassettes.KEY)
        monkeypatch.setenv("OPENROUTER_BASE_URL", cassettes.BASE_URL)
        yield
        assert cassettes.unused(vcr) == []
    else:
        request.getfixturevalue("openrouter_emulator")
        yield
