"""Which forms of a request count as the same, and which do not. Needs no recordings."""

from __future__ import annotations

from typing import Any

import pytest

from .normalize import differences, option_differences

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
CACHE = {"type": "ephemeral"}
TEXT = {"type": "text", "text": "Hi"}

SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text-part": ({"content": [TEXT]}, {"content": "Hi"}),
    "empty-beside-calls": (
        {"content": "", "tool_calls": [CALL]},
        {"content": None, "tool_calls": [CALL]},
    ),
    "missing-content": ({"tool_calls": [CALL]}, {"content": [], "tool_calls": [CALL]}),
    "index": ({"tool_calls": [{**CALL, "index": 0}]}, {"tool_calls": [CALL]}),
    "argument-spaces": (
        {"tool_calls": [CALL]},
        {"tool_calls": [{**CALL, "function": {"name": "f", "arguments": '{"a":1}'}}]},
    ),
    "null-fields": ({"content": "Hi", "refusal": None}, {"content": "Hi"}),
    "cache-control": (
        {"content": "Hi", "cache_control": CACHE},
        {"content": [{**TEXT, "cache_control": CACHE}]},
    ),
    "reasoning-twice": (
        {"content": "Hi", "reasoning": "Hm", "reasoning_details": [{"text": "Hm"}]},
        {"content": "Hi", "reasoning_details": [{"text": "Hm"}]},
    ),
}

DIFFERENT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text": ({"content": "Hi"}, {"content": "hi"}),
    "lost-text": ({"content": "Hi", "tool_calls": [CALL]}, {"tool_calls": [CALL]}),
    "call-id": ({"tool_calls": [CALL]}, {"tool_calls": [{**CALL, "id": "d"}]}),
    "cache-lost": ({"content": "Hi", "cache_control": CACHE}, {"content": "Hi"}),
    "details-lost": ({"content": "Hi", "reasoning_details": [{}]}, {"content": "Hi"}),
    "name-lost": ({"content": "Hi", "name": "n"}, {"content": "Hi"}),
    "two-parts-joined": ({"content": [TEXT, TEXT]}, {"content": "HiHi"}),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME.keys())
def test_equivalent_forms_are_the_same(pair: tuple[Any, Any]) -> None:
    one, other = ({"role": "assistant", **m} for m in pair)

    assert differences([one], [other]) == []


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_losses_are_seen(pair: tuple[Any, Any]) -> None:
    one, other = ({"role": "assistant", **m} for m in pair)

    assert differences([one], [other]) != []


def test_tool_name_may_be_added_but_not_changed() -> None:
    recorded = [
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c", "content": "1"},
    ]

    assert differences(recorded, [recorded[0], {**recorded[1], "name": "f"}]) == []
    assert differences(recorded, [recorded[0], {**recorded[1], "name": "g"}]) != []


def test_file_name_may_be_added_but_not_changed() -> None:
    nameless, named, renamed = (
        {"role": "user", "content": [{"type": "file", "file": {"file_data": "d", **name}}, TEXT]}
        for name in ({}, {"filename": "a"}, {"filename": "b"})
    )

    assert differences([nameless], [named]) == []
    assert differences([named], [renamed]) != []
    assert differences([named], [nameless]) != []


def test_a_lost_message_is_seen() -> None:
    assert differences([{"role": "user", "content": "a"}], []) != []


def test_changed_and_invented_options_are_seen() -> None:
    recorded = {"model": "m", "provider": {"zdr": True}, "stream": True, "messages": []}

    problems = option_differences(recorded, {"model": "m", "temperature": 0.1})

    assert [p.split(":")[0].strip() for p in problems] == ["provider", "temperature"]


SAME_OPTIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "first-of-models": ({"models": ["a", "b"]}, {"models": ["a", "b"], "model": "a"}),
    "one-answer": ({"n": 1}, {}),
    "no-stop": ({"stop": []}, {}),
    "effort": ({"reasoning_effort": "low"}, {"reasoning": {"effort": "low"}}),
}

DIFFERENT_OPTIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "another-model": ({"models": ["a", "b"]}, {"models": ["a", "b"], "model": "b"}),
    "two-answers": ({"n": 2}, {}),
    "a-stop": ({"stop": ["x"]}, {}),
    "another-effort": ({"reasoning_effort": "low"}, {"reasoning": {"effort": "high"}}),
    "effort-lost": ({"reasoning_effort": "low"}, {}),
    "number-as-text": ({"seed": 1}, {"seed": "1"}),
}


@pytest.mark.parametrize("pair", SAME_OPTIONS.values(), ids=SAME_OPTIONS.keys())
def test_equivalent_options_are_the_same(pair: tuple[Any, Any]) -> None:
    assert option_differences(*pair) == []


@pytest.mark.parametrize("pair", DIFFERENT_OPTIONS.values(), ids=DIFFERENT_OPTIONS.keys())
def test_changed_options_are_seen(pair: tuple[Any, Any]) -> None:
    assert option_differences(*pair) != []
