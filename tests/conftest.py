"""What every test stands on: an environment without keys, and the way to the recorded traffic.

Fixtures of one area live in that area's own conftest.
"""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
_OURS = ("OPENROUTER_", "LANGSMITH_", "LANGCHAIN_")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_VARYING = re.compile(r" at 0x|\{(?:'[^']*'|\w+)(?:, (?:'[^']*'|\w+))+\}")


def pytest_sessionfinish() -> None:
    """Under `make coverage`: a process that shares the tests may be ended before it writes what it saw."""
    coverage: Any = sys.modules.get("coverage")
    if coverage is not None and (current := coverage.Coverage.current()) is not None:
        current.save()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test has one name in all processes that run tests side by side: no address in it, and no set.

    The order of a set is that of the process, and of whether its module was compiled there or read.
    """
    named = [item.nodeid for item in items if _VARYING.search(item.nodeid)]
    if named:
        raise pytest.UsageError(f"Give the parameters of this test an id: {named[0]}")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the developer's keys, tracing or proxy; tests set what they need."""
    for name in list(os.environ):
        if name.startswith(_OURS) or name.upper() in _PROXIES:
            monkeypatch.delenv(name)


@pytest.fixture
def stands_for_openrouter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers of a test count as OpenRouter's own, so that requests are those of recordings."""
    monkeypatch.setattr("openrouter_core.chat.send.is_openrouter", lambda base_url: True)


@pytest.fixture(autouse=True)
def _embeddings_begin_with_base64() -> Iterator[None]:
    """What one test learns of a model is not known to the next."""
    yield
    module = sys.modules.get("openrouter_core.resources.embeddings")
    if module is not None:
        module._without_base64.clear()


@pytest.fixture(autouse=True)
def _gates_are_open() -> None:
    """A refusal in an earlier test, or one that a database told of, does not slow this one down."""
    module = sys.modules.get("openrouter_core._http.gate")
    if module is not None:
        module.gates.clear()
        module.shared_gates.elsewhere.clear()


@pytest.fixture
def collector_waits() -> Iterator[None]:
    """For tests that nest until the stack is used up: on Python 3.11 the collector, if it comes by there,
    leaves no stack for the finalizers of what other tests forgot, and pytest counts their failure here."""
    gc.disable()
    yield
    gc.enable()
