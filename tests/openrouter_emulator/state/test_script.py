"""Replies scripted for a model, a tool, a turn, a prompt; how fast they come."""

from __future__ import annotations

import re
import time

import pytest

from openrouter_core import AsyncOpenRouterClient
from openrouter_emulator import Emulator, Reply, ToolCall

GPT, CLAUDE = "openai/gpt-4o-mini", "anthropic/claude-haiku-4.5"


def test_a_reply_is_kept_for_its_model(wire):
    wire.emulator.script("from Claude", model=CLAUDE)
    wire.emulator.script("from anyone")

    assert wire.message(model=GPT)["content"] == "from anyone"
    assert wire.message(model=CLAUDE)["content"] == "from Claude"
    assert wire.message(model=CLAUDE)["content"] == "You said: Hello."


@pytest.mark.parametrize("name", ["~anthropic/claude-haiku-latest", CLAUDE])
def test_a_model_is_known_by_the_name_that_was_asked_and_the_one_that_answers(wire, name):
    answering = wire.ok(model=name)["model"]
    wire.emulator.script("one", model=name)
    wire.emulator.script("two", model=answering)

    assert [wire.message(model=name)["content"] for _ in range(2)] == ["one", "two"]


def test_a_reply_for_a_model_that_does_not_exist_makes_that_model_alone(wire):
    wire.emulator.script("I exist", model="my/model")

    assert wire.refusal(model="your/model") == (400, "your/model is not a valid model ID")
    assert wire.message(model="my/model")["content"] == "I exist"


def test_replies_of_a_tool_wait_for_requests_that_offer_it(wire, tool):
    weather = tool("get_weather", city="string")
    wire.emulator.script(
        [ToolCall("get_weather", {"city": "Oslo"}), "It snows."], tool="get_weather"
    )

    assert wire.message("Hello")["content"] == "You said: Hello."
    (call,) = wire.message("Weather?", tools=[weather])["tool_calls"]
    assert call["function"] == {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
    assert wire.message("And now?", tools=[weather])["content"] == "It snows."


def test_a_reply_follows_the_result_of_a_tool(wire, tool):
    tools = [tool("get_weather", city="string"), tool("get_time", city="string")]
    wire.emulator.script("It snows.", after_tool="get_weather")
    wire.emulator.script("It is noon.", after_tool="get_time")

    for name, answer in (("get_time", "It is noon."), ("get_weather", "It snows.")):
        messages = [{"role": "user", "content": f"Call {name} for Oslo"}]
        calling = wire.message(messages, tools=tools)
        result = {
            "role": "tool",
            "tool_call_id": calling["tool_calls"][0]["id"],
            "content": "as asked",
        }
        assert wire.message([*messages, calling, result], tools=tools)["content"] == answer


@pytest.mark.parametrize("path", ["chat", "responses", "messages"])
def test_a_turn_is_counted_by_the_replies_before_it_in_every_shape(wire, path):
    wire.emulator.script("the second", turn=2)
    wire.emulator.script("the first", turn=1)
    question = {"role": "user", "content": "Hello"}
    history = [question, {"role": "assistant", "content": "Hi"}, question]
    bodies = {
        "chat": lambda m: ("/chat/completions", {"model": GPT, "messages": m}),
        "responses": lambda m: ("/responses", {"model": GPT, "input": m}),
        "messages": lambda m: ("/messages", {"model": CLAUDE, "max_tokens": 99, "messages": m}),
    }

    assert "the first" in wire.post(*bodies[path]([question])).text
    assert "the second" in wire.post(*bodies[path](history)).text


def test_a_prompt_is_a_regular_expression_for_the_last_message_of_the_user(wire):
    wire.emulator.script("Hello back.", prompt=r"(?i)\bhello\b", times=None)

    parts = [{"role": "user", "content": [{"type": "text", "text": "hello, you"}]}]
    assert wire.message(parts)["content"] == "Hello back."
    assert wire.message("HELLO")["content"] == "Hello back."
    assert wire.message("Othello")["content"] == "You said: Othello."


def test_one_time_replies_come_first_then_the_most_conditions_then_the_oldest(wire):
    wire.emulator.script("stays", times=None)
    wire.emulator.script("stays for GPT", model=GPT, times=None)
    wire.emulator.script(["older", "newer"])
    wire.emulator.script("for GPT's first turn", model=GPT, turn=1)

    heard = [wire.message(model=GPT)["content"] for _ in range(5)]
    assert heard == [
        "for GPT's first turn",
        "older",
        "newer",
        "stays for GPT",
        "stays for GPT",
    ]
    assert wire.message(model=CLAUDE)["content"] == "stays"


def test_a_function_may_leave_the_answer_to_the_model(wire):
    wire.emulator.script(lambda body: "Scripted." if body.get("seed") else None, times=None)

    assert wire.message(seed=1)["content"] == "Scripted."
    assert wire.message()["content"] == "You said: Hello."


async def _coroutine(_body: object) -> str:
    return "never"


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([5], "A script holds texts, Reply, Raw, ToolCall, lists of ToolCall or functions, not int."),
        ([["a"]], "A script holds .*, not list"),
        (_coroutine, "A function in a script is a plain one"),
    ],
)  # fmt: skip
def test_what_no_script_holds_is_refused_at_once(emulator, items, message):
    with pytest.raises(TypeError, match=message):
        emulator.script(items)


def test_a_reply_says_how_long_it_takes_streamed_or_not(wire):
    text = "word " * 80  # 100 tokens
    wire.emulator.script(Reply(text, first_token_s=0.3, tokens_per_s=100), times=2)

    for stream in (False, True):
        began = time.monotonic()
        assert wire.chat(stream=stream).status_code == 200
        assert 1.3 <= time.monotonic() - began < 4


def test_the_speed_of_all_models_is_a_setting_and_a_stream_comes_in_time(wire):
    wire.emulator.first_event_delay_s, wire.emulator.tokens_per_s = 0.4, 50
    wire.emulator.script("word " * 40)  # 50 tokens
    url, sent = f"{wire.emulator.base_url}/chat/completions", time.monotonic()
    body = {"model": GPT, "stream": True, "messages": [{"role": "user", "content": "Hi"}]}

    with wire.http.stream("POST", url, json=body, headers=wire.headers()) as answer:
        lines = ((line, time.monotonic() - sent) for line in answer.iter_lines())
        came = [at for line, at in lines if re.search(r'"content":"[^"]', line)]

    assert came[0] >= 0.4
    assert came[-1] - came[0] >= 0.7  # the last piece is written after the others


@pytest.mark.parametrize("path", ["/responses", "/messages", "/completions"])
def test_streams_of_other_shapes_have_the_same_speed(wire, path):
    wire.emulator.tokens_per_s = 100
    wire.emulator.script(Reply("word " * 40))
    messages = [{"role": "user", "content": "Hi"}]
    body = {"prompt": "Hi"} if path == "/completions" else {"messages": messages, "input": messages}
    began = time.monotonic()

    answer = wire.post(path, {"model": GPT, "stream": True, "max_tokens": 99, **body})

    assert answer.status_code == 200, answer.text
    assert 0.5 <= time.monotonic() - began < 3


async def test_a_coroutine_has_an_emulator_too():
    async with Emulator() as emulator:
        emulator.script("Hello from the script.", model=GPT)
        client = AsyncOpenRouterClient(emulator.api_key, base_url=emulator.base_url)
        async with client:
            answer = await client.chat.send([{"role": "user", "content": "Hi"}], model=GPT)

        assert answer.text == "Hello from the script."
        assert await emulator.await_idle()
        assert len(emulator.charges) == 1
