"""Answers that were got wrong in one to three places: a typed error at worst, and never a text that is lost."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openrouter_core import OpenRouterError
from openrouter_core.errors import classify
from openrouter_core.streaming.reader import SseDecoder
from tests.fuzz import driven, exchanges
from tests.fuzz.mutated import Path, mutated

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
"""`make fuzz` takes many more, with another seed in each round; otherwise they are the same in each run."""
fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    database=None,
    derandomize="FUZZ_EXAMPLES" not in os.environ,
)
_TEXT_STANDS_AT = frozenset({"choices", "message", "delta", "content", "error", "index"})


def _carries_text(path: Path) -> bool:
    """Whether a change there may take the text away."""
    return path[-1] in _TEXT_STANDS_AT or isinstance(path[-1], int)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Each answer is logged and warned of; there are thousands."""
    with warnings.catch_warnings(), caplog.at_level("CRITICAL"):
        warnings.simplefilter("ignore")
        yield


def _text_or_typed(read: Callable[[], str]) -> str:
    """The text, also where it is what had come before a stream failed."""
    try:
        return read()
    except OpenRouterError as error:
        return str(getattr(error, "partial_text", "") or error)


ANSWERS = [exchanges.ANSWER, *exchanges.recorded_answers()]
STREAMS = [exchanges.STREAM, *exchanges.recorded_streams("/chat/completions")]


@pytest.mark.parametrize("read", driven.WHOLE)
@given(answer=mutated(ANSWERS))
@fuzzed
def test_an_answer_is_read_or_is_a_typed_error(read: Callable[[], str], answer: Any):
    driven.answers(answer)

    assert isinstance(_text_or_typed(read), str)


@pytest.mark.parametrize("read", driven.WHOLE)
@given(answer=mutated([exchanges.ANSWER], _carries_text))
@fuzzed
def test_the_text_of_an_answer_is_not_lost(read: Callable[[], str], answer: Any):
    driven.answers(answer)

    assert exchanges.TEXT in _text_or_typed(read)


@pytest.mark.parametrize("read", driven.STREAMED)
@given(events=mutated(STREAMS))
@fuzzed
def test_a_stream_is_read_or_is_a_typed_error(read: Callable[[], str], events: list[Any]):
    driven.streams(events)

    assert isinstance(_text_or_typed(read), str)


@pytest.mark.parametrize("read", driven.STREAMED)
@given(events=mutated([exchanges.STREAM], _carries_text))
@fuzzed
def test_the_text_of_a_stream_is_not_lost(read: Callable[[], str], events: list[Any]):
    driven.streams(events)

    assert exchanges.TEXT in _text_or_typed(read)


@pytest.mark.parametrize("path", driven.OTHERS)
@given(data=st.data())
@fuzzed
def test_another_stream_is_read_or_is_a_typed_error(path: str, data: st.DataObject):
    documents = [*exchanges.OTHER_STREAMS[path], *exchanges.recorded_streams(path)]
    driven.streams(data.draw(mutated(documents)))

    def read() -> str:
        state = driven.OTHERS[path]()
        assert state.result() is not None
        assert state.summary is not None
        return str(state.text)

    assert isinstance(_text_or_typed(read), str)


ERRORS = [
    {
        "error": {
            "code": 429,
            "message": "No.",
            "metadata": {
                "raw": '{"error": {"message": "slow"}}',
                "provider_name": "P",
                "headers": {"Retry-After": "5", "X-RateLimit-Reset": "1700000000000"},
                "reasons": ["violence"],
                "flagged_input": "x",
            },
        },
        "user_id": "u",
    },
    {"error": {"type": "overloaded_error", "message": "busy"}, "type": "error", "request_id": "r"},
    {"error": {"http_status": 404, "availability": {"code": "no_endpoints", "retry_after": 3}}},
    {"success": False, "error": {"name": "ZodError", "message": "[]"}},
    {"detail": [{"loc": ["body", "model"], "msg": "missing"}]},
]
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "x-ratelimit-reset", "x-generation-id"]), st.text(max_size=30)
)


@given(body=mutated(ERRORS), status=st.integers(200, 599), headers=HEADERS)
@fuzzed
def test_an_error_of_any_shape_is_classified(body: Any, status: int, headers: dict[str, str]):
    error = classify(status, body, headers)

    assert isinstance(str(error), str)
    assert copy.copy(error).message == error.message


@given(body=st.binary(max_size=300), status=st.sampled_from([200, 400, 502]))
@fuzzed
def test_an_answer_of_any_bytes_is_a_typed_error(body: bytes, status: int):
    driven.answers(body, status)

    assert isinstance(_text_or_typed(driven.core), str)


_LINES = st.sampled_from(
    [*(b"data: {}", b"data:x", b"data", b": c", b"event: e", b"id: 1", b"retry: 5", b""), b"\xff"]
)
_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(lines=st.lists(st.tuples(_LINES, _ENDS), max_size=30), cuts=st.lists(st.integers(0, 200)))
@fuzzed
def test_events_are_the_same_wherever_their_bytes_are_cut(
    lines: list[tuple[bytes, bytes]], cuts: list[int]
):
    body = b"".join(line + end for line, end in lines)
    whole, pieces = SseDecoder(), SseDecoder()
    at = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})

    together = [*whole.feed(body), *whole.flush()]
    apart = [payload for start, stop in pairwise(at) for payload in pieces.feed(body[start:stop])]

    assert [*apart, *pieces.flush()] == together
