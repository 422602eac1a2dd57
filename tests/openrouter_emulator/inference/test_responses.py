"""POST /responses: another shape of the same models, whole and as numbered events."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from openrouter_emulator import faults

FLAT_TOOL = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}


def _text(response):
    """The text of a response, as clients read it: bodies of 2026 have no `output_text`."""
    parts = [p for item in response["output"] for p in item.get("content") or ()]
    return "".join(p["text"] for p in parts if p["type"] == "output_text")


def _request(wire, **body):
    body = {"model": "openai/gpt-4o-mini", "input": "Hello", **body}
    answer = wire.post("/responses", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _events(wire, **body):
    body = {"model": "openai/gpt-4o-mini", "input": "Hello", **body}
    frames = wire.post("/responses", {**body, "stream": True}).text.split("\n\n")
    data = [f.removeprefix("data: ") for f in frames if f.startswith("data: ")]
    assert data[-1] == "[DONE]"
    return [json.loads(d) for d in data[:-1]]


MODELS = (
    "openai/gpt-4o-mini",
    "openai/gpt-5.5",
    "anthropic/claude-sonnet-4.5",
    "deepseek/deepseek-v3.2",
    "google/gemini-2.5-flash-image",
    "perplexity/sonar",
    "emulator/refuser",
)


@pytest.mark.parametrize("model", MODELS)
def test_the_events_add_up_to_the_result(wire, model):
    events = _events(
        wire, model=model, reasoning={"effort": "low"} if "deepseek" in model else None
    )

    done = [e["item"] for e in events if e["type"] == "response.output_item.done"]
    text = "".join(e["delta"] for e in events if e["type"] == "response.output_text.delta")
    final = events[-1]["response"]

    assert [e["sequence_number"] for e in events] == list(range(len(events)))
    assert [e["type"] for e in events[:2]] == ["response.created", "response.in_progress"]
    assert (events[-1]["type"], final["status"]) == ("response.completed", "completed")
    assert done == final["output"]
    assert text == _text(final)


def test_a_tool_loop_goes_through_items(wire):
    question = [{"role": "user", "content": [{"type": "input_text", "text": "Weather in Paris?"}]}]
    first = _request(wire, model="openai/gpt-5.5", input=question, tools=[FLAT_TOOL])
    (call,) = [item for item in first["output"] if item["type"] == "function_call"]
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "17 degrees"}

    last = _request(
        wire, model="openai/gpt-5.5", input=[*question, *first["output"], result], tools=[FLAT_TOOL]
    )

    assert json.loads(call["arguments"]) == {"city": "Paris"}
    assert "17 degrees" in _text(last)


def test_arguments_come_in_pieces(wire):
    events = _events(wire, input="Weather in Paris?", tools=[FLAT_TOOL])

    pieces = [e for e in events if e["type"].startswith("response.function_call_arguments")]
    assert "".join(e["delta"] for e in pieces[:-1]) == pieces[-1]["arguments"]


def test_a_flat_schema_is_honoured(wire):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    form = {"type": "json_schema", "name": "number", "schema": schema}

    answer = json.loads(_text(_request(wire, input="Take 7", text={"format": form})))

    assert answer == {"n": 7}


def test_instructions_and_settings_are_repeated(wire):
    answer = _request(wire, instructions="Be kind.", temperature=0.5, metadata={"a": "b"})

    assert (answer["instructions"], answer["temperature"]) == ("Be kind.", 0.5)
    assert answer["metadata"] == {"a": "b"}


def test_a_limit_leaves_the_answer_incomplete(wire):
    events = _events(wire, input="A long sentence to repeat", max_output_tokens=2)

    assert events[-1]["type"] == "response.incomplete"
    assert events[-1]["response"]["incomplete_details"] == {"reason": "max_output_tokens"}


@pytest.mark.parametrize(
    "body",
    [
        {"store": True},
        {"previous_response_id": "resp_1"},
        {"input": 3},
        {"input": [{"role": "user", "content": [{"type": "nonsense"}]}]},
        {"input": [{"type": "function_call_output", "output": "x"}]},
    ],
    ids=["store", "previous", "number", "part", "output"],
)
def test_what_needs_a_memory_or_makes_no_sense_is_refused(wire, body):
    sent = {"model": "openai/gpt-4o-mini", "input": "x", **body}

    assert wire.post("/responses", sent).status_code == 400


def test_it_is_booked_and_has_a_record(wire):
    answer = _request(wire)

    assert wire.emulator.total_charged == Decimal(str(answer["usage"]["cost"])) > 0
    assert (
        wire.get("/generation", id=answer["id"]).json()["data"]["usage"] == answer["usage"]["cost"]
    )


def test_scripts_and_faults_reach_it(wire):
    wire.emulator.script(["scripted"])
    assert _text(_request(wire)) == "scripted"

    wire.emulator.fail_next(faults.rate_limited())
    body = {"model": "openai/gpt-4o-mini", "input": "x"}
    assert wire.post("/responses", body).status_code == 429
