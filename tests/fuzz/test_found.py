"""What fuzzing found, one by one: a leaf of an odd type that cost the whole answer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from openrouter_core import ResponseShapeError
from tests.fuzz import driven, exchanges

MESSAGE = ("choices", 0, "message")
TOKEN = ("choices", 0, "logprobs", "content", 0)
FOUND: list[tuple[tuple[Any, ...], Any]] = [
    ((*TOKEN, "top_logprobs"), "x"),
    ((*TOKEN, "top_logprobs"), 10**30),
    ((*TOKEN, "top_logprobs"), [None]),
    ((*TOKEN, "top_logprobs"), [-1]),
    ((*TOKEN, "top_logprobs"), [[[]]]),
    ((*TOKEN, "token"), [None]),
    ((*TOKEN, "logprob"), {}),
    ((*TOKEN, "bytes"), -1),
    ((*TOKEN, "bytes"), [87, {"a": 1}]),
    ((*MESSAGE, "images", 0, "type"), []),
    ((*MESSAGE, "images", 0, "type"), {"error": None}),
    ((*MESSAGE, "audio", "data"), "\ud800"),
    ((*MESSAGE, "audio", "data"), ""),
    ((*MESSAGE, "audio", "format"), ["a"]),
    ((*MESSAGE, "reasoning_details", 0, "format"), {"error": None}),
    ((*MESSAGE, "reasoning_details", 0, "id"), ["a"]),
]


def _with(document: Any, path: tuple[Any, ...], odd: Any) -> Any:
    changed = place = copy.deepcopy(document)
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = odd
    return changed


@pytest.mark.parametrize("read", driven.WHOLE)
@pytest.mark.parametrize(("path", "odd"), FOUND, ids=repr)
def test_the_leaf_is_left_out_and_the_text_is_there(
    read: Callable[[], str], path: tuple[Any, ...], odd: Any
):
    driven.answers(_with(exchanges.ANSWER, path, odd))

    assert exchanges.TEXT in read()


@pytest.mark.parametrize("read", driven.STREAMED)
@pytest.mark.parametrize(("path", "odd"), FOUND, ids=repr)
def test_the_leaf_is_left_out_of_a_stream(read: Callable[[], str], path: tuple[Any, ...], odd: Any):
    in_delta = tuple("delta" if key == "message" else key for key in path)
    driven.streams(_with(exchanges.STREAM, (0, *in_delta), odd))

    assert exchanges.TEXT in read()


@pytest.mark.parametrize("read", driven.WHOLE)
def test_a_choice_that_is_null_is_no_choice(read: Callable[[], str]):
    driven.answers(_with(exchanges.ANSWER, ("choices", 0), None))

    with pytest.raises(ResponseShapeError):
        read()


@pytest.mark.parametrize("begun", [True, {"type": None}, [5]], ids=repr)
def test_a_block_of_a_message_that_begins_oddly_goes_on(begun: Any):
    events = exchanges.OTHER_STREAMS["/messages"][0]
    driven.streams(_with(events, (1, "content_block", "text"), begun))

    assert exchanges.TEXT in driven.OTHERS["/messages"]().text
