"""POST /messages: Anthropic's shape, whole and as named events."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from openrouter_emulator import faults

TOOL = {
    "name": "get_weather",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
CLAUDE = "anthropic/claude-sonnet-4.5"


def _body(**body):
    messages = [{"role": "user", "content": "Weather in Paris?"}]
    return {"model": CLAUDE, "max_tokens": 2000, "messages": messages, **body}


def _request(wire, **body):
    answer = wire.post("/messages", _body(**body))
    assert answer.status_code == 200, answer.text
    return answer.json()


def _events(wire, **body):
    frames = wire.post("/messages", _body(stream=True, **body)).text.split("\n\n")
    named = [f.split("\n") for f in frames if f.startswith("event: ")]
    return [(n.removeprefix("event: "), d.removeprefix("data: ")) for n, d in named]


THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}}


@pytest.mark.parametrize("more", [{}, THINKING, {"tools": [TOOL]}], ids=["text", "thought", "tool"])
def test_the_events_add_up_to_the_message(wire, more):
    events = [(name, json.loads(data)) for name, data in _events(wire, **more)]
    whole = _request(wire, **more)

    blocks = [event["content_block"] for _, event in events if "content_block" in event]
    for _, event in events:
        delta = event.get("delta", {})
        for kind, field in (("text_delta", "text"), ("thinking_delta", "thinking")):
            if delta.get("type") == kind:
                blocks[event["index"]][field] += delta[field]

    assert all(name == event["type"] for name, event in events)
    assert events[0][0] == "message_start"
    assert events[-1][0] == "message_stop"
    assert [b["type"] for b in blocks] == [b["type"] for b in whole["content"]]
    assert [b.get("text") for b in blocks] == [b.get("text") for b in whole["content"]]
    assert [b.get("thinking") for b in blocks] == [b.get("thinking") for b in whole["content"]]


def test_a_tool_loop_goes_through_blocks(wire):
    first = _request(wire, tools=[TOOL])
    (use,) = [b for b in first["content"] if b["type"] == "tool_use"]
    result = {"type": "tool_result", "tool_use_id": use["id"], "content": "17 degrees"}
    turns = [
        *_body()["messages"],
        {"role": "assistant", "content": first["content"]},
        {"role": "user", "content": [result]},
    ]

    last = _request(wire, tools=[TOOL], messages=turns)

    assert (first["stop_reason"], use["input"]) == ("tool_use", {"city": "Paris"})
    assert "17 degrees" in last["content"][-1]["text"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, "end_turn"),
        ({"max_tokens": 2}, "max_tokens"),
        ({"tools": [TOOL], "tool_choice": {"type": "any"}}, "tool_use"),
        ({"model": "emulator/refuser"}, "refusal"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_why_it_stopped(wire, more, reason):
    assert _request(wire, **more)["stop_reason"] == reason


def test_the_cost_is_booked_and_comes_with_the_last_delta(wire):
    events = dict(_events(wire))
    wire.emulator.wait_idle()

    usage = json.loads(events["message_delta"])["usage"]
    assert Decimal(str(usage["cost"])) == wire.emulator.total_charged > 0
    assert "cost" not in json.loads(events["message_start"])["message"]["usage"]


def test_the_recorded_end_can_be_had_too(wire):
    assert _events(wire)[-1][0] == "message_stop"

    wire.emulator.done_after_messages = True
    assert _events(wire)[-1] == ("data", "[DONE]")


def test_refusals_have_anthropic_s_envelope(wire):
    unknown = wire.post("/messages", _body(model="no/such"))
    wire.emulator.fail_next(faults.rate_limited())
    limited = wire.post("/messages", _body())
    anonymous = wire.http.post(f"{wire.emulator.base_url}/messages", json=_body())

    errors = [answer.json() for answer in (unknown, limited, anonymous)]
    assert [t["type"] for t in errors] == ["error"] * 3
    assert [t["error"]["type"] for t in errors] == [
        "invalid_request_error", "rate_limit_error", "authentication_error",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        {"messages": []},
        {"messages": [{"role": "tool", "content": "x"}]},
        {"messages": [{"role": "user", "content": [{"type": "nonsense"}]}]},
        {"thinking": {"type": "enabled", "budget_tokens": 10}},
        {"tools": [TOOL], "tool_choice": {"type": "maybe"}},
        {"fallbacks": [{"model": CLAUDE}], "models": [CLAUDE]},
    ],
    ids=["empty", "role", "block", "budget", "choice", "fallbacks"],
)
def test_what_makes_no_sense_is_refused(wire, body):
    assert wire.post("/messages", _body(**body)).status_code == 400
