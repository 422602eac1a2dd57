"""What every test stands on: an environment without keys, and the way to the recorded traffic.

Fixtures of one area live in that area's own conftest.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_OURS = ("OPENROUTER_", "LANGSMITH_", "LANGCHAIN_")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the developer's keys, tracing or proxy; tests set what they need."""
    for name in list(os.environ):
        if name.startswith(_OURS) or name.upper() in _PROXIES:
            monkeypatch.delenv(name)
