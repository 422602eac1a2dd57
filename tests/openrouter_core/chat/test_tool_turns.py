"""Arguments of earlier calls as every provider takes them; ids and names are held by `test_history`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openrouter_core.chat.tool_turns import arguments_text, with_accepted_ids


@pytest.mark.parametrize("text", ['{"a": 1}', '{ "a":1 , "b":"\\u00e9" }', '{"a": {"b": []}}'])
def test_the_text_of_an_object_goes_out_byte_for_byte(text: str):
    assert arguments_text(text) == text


@pytest.mark.parametrize("nothing", [None, "", "  ", "{}", "null", "[]", {}, [], '""'])
def test_no_arguments_are_an_empty_object(nothing: Any):
    assert arguments_text(nothing) == "{}"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ({"a": "é"}, '{"a": "é"}'),
        ('{"a": "x\ny"}', '{"a": "x\\ny"}'),
        ('{"a": "x\ty"}', '{"a": "x\\ty"}'),
        (json.dumps('{"a": 1}'), '{"a": 1}'),
        ('{}{"a": 1}', '{"a": 1}'),
    ],
    ids=["dict", "line break", "tab", "encoded twice", "placeholder"],
)
def test_what_can_be_read_goes_out_as_valid_json(written: Any, sent: str):
    """Providers refuse a history that holds anything else."""
    assert arguments_text(written) == sent


@pytest.mark.usefixtures("collector_waits")
@pytest.mark.parametrize(
    "written", ['{"a": "Par', "INVALID", "[1]", "3", [1], '"words"', "[" * 100_000]
)
def test_what_cannot_be_read_is_kept_inside_an_object(written: Any):
    value = json.loads(arguments_text(written))
    assert value == {"invalid_arguments": written if isinstance(written, str) else "[1]"}


def test_ids_that_every_vendor_takes_have_nine_letters_and_digits():
    function = {"name": "f", "arguments": "{}"}
    calls = [
        {"id": i, "type": "function", "function": function} for i in ("f:0", "f:0", "6vLUWtMFK")
    ]
    results = [
        {"role": "tool", "tool_call_id": i, "content": ""} for i in ("f:0", "f:0", "6vLUWtMFK")
    ]
    calling, *answered = with_accepted_ids([{"role": "assistant", "tool_calls": calls}, *results])
    ids = [call["id"] for call in calling["tool_calls"]]
    assert ids == [result["tool_call_id"] for result in answered]
    assert len(set(ids)) == 3
    assert all(len(i) == 9 and i.isalnum() and i.isascii() for i in ids)
    assert ids[2] == "6vLUWtMFK"
