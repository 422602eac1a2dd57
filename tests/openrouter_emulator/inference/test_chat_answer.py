"""What a chat answer looks like on the wire, plain and streamed."""

from __future__ import annotations

import re

import pytest

from openrouter_emulator import Raw, Reply, ToolCall


def test_a_plain_reply_has_the_recorded_shape(wire):
    answer = wire.chat("Hello")
    body = answer.json()

    assert re.fullmatch(r"gen-\d{10}-[A-Za-z0-9]{20}", body["id"])
    assert answer.headers["x-generation-id"] == body["id"]
    assert list(body)[:5] == ["id", "object", "created", "model", "provider"]
    assert (body["object"], body["provider"]) == ("chat.completion", "OpenAI")
    choice = body["choices"][0]
    assert (choice["finish_reason"], choice["native_finish_reason"]) == ("stop", "stop")
    assert choice["message"] == {
        "role": "assistant",
        "content": "You said: Hello.",
        "refusal": None,
        "reasoning": None,
    }
    assert set(body["usage"]) == {
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "cost",
        "is_byok",
        "prompt_tokens_details",
        "cost_details",
        "completion_tokens_details",
    }


def test_the_reply_names_the_dated_model(wire):
    body = wire.ok(model="anthropic/claude-haiku-4.5")

    assert body["model"] == "anthropic/claude-4.5-haiku-20251001"


def test_money_is_written_in_plain_decimals(wire):
    text = wire.chat("Hello").text

    assert re.search(r'"cost":0\.0000\d+[,}]', text)
    assert "e-0" not in text


def test_text_is_sent_as_utf8_not_escaped(wire):
    assert "你好" in wire.chat("你好").text


def test_a_stream_is_comments_events_and_done(wire):
    stream = wire.stream("Hello there")

    assert stream.headers["content-type"] == "text/event-stream"
    assert stream.headers["x-generation-id"] == stream.chunks[0]["id"]
    assert stream.comments == [": OPENROUTER PROCESSING"] * 2
    assert stream.frames[0] == stream.comments[0]
    assert stream.done
    assert stream.text == "You said: Hello there."
    assert {c["id"] for c in stream.chunks} == {stream.chunks[0]["id"]}


def test_every_delta_has_the_role_and_content(wire):
    for delta in wire.stream("Hello there").deltas:
        assert delta["role"] == "assistant"
        assert "content" in delta


def test_usage_form_3_repeats_the_finish_chunk(wire):
    *_, finish, last = wire.stream().chunks

    assert "usage" not in finish
    assert last["usage"]["cost"] > 0
    for chunk in (finish, last):
        assert chunk["choices"][0]["finish_reason"] == "stop"
        assert chunk["choices"][0]["native_finish_reason"] == "stop"


def test_usage_form_2_has_no_choices(wire):
    wire.emulator.usage_form = 2
    last = wire.stream().chunks[-1]

    assert last["choices"] == []
    assert last["usage"]["total_tokens"] > 0


def test_usage_form_1_has_a_choice_without_finish_reason(wire):
    wire.emulator.usage_form = 1
    *_, finish, last = wire.stream().chunks

    assert finish["choices"][0]["finish_reason"] == "stop"
    assert last["choices"][0]["finish_reason"] is None
    assert last["usage"]["total_tokens"] > 0


def test_stream_and_plain_answer_cost_the_same(wire):
    assert wire.stream("Hello").usage == wire.ok("Hello")["usage"]


def test_comments_can_stand_between_events(wire):
    wire.emulator.comment_every = 1
    stream = wire.stream("Hello")

    assert len(stream.comments) == 2 + len(stream.chunks)


def test_comments_can_be_left_out(wire):
    wire.emulator.comments = 0

    assert wire.stream().comments == []


def test_tool_deltas_have_null_content(wire, tool):
    stream = wire.stream("Weather in Paris?", tools=[tool("get_weather", city="string")])
    with_tools = [d for d in stream.deltas if "tool_calls" in d]

    assert len(with_tools) >= 3
    assert all(d["content"] is None for d in with_tools)


@pytest.mark.parametrize(
    ("model", "first", "later"),
    [
        ("openai/gpt-4o-mini", {"name", "arguments"}, {"index", "function"}),
        ("deepseek/deepseek-v3.2", {"name", "arguments"}, {"index", "type", "function"}),
        ("qwen/qwen3-max", {"name", "arguments"}, {"index", "id", "type", "function"}),
        ("meta-llama/llama-4-scout", {"name"}, {"index", "function"}),
    ],
    ids=["openai", "typed", "empty-id", "late-arguments"],
)
def test_tool_deltas_are_cut_as_the_provider_cuts_them(wire, tool, model, first, later):
    tools = [tool("get_weather", city="string")]
    pieces = wire.stream("Weather in Paris?", model=model, tools=tools).tool_pieces

    assert set(pieces[0]) == {"index", "id", "type", "function"}
    assert set(pieces[0]["function"]) == first
    assert all(set(p) == later for p in pieces[1:])
    if "id" in later:
        assert all(p["id"] == "" for p in pieces[1:])


def test_mistral_sends_a_whole_call_in_one_chunk(wire, tool):
    tools = [tool("get_weather", city="string")]
    stream = wire.stream("Weather in Paris?", model="mistralai/mistral-medium-3.1", tools=tools)

    assert len(stream.tool_pieces) == 1
    assert stream.arguments() == {0: {"city": "Paris"}}


@pytest.mark.parametrize(
    ("model", "pattern"),
    [
        ("openai/gpt-4o-mini", r"call_[0-9a-f]{24}"),
        ("anthropic/claude-haiku-4.5", r"toolu_01[0-9a-f]{22}"),
        ("google/gemini-3-flash-preview", r"tool_get_weather_[0-9a-f]{20}"),
        ("moonshotai/kimi-k2-thinking", r"functions\.get_weather:0"),
        ("mistralai/mistral-medium-3.1", r"[0-9a-f]{9}"),
        (
            "meta-llama/llama-4-scout",
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}",
        ),
    ],
)
def test_tool_call_ids_look_like_the_providers(wire, tool, model, pattern):
    message = wire.message(
        "Weather in Paris?", model=model, tools=[tool("get_weather", city="string")]
    )

    assert re.fullmatch(pattern, message["tool_calls"][0]["id"])


def test_non_stream_tool_calls_carry_an_index(wire, tool):
    message = wire.message("Weather in Paris?", tools=[tool("get_weather", city="string")])
    call = message["tool_calls"][0]

    assert list(call) == ["type", "index", "id", "function"]
    assert message["content"] is None


def test_a_script_gives_exact_replies_in_order_and_then_the_models_answer(wire):
    wire.emulator.script(
        ["first", Reply("second", finish_reason="length"), ToolCall("f", {"a": 1})]
    )

    assert wire.message()["content"] == "first"
    assert wire.ok()["choices"][0]["finish_reason"] == "length"
    assert wire.message()["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"a": 1}'}
    assert wire.message("Hi")["content"] == "You said: Hi."


def test_a_scripted_function_sees_the_request(wire):
    wire.emulator.script([lambda body: f"temperature {body['temperature']}"])

    assert wire.message(temperature=0.5)["content"] == "temperature 0.5"


def test_scripted_pieces_are_the_chunks(wire):
    wire.emulator.script(Reply(pieces=["a", "bc", "", "d"]))
    stream = wire.stream()

    assert [d["content"] for d in stream.deltas][:4] == ["a", "bc", "", "d"]
    assert stream.text == "abcd"


def test_raw_chunks_go_out_as_they_are(wire):
    chunks = [{"id": "x", "choices": []}, b": hi\n\n"]
    wire.emulator.script([Raw(chunks), Raw(chunks, done=False), Raw([{"whole": "body"}])])

    first, second = wire.stream(), wire.stream()
    assert first.chunks == second.chunks == [chunks[0]]
    assert (first.done, second.done) == (True, False)
    assert wire.ok() == {"whole": "body"}
    assert wire.emulator.charges == []


def test_scripted_arguments_are_sent_byte_for_byte(wire):
    wire.emulator.script([ToolCall("f", '{"a":  1}'), ToolCall("f", '{"a": '), ToolCall("f", "")])

    sent = [wire.message()["tool_calls"][0]["function"]["arguments"] for _ in range(3)]
    assert sent == ['{"a":  1}', '{"a": ', ""]


def test_scripted_usage_and_extra_keys_win(wire):
    wire.emulator.script(
        Reply("x", usage={"prompt_tokens_details": None}, extra={"citations": ["u"]})
    )
    body = wire.ok()

    assert body["usage"]["prompt_tokens_details"] is None
    assert body["citations"] == ["u"]


def test_null_finish_reason_can_be_scripted(wire):
    wire.emulator.script(Reply("x", finish_reason="null", native_finish_reason="null"))
    choice = wire.ok()["choices"][0]

    assert choice["finish_reason"] is choice["native_finish_reason"] is None


def test_debug_echo_comes_first_and_without_choices(wire):
    stream = wire.stream("Hi", debug={"echo_upstream_body": True})

    assert stream.chunks[0]["choices"] == []
    assert stream.chunks[0]["debug"]["echo_upstream_body"]["messages"][0]["content"] == "Hi"


@pytest.mark.parametrize("streamed", [False, True])
def test_router_metadata_comes_when_asked_for(wire, streamed):
    headers = {"X_OpenRouter_Metadata": "Enabled"}
    answer = wire.chat("Hi", stream=streamed, headers=headers)
    silent = wire.chat("Hi", stream=streamed)

    assert '"openrouter_metadata"' in answer.text
    assert '"openrouter_metadata"' not in silent.text


def test_service_tier_is_echoed_by_its_served_name(wire):
    assert wire.ok(service_tier="fast")["service_tier"] == "priority"
    assert wire.stream(service_tier="auto").chunks[-1]["service_tier"] == "default"
    assert wire.ok()["service_tier"] == "default"
    assert wire.ok(model="minimax/minimax-m2")["service_tier"] is None
