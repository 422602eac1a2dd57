"""The pytest fixture `openrouter_emulator`. Registered by the entry point `pytest11`.

Nothing heavy is imported until a test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from openrouter_emulator import Emulator


@pytest.fixture(scope="session")
def _openrouter_emulator_process() -> Iterator[Emulator]:
    """One server for the whole run; each test gets it empty."""
    from openrouter_emulator import Emulator

    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def openrouter_emulator(
    _openrouter_emulator_process: Emulator, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Emulator]:
    """A local OpenRouter, and the environment set so that clients find it.

    OPENROUTER_API_KEY and OPENROUTER_BASE_URL point at it while the test runs.
    """
    emulator = _openrouter_emulator_process
    emulator.reset()
    monkeypatch.setenv("OPENROUTER_API_KEY", emulator.api_key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", emulator.base_url)
    yield emulator
    emulator.wait_idle(timeout_s=2.0)
