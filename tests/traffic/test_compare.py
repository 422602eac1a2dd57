"""The judges are judged: each must see a loss when there is one. Needs no recordings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from openrouter_core import BadRequestError, RateLimitError, WireModel

from . import failures, next_turn, reachable
from .expected_answers import Answer, Failure, ToolCall
from .scoreboard import Scoreboard

CALL = ToolCall("c", "f", '{"b": 1, "a":2}')
DETAIL = {"type": "reasoning.text", "text": "Hm", "signature": "s", "index": 0}
ANSWER = Answer(text="Hi", reasoning_details=[DETAIL], tool_calls=[CALL])


def message(**changes: Any) -> dict[str, Any]:
    function = {"name": "f", "arguments": changes.pop("arguments", CALL.arguments)}
    calls = [{"id": changes.pop("id", "c"), "type": "function", "function": function}]
    return {"content": "Hi", "reasoning_details": [DETAIL], "tool_calls": calls, **changes}


def test_faithful_next_turn_passes() -> None:
    assert next_turn.problems_of(ANSWER, message(), way="") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"content": "hi"},
        {"reasoning_details": [{**DETAIL, "signature": None}]},
        {"reasoning_details": [DETAIL, DETAIL]},
        {"reasoning_details": None},
        {"arguments": '{"a": 2, "b": 1}'},
        {"id": "d"},
        {"tool_calls": []},
    ],
    ids=["text", "signature", "twice", "details", "arguments", "id", "calls"],
)
def test_unfaithful_next_turn_is_seen(changes: dict[str, Any]) -> None:
    assert next_turn.problems_of(ANSWER, message(**changes), way="") != []


def test_a9_absent_and_empty_details_differ_on_the_next_turn() -> None:
    empty = replace(ANSWER, reasoning_details=[])

    assert next_turn.problems_of(empty, message(reasoning_details=[]), way="") == []
    assert next_turn.problems_of(empty, message(reasoning_details=None), way="") != []


def test_d2_blank_and_broken_arguments_go_back_as_json() -> None:
    blank = replace(ANSWER, tool_calls=[ToolCall("c", "f", "")])
    broken = replace(ANSWER, tool_calls=[], invalid_tool_calls=[ToolCall("c", "f", '{"a')])
    stand_in = message(arguments='{"invalid_arguments": "{\\"a"}')

    assert next_turn.problems_of(blank, message(arguments="{}"), way="") == []
    assert next_turn.problems_of(broken, stand_in, way="") == []
    assert next_turn.problems_of(broken, message(arguments="{}"), way="") != []


def test_lost_signature_is_seen_under_the_default_policy() -> None:
    assert next_turn.lost_signed_entries(ANSWER, message()) == []
    assert next_turn.lost_signed_entries(ANSWER, message(reasoning_details=[])) != []


BODY = {"error": {"code": 400, "message": "Bad"}}
EXPECTED = Failure("BadRequestError", 400, 400, ["Bad"], BODY)


def test_right_error_passes_and_wrong_ones_are_seen() -> None:
    right = {"status_code": 400, "code": 400, "raw": BODY}

    assert failures.problems_of(EXPECTED, BadRequestError("Bad.", **right)) == []
    for wrong in (
        RateLimitError("Bad.", **right),
        BadRequestError("Something failed.", **right),
        BadRequestError("Bad.", **{**right, "code": "400"}),
        BadRequestError("Bad.", **{**right, "raw": None}),
        ValueError("Bad."),
        None,
    ):
        assert failures.problems_of(EXPECTED, wrong) != []


class Inner(WireModel):
    price: Decimal | None = None
    at: datetime | None = None


class Outer(WireModel):
    inner: Inner | None = None
    items: list[Inner] | None = None


WIRE = {"inner": {"price": 0.1, "at": 0, "new": [1]}, "items": [{"price": "2"}], "x": {"y": None}}


def test_typed_answer_that_shows_everything_passes() -> None:
    assert list(reachable.lost(WIRE, Outer.model_validate(WIRE))) == []


@pytest.mark.parametrize(
    "shown",
    [
        Outer(inner=Inner(price=Decimal("0.1"), at=datetime.fromtimestamp(0, UTC))),
        Outer.model_validate({**WIRE, "inner": {**WIRE["inner"], "price": 0.2}}),
        Outer.model_validate({**WIRE, "inner": {**WIRE["inner"], "at": 1}}),
        Outer.model_validate({**WIRE, "items": []}),
        Outer.model_validate({**WIRE, "x": {}}),
        Outer.model_validate({**WIRE, "x": None}),
    ],
    ids=["unknown", "price", "time", "item", "inner-unknown", "object"],
)
def test_typed_answer_that_lacks_something_is_seen(shown: Outer) -> None:
    assert list(reachable.lost(WIRE, shown)) != []


def test_table_adds_up_over_processes_and_names_losses() -> None:
    one, other = Scoreboard(), Scoreboard()
    one.add("core sync", "text", ok=True)
    other.add("core sync", "text", ok=True)
    other.add("core async", "text", ok=False)

    one.merge(*other.as_plain_data())

    row = next(line for line in one.lines() if line.startswith("text"))
    assert row.split("/")[0].split()[-1] == "2"
    assert "2 / 2" in row
    assert "1 / 0 LOSS" in row
