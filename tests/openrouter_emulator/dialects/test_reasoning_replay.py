"""Reasoning in each provider's form, and the check that it comes back unmodified."""

from __future__ import annotations

import pytest

from openrouter_emulator import Reply, ToolCall
from openrouter_emulator.dialects.reasoning_replay import merged

CLAUDE = "anthropic/claude-haiku-4.5"
GEMINI = "google/gemini-3-flash-preview"
GPT = "openai/gpt-5.5"
THINK = {"reasoning": {"effort": "low"}}


def _details(stream):
    return [d for delta in stream.deltas for d in delta.get("reasoning_details") or []]


def test_claude_streams_text_and_then_a_signature_without_text(wire):
    stream = wire.stream("Hi", model=CLAUDE, **THINK)
    *texts, last = _details(stream)

    assert len(texts) > 3
    assert all(set(t) == {"type", "text", "format", "index"} for t in texts)
    assert set(last) == {"type", "signature", "format", "index"}
    assert {d["format"] for d in (*texts, last)} == {"anthropic-claude-v1"}
    (delta,) = [d for d in stream.deltas if last in (d.get("reasoning_details") or [])]
    assert "reasoning" not in delta


def test_openai_sends_summary_and_encrypted_item_on_one_index(wire):
    found = _details(wire.stream("Hi", model=GPT))

    assert {d["type"] for d in found} == {"reasoning.summary", "reasoning.encrypted"}
    assert {d["index"] for d in found} == {0}
    assert found[-1]["id"].startswith("rs_")


def test_gemini_ties_its_encrypted_detail_to_the_tool_call(wire, tool):
    stream = wire.stream("Weather in Paris?", model=GEMINI, tools=[tool("w", city="string")])
    sealed = _details(stream)[-1]
    kinds = ["call" if "tool_calls" in d else "thought" for d in stream.deltas]

    assert sealed["type"] == "reasoning.encrypted"
    assert sealed["id"] == stream.tool_pieces[0]["id"]
    assert kinds.index("call") > max(
        at for at, d in enumerate(stream.deltas) if sealed in (d.get("reasoning_details") or [])
    )


@pytest.mark.parametrize(
    ("model", "form"),
    [
        ("x-ai/grok-4.3", "xai-responses-v1"),
        ("deepseek/deepseek-v3.2", "unknown"),
        ("minimax/minimax-m2", None),
    ],
)
def test_other_formats(wire, model, form):
    assert {d["format"] for d in _details(wire.stream(model=model, **THINK))} == {form}


@pytest.mark.parametrize("model", [CLAUDE, GPT, GEMINI, "deepseek/deepseek-v3.2"])
def test_streamed_fragments_merge_to_the_plain_details(wire, model):
    plain = wire.message("Hi", model=model, **THINK)
    stream = wire.stream("Hi", model=model, **THINK)

    assert merged(_details(stream)) == plain["reasoning_details"]
    assert "".join(d.get("reasoning") or "" for d in stream.deltas) == plain["reasoning"]


def test_reasoning_is_off_unless_asked_or_default(wire):
    assert "reasoning_details" not in wire.message(model=CLAUDE)
    assert wire.message(model=GPT)["reasoning_details"]
    assert "reasoning_details" not in wire.message(model=GPT, reasoning={"effort": "none"})
    assert wire.message(model=CLAUDE, include_reasoning=True)["reasoning_details"]
    assert wire.message(model=CLAUDE, reasoning={"max_tokens": 2000})["reasoning_details"]
    assert wire.message(model=CLAUDE, reasoning_effort="low")["reasoning_details"]


def test_excluded_reasoning_is_billed_but_not_shown(wire):
    body = wire.ok(model=GPT, reasoning={"exclude": True})

    assert body["choices"][0]["message"]["reasoning"] is None
    assert "reasoning_details" not in body["choices"][0]["message"]
    assert body["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0


def test_scripted_details_go_out_as_given(wire):
    details = [
        {"type": "reasoning.new", "x": 1},
        {"type": "reasoning.text", "text": "hm", "index": 3},
    ]
    wire.emulator.script([Reply("a", reasoning_details=details), Reply("a", reasoning_details=[])])

    assert _details(wire.stream()) == details
    assert wire.message()["reasoning_details"] == []


class Loop:
    """One tool round on a model, up to the request that brings the result."""

    def __init__(self, wire, tool, model):
        self.wire = wire
        self.body = {"model": model, "tools": [tool("w", city="string")], **THINK}
        self.question = {"role": "user", "content": "Weather in Paris?"}
        self.turn = wire.message([self.question], **self.body)

    def send(self, **changes):
        assistant = {"role": "assistant", **self.turn, **changes}
        assistant = {k: v for k, v in assistant.items() if v != "absent"}
        call = self.turn["tool_calls"][0]["id"]
        result = {"role": "tool", "tool_call_id": call, "content": "22"}
        return self.wire.chat([self.question, assistant, result], **self.body)


@pytest.mark.parametrize("model", [CLAUDE, GEMINI])
def test_details_that_come_back_unmodified_are_accepted(wire, tool, model):
    """quirks.md A1: the second request of a tool loop must carry the details."""
    assert Loop(wire, tool, model).send().status_code == 200


@pytest.mark.parametrize("model", [CLAUDE, GEMINI])
@pytest.mark.parametrize("change", ["absent", "empty", "altered"])
def test_details_that_are_lost_or_altered_are_refused(wire, tool, model, change):
    """quirks.md A1, A2: signing models refuse a tool loop without its reasoning."""
    loop = Loop(wire, tool, model)
    *rest, last = loop.turn["reasoning_details"]
    altered = [*rest, {**last, "format": last["format"] * 3}]
    changed = {"absent": "absent", "empty": [], "altered": altered}
    answer = loop.send(reasoning_details=changed[change])

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["message"] == "Provider returned error"
    assert error["metadata"]["provider_name"]


def test_gemini_does_not_miss_text_that_it_never_signed(wire, tool):
    """quirks.md A5: unsigned text may be dropped, the signature of the call may not."""
    loop = Loop(wire, tool, GEMINI)
    *_, sealed = loop.turn["reasoning_details"]

    assert loop.send(reasoning_details=[sealed]).status_code == 200


def test_unmerged_fragments_are_refused_by_claude(wire):
    """quirks.md A3: fragments of one thinking block have no valid signature."""
    stream = wire.stream("Hi", model=CLAUDE, **THINK)
    history = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": stream.text, "reasoning_details": _details(stream)},
        {"role": "user", "content": "More"},
    ]
    answer = wire.chat(history, model=CLAUDE)
    history[1]["reasoning_details"] = merged(_details(stream))

    assert answer.status_code == 400
    assert "signature" in answer.json()["error"]["metadata"]["raw"]
    assert wire.ok(history, model=CLAUDE)


def test_streamed_details_are_remembered_merged(wire, tool):
    tools = [tool("w", city="string")]
    question = {"role": "user", "content": "Weather in Paris?"}
    stream = wire.stream([question], model=CLAUDE, tools=tools, **THINK)
    call = stream.tool_pieces[0]
    function = {"name": "w", "arguments": '{"city": "Paris"}'}
    answer = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": call["id"], "type": "function", "function": function}],
        "reasoning_details": merged(_details(stream)),
    }
    result = {"role": "tool", "tool_call_id": call["id"], "content": "22"}

    assert wire.ok([question, answer, result], model=CLAUDE, tools=tools, **THINK)


def test_another_model_does_not_ask_for_foreign_details(wire, tool):
    loop = Loop(wire, tool, CLAUDE)
    loop.body["model"] = GEMINI

    assert loop.send(reasoning_details="absent").status_code == 200


def test_the_check_can_be_switched_off(wire, tool):
    wire.emulator.check_reasoning = False

    assert Loop(wire, tool, CLAUDE).send(reasoning_details="absent").status_code == 200


def test_scripted_tool_calls_are_checked_too(wire, tool):
    details = [
        {"type": "reasoning.encrypted", "data": "x", "format": "google-gemini-v1", "index": 0}
    ]
    wire.emulator.script(Reply(tool_calls=[ToolCall("w", {}, "t1")], reasoning_details=details))
    loop = Loop(wire, tool, GEMINI)

    assert loop.send(reasoning_details="absent").status_code == 400
    assert loop.send().status_code == 200


def test_expired_openai_items_are_refused_when_told_so(wire, tool):
    """quirks.md A6: a replayed `rs_` item may be unknown to the provider."""
    loop = Loop(wire, tool, GPT)
    assert loop.send().status_code == 200

    wire.emulator.forget_reasoning_items = True
    answer = loop.send()
    assert answer.status_code == 400
    assert "Items are not persisted" in answer.json()["error"]["metadata"]["raw"]
    assert loop.send(reasoning_details=loop.turn["reasoning_details"][:1]).status_code == 200
