"""Junk is refused with a 400 that says what is wrong; what the documented API takes passes."""

from __future__ import annotations

import pytest

USER = {"role": "user", "content": "Hi"}


def _user(*parts):
    return [{"role": "user", "content": list(parts)}]


def _assistant(**fields):
    return [USER, {"role": "assistant", **fields}, USER]


def _call(arguments="{}", id="c1"):
    return {"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}}


def _tool(**function):
    return [{"type": "function", "function": function}]


BAD_BODIES = {
    "temperature-high": ({"temperature": 2.1}, "temperature"),
    "temperature-low": ({"temperature": -0.1}, "temperature"),
    "temperature-text": ({"temperature": "1"}, "Expected number, received string"),
    "temperature-bool": ({"temperature": True}, "Expected number, received boolean"),
    "top-p-zero": ({"top_p": 0}, "top_p"),
    "top-p-high": ({"top_p": 1.5}, "top_p"),
    "top-k-fraction": ({"top_k": 1.5}, "Expected integer"),
    "min-p": ({"min_p": 2}, "min_p"),
    "frequency-penalty": ({"frequency_penalty": 3}, "frequency_penalty"),
    "presence-penalty": ({"presence_penalty": -3}, "presence_penalty"),
    "repetition-penalty": ({"repetition_penalty": 0}, "repetition_penalty"),
    "max-tokens-zero": ({"max_tokens": 0}, "max_tokens"),
    "seed-text": ({"seed": "1"}, "seed"),
    "stop-too-many": ({"stop": list("abcde")}, "stop"),
    "logit-bias": ({"logit_bias": {"1": 101}}, "logit_bias.1"),
    "top-logprobs-alone": ({"top_logprobs": 2}, "requires logprobs"),
    "top-logprobs-high": ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
    "stream-text": ({"stream": "true"}, "stream"),
    "tools-empty": ({"tools": []}, "tools: Array must contain at least 1"),
    "tools-object": ({"tools": {}}, "Expected array"),
    "tool-without-function": ({"tools": [{"type": "function"}]}, "tools.0.function: Required"),
    "tool-name-empty": ({"tools": _tool(name="")}, "tools.0.function.name"),
    "tool-parameters-text": (
        {"tools": _tool(name="f", parameters="string")},
        "tools.0.function.parameters: Expected object",
    ),
    "tool-shell": ({"tools": [{"type": "openrouter:shell"}]}, "not available on chat"),
    "tool-choice-text": ({"tools": _tool(name="f"), "tool_choice": "any"}, "tool_choice"),
    "tool-choice-unknown": (
        {
            "tools": _tool(name="f"),
            "tool_choice": {"type": "function", "function": {"name": "g"}},
        },
        "No tool of this name",
    ),
    "format-unknown": ({"response_format": {"type": "xml"}}, "response_format.type"),
    "format-without-schema": (
        {"response_format": {"type": "json_schema"}},
        "json_schema: Required",
    ),
    "format-without-name": (
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}},
        "json_schema.name",
    ),
    "provider-only-text": ({"provider": {"only": "openai"}}, "provider.only"),
    "provider-zdr-text": ({"provider": {"zdr": "yes"}}, "provider.zdr"),
    "reasoning-both": ({"reasoning": {"effort": "low", "max_tokens": 2000}}, "Only one of"),
    "reasoning-disagrees": (
        {"reasoning": {"effort": "low"}, "reasoning_effort": "high"},
        "disagrees",
    ),
    "plugin-without-id": ({"plugins": [{}]}, "plugins.0.id"),
    "models-text": ({"models": "a/b"}, "models"),
    "metadata-number": ({"metadata": {"a": 1}}, "metadata.a"),
    "metadata-many": ({"metadata": {str(n): "x" for n in range(17)}}, "metadata"),
    "session-id-long": ({"session_id": "x" * 257}, "session_id"),
    "client-argument": ({"extra_body": {}}, "argument of clients"),
    "audio-without-stream": (
        {"modalities": ["text", "audio"], "audio": {"voice": "a", "format": "wav"}},
        "Audio output requires stream",
    ),
    "audio-without-settings": (
        {"modalities": ["text", "audio"], "stream": True},
        "audio: Required",
    ),
}

BAD_MESSAGES = {
    "empty": ([], "messages: Array must contain at least 1"),
    "no-role": ([{"content": "x"}], "messages.0.role"),
    "unknown-role": ([{"role": "human", "content": "x"}], "messages.0.role"),
    "user-without-content": ([{"role": "user"}], "messages.0.content: Required"),
    "user-null": ([{"role": "user", "content": None}], "messages.0.content"),
    "user-number": ([{"role": "user", "content": 3}], "messages.0.content"),
    "user-no-parts": (_user(), "messages.0.content"),
    "part-text": (_user("hi"), "messages.0.content.0"),
    "part-unknown": (_user({"type": "UNKNOWN", "raw": {}, "is_unknown": True}), "content.0.type"),
    "part-anthropic-image": (_user({"type": "image", "source": {}}), "content.0.type"),
    "part-langchain-tool-use": (_user({"type": "tool_use", "id": "x"}), "content.0.type"),
    "text-without-text": (_user({"type": "text"}), "content.0.text: Required"),
    "image-bare-url": (_user({"type": "image_url", "image_url": "https://a.b/c"}), "image_url"),
    "image-path": (
        _user({"type": "image_url", "image_url": {"url": "/tmp/a.png"}}),  # noqa: S108  # not opened
        "Expected a URL",
    ),
    "image-data-not-base64": (
        _user({"type": "image_url", "image_url": {"url": "data:image/png,x"}}),
        "base64 data URI",
    ),
    "audio-url": (
        _user(
            {"type": "input_audio", "input_audio": {"data": "https://a.b/c.mp3", "format": "mp3"}}
        ),
        "raw base64",
    ),
    "audio-data-uri": (
        _user({"type": "input_audio", "input_audio": {"data": "data:a;base64,x", "format": "mp3"}}),
        "raw base64",
    ),
    "audio-mime-format": (
        _user({"type": "input_audio", "input_audio": {"data": "QUJD", "format": "mpeg"}}),
        "input_audio.format",
    ),
    "audio-without-format": (
        _user({"type": "input_audio", "input_audio": {"data": "QUJD"}}),
        "format: Required",
    ),
    "file-empty": (_user({"type": "file", "file": {"filename": "a.pdf"}}), "file_data or file_id"),
    "file-bare-base64": (_user({"type": "file", "file": {"file_data": "QUJD"}}), "Expected a URL"),
    "cache-control": (
        _user({"type": "text", "text": "x", "cache_control": {"type": "forever"}}),
        "cache_control.type",
    ),
    "system-image": (
        [{"role": "system", "content": [{"type": "image_url", "image_url": {"url": "https://a"}}]}],
        "messages.0.content",
    ),
    "assistant-nothing": (_assistant(), "messages.1"),
    "assistant-null": (_assistant(content=None), "needs content, tool_calls"),
    "tool-calls-empty": (_assistant(content="x", tool_calls=[]), "tool_calls"),
    "arguments-object": (_assistant(tool_calls=[_call({"a": 1})]), "arguments"),
    "arguments-not-json": (_assistant(tool_calls=[_call('{"a":')]), "must be JSON text"),
    "arguments-empty": (_assistant(tool_calls=[_call("")]), "must be JSON text"),
    "arguments-list": (_assistant(tool_calls=[_call("[1]")]), "JSON object"),
    "call-without-type": (
        _assistant(tool_calls=[{"id": "c", "function": {"name": "f", "arguments": "{}"}}]),
        "type: Required",
    ),
    "call-ids-twice": (_assistant(tool_calls=[_call(), _call()]), "must be unique"),
    "details-text": (_assistant(content="x", reasoning_details=["thought"]), "Expected object"),
    "details-object": (_assistant(content="x", reasoning_details={}), "Expected array"),
    "details-without-type": (_assistant(content="x", reasoning_details=[{"text": "x"}]), "type"),
    "tool-without-id": ([USER, {"role": "tool", "content": "x"}], "tool_call_id: Required"),
    "tool-unknown-id": (
        [USER, {"role": "tool", "tool_call_id": "nope", "content": "x"}],
        "No tool call with this id",
    ),
    "name-null": ([{"role": "user", "content": "x", "name": None}], "messages.0.name"),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_parameter_is_refused_with_its_name(wire, name):
    body, words = BAD_BODIES[name]
    status, message = wire.refusal(**body)

    assert status == 400
    assert words in message


@pytest.mark.parametrize("name", BAD_MESSAGES)
def test_a_bad_message_is_refused_with_its_place(wire, name):
    messages, words = BAD_MESSAGES[name]
    status, message = wire.refusal(messages)

    assert status == 400
    assert words in message


def test_refusals_never_quote_the_prompt(wire):
    _, message = wire.refusal(
        [{"role": "user", "content": [{"type": "text", "text": ["secret plan"]}]}]
    )

    assert "secret" not in message


def test_messages_are_required(wire):
    answer = wire.post("/chat/completions", {"model": "openai/gpt-4o-mini"})

    assert answer.json()["error"]["message"] == "messages: Required"


@pytest.mark.parametrize("content", [b"", b"[1]", b"{not json", b'"text"'])
def test_a_body_that_is_no_json_object_is_400(wire, content):
    url = wire.emulator.base_url + "/chat/completions"
    answer = wire.http.post(url, content=content, headers=wire.headers())

    assert answer.status_code == 400


GOOD_BODIES = {
    "nulls": {"temperature": None, "stop": None, "tool_choice": None, "reasoning": None},
    "bounds": {"temperature": 2, "top_p": 1, "frequency_penalty": -2, "max_tokens": 1},
    "unknown-keys": {"safe_prompt": True, "brand_new": {"a": [1]}, "raw_mode": None},
    "provider-open": {"provider": {"brand_new": 1, "max_price": {"prompt": "5", "completion": 5}}},
    "legacy": {"usage": {"include": True}, "stream_options": {"include_usage": True}},
    "plugins-open": {"plugins": [{"id": "brand-new", "x": 1}]},
    "server-tools": {"tools": [{"type": "openrouter:datetime"}, {"type": "openrouter:brand_new"}]},
    "grammar": {"response_format": {"type": "grammar", "grammar": "root ::= x"}},
    "trace": {"trace": {"trace_id": "t"}, "session_id": "s", "user": "u", "metadata": {"a": "b"}},
    "stop-conditions": {"stop_server_tools_when": [{"type": "max_cost", "max_cost_in_dollars": 1}]},
    "tool-of-tomorrow": {"tools": [{"type": "mystery"}]},
    "sort-of-tomorrow": {"provider": {"sort": "cheapest"}},
    "partition-alone": {"provider": {"sort": {"partition": "none"}}},
    "policy-of-tomorrow": {"provider": {"data_collection": "sometimes"}},
    "effort-of-tomorrow": {"reasoning": {"effort": "huge"}},
    "tier-of-tomorrow": {"service_tier": "turbo"},
    "verbosity-of-tomorrow": {"verbosity": "loud"},
    "percentiles": {
        "provider": {"preferred_max_latency": {"p90": 3}, "preferred_min_throughput": 50}
    },
}


@pytest.mark.parametrize("name", GOOD_BODIES)
def test_documented_and_unknown_parameters_pass(wire, name):
    assert wire.ok(**GOOD_BODIES[name])
    assert wire.emulator.last.json.items() >= GOOD_BODIES[name].items()


GOOD_MESSAGES = {
    "image-detail-of-tomorrow": [
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": "https://a.b", "detail": "max"}}
            ],
        }
    ],
    "developer": [{"role": "developer", "content": "x", "name": "n"}, USER],
    "cached-system": [
        {
            "role": "system",
            "content": [
                {"type": "text", "text": "x", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
            ],
        },
        USER,
    ],
    "prefill": [USER, {"role": "assistant", "content": "The answer is"}],
    "refusal": _assistant(content=None, refusal="no"),
    "empty-details": _assistant(content="x", reasoning_details=[]),
    "unknown-detail": _assistant(
        content="x", reasoning_details=[{"type": "reasoning.new", "x": 1}]
    ),
    "annotations": _assistant(content="x", annotations=[{"type": "new", "x": 1}]),
    "unknown-message-key": _assistant(content="x", brand_new=1),
    "tool-with-image": [
        USER,
        {"role": "assistant", "content": "", "tool_calls": [_call()]},
        {
            "role": "tool",
            "tool_call_id": "c1",
            "name": "f",
            "content": [{"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}],
        },
    ],
    "file-id": _user({"type": "file", "file": {"file_id": "file_1"}}),
    "file-url": _user({"type": "file", "file": {"file_data": "https://a.b/c.pdf"}}),
}


@pytest.mark.parametrize("name", GOOD_MESSAGES)
def test_documented_and_unknown_message_parts_pass(wire, name):
    assert wire.ok(GOOD_MESSAGES[name])


def test_audio_and_video_parts_pass_on_a_model_that_hears_and_sees(wire):
    parts = [
        {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "mp3"}},
        {"type": "video_url", "video_url": {"url": "https://a.b/c.mp4"}},
        {"type": "input_video", "video_url": {"url": "data:video/mp4;base64,QUJD"}},
    ]
    usage = wire.ok(_user(*parts), model="google/gemini-3-flash-preview")["usage"]

    assert usage["prompt_tokens_details"]["audio_tokens"] > 0
    assert usage["prompt_tokens_details"]["video_tokens"] > 0


def test_switching_reasoning_off_where_it_is_mandatory_is_400(wire):
    """quirks.md A12: models with mandatory reasoning refuse to do without."""
    for body in ({"reasoning": {"effort": "none"}}, {"reasoning": {"enabled": False}}):
        status, message = wire.refusal(model="minimax/minimax-m2", **body)
        assert (status, "mandatory" in message) == (400, True)


def test_claude_needs_room_beyond_its_thinking_budget(wire):
    body = {"model": "anthropic/claude-haiku-4.5", "reasoning": {"max_tokens": 2000}}

    assert wire.refusal(**body, max_tokens=2000)[0] == 400
    assert wire.ok(**body, max_tokens=2001)
