"""How many calls of the project's own functions a piece of work takes, and through how many files.

Each is counted on an object that has worked before. A comprehension counts as a call where Python makes
one of it, which 3.12 no longer does.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NamedTuple

import pytest

from openrouter_core import OpenRouterClient
from openrouter_core.observers import framework_runs
from tests.bench import _canned
from tests.house._tree import PACKAGES

PROJECT = tuple(f"{PACKAGES[name]}/" for name in PACKAGES if name != "openrouter_emulator")
ANSWERS = {
    "tool_call": _canned.events([_canned.tool_call(n) for n in range(4)]),
    "guardrails": _canned.body({"data": [], "total_count": 0}),
}


class Count(NamedTuple):
    """Calls of project functions, and the files that they are in."""

    calls: int
    files: int


OPENING_A_STREAM = Count(101, 20)
TOOL_CALL_PIECE = Count(21, 11)
LIST_OF_GUARDRAILS = Count(38, 13)
"""The most that each may take."""


def counted(work: Callable[[], object]) -> Count:
    """Do the work and count."""
    files = Counter[str]()

    def called(frame: FrameType, event: str, argument: object) -> None:
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(PROJECT):
            files[name] += 1

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(before)
    return Count(files.total(), len(files))


def assert_at_most(count: Count, most: Count) -> None:
    """Both of them; prints what they are."""
    print(count)  # noqa: T201  # pytest -s shows where the project stands
    assert 0 < count.calls <= most.calls
    assert 0 < count.files <= most.files


@pytest.fixture
def server() -> Iterator[_canned.CannedServer]:
    with _canned.CannedServer(ANSWERS) as server:
        yield server


@pytest.fixture
def stream(
    server: _canned.CannedServer, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Iterator[object]]:
    """Opens a stream of a LangChain model that has streamed before; nobody traces it."""
    monkeypatch.setattr(framework_runs, "asked", False)
    adapter = pytest.importorskip("langchain_openrouter", reason="needs the extra [langchain]")
    url = server.url("tool_call")
    model = adapter.ChatOpenRouter(model="bench/text", api_key="sk-or-bench", base_url=url)

    def opened() -> Iterator[object]:
        return model.stream("Write.")

    before = opened()
    server.send_piece(4)
    assert len(list(before)) > 4
    return opened


def test_opening_a_langchain_stream_to_its_first_chunk(stream: Callable[[], Iterator[object]]):
    chunks = stream()  # nothing is sent yet

    assert_at_most(counted(lambda: next(chunks)), OPENING_A_STREAM)


def test_a_piece_of_a_streamed_tool_call(
    stream: Callable[[], Iterator[object]], server: _canned.CannedServer
):
    chunks = stream()
    next(chunks)
    server.send_piece()

    assert_at_most(counted(lambda: next(chunks)), TOOL_CALL_PIECE)


def test_a_list_of_guardrails(server: _canned.CannedServer):
    with OpenRouterClient("sk-or-bench", base_url=server.url("guardrails")) as client:
        client.guardrails.list()

        assert_at_most(counted(client.guardrails.list), LIST_OF_GUARDRAILS)
