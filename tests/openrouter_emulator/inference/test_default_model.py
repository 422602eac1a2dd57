"""What the models answer by themselves: tools, schemas, media, citations, limits."""

from __future__ import annotations

import base64
import json

import pytest


def test_a_tool_is_called_with_the_number_of_the_prompt(wire, tool):
    tools = [tool("magic_function", input="integer")]
    prompt = "What is the value of magic_function(3)? Use the tool."

    assert wire.stream(prompt, tools=tools).arguments() == {0: {"input": 3}}
    body = wire.ok(prompt, tools=tools)
    assert body["choices"][0]["finish_reason"] == "tool_calls"


def test_a_tool_without_arguments_gets_an_empty_object(wire):
    tools = [{"type": "function", "function": {"name": "magic_function_no_args"}}]
    message = wire.message("What is the value of magic_function_no_args()?", tools=tools)

    assert message["tool_calls"][0]["function"]["arguments"] == "{}"


def test_quoted_text_reaches_the_arguments_unescaped(wire, tool):
    tools = [tool("unicode_customer", customer_name="string", description="string")]
    message = wire.message("Create a customer named '你好啊集团' - a company", tools=tools)

    assert "你好啊集团" in message["tool_calls"][0]["function"]["arguments"]


def test_after_a_tool_result_the_answer_uses_it(wire, tool):
    tools = [tool("get_weather", city="string")]
    question = {"role": "user", "content": "Weather in Paris?"}
    turn = wire.message([question], tools=tools)
    result = {"role": "tool", "tool_call_id": turn["tool_calls"][0]["id"], "content": "22°C"}
    answer = wire.ok([question, {"role": "assistant", **turn}, result], tools=tools)

    assert answer["choices"][0]["message"]["content"] == "The tools say: 22°C"
    assert answer["choices"][0]["finish_reason"] == "stop"


def test_tool_choice_none_gives_text(wire, tool):
    message = wire.message("Weather?", tools=[tool("f", a="string")], tool_choice="none")

    assert message["content"]
    assert "tool_calls" not in message


def test_a_named_tool_choice_is_obeyed(wire, tool):
    tools = [tool("get_weather", city="string"), tool("get_time", city="string")]
    choice = {"type": "function", "function": {"name": "get_time"}}
    message = wire.message("Weather in Paris?", tools=tools, tool_choice=choice)

    assert [c["function"]["name"] for c in message["tool_calls"]] == ["get_time"]


def test_required_calls_even_for_small_talk(wire, tool):
    message = wire.message("Hello!", tools=[tool("f", a="integer")], tool_choice="required")

    assert len(message["tool_calls"]) == 1


def test_required_after_a_result_calls_the_tool_not_used_yet(wire, tool):
    tools = [tool("get_weather", city="string"), tool("Report", summary="string")]
    question = {"role": "user", "content": "Weather in Paris?"}
    call = {"id": "c", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    history = [
        question,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "sunny"},
    ]
    message = wire.message(history, tools=tools, tool_choice="required")

    (made,) = message["tool_calls"]
    assert made["function"]["name"] == "Report"
    assert "sunny" in made["function"]["arguments"]


def test_several_named_tools_are_called_at_once(wire, tool):
    tools = [tool("add", a="integer", b="integer"), tool("multiply", a="integer", b="integer")]
    stream = wire.stream("Use add and multiply on 2 and 3", tools=tools)

    assert stream.arguments() == {0: {"a": 2, "b": 3}, 1: {"a": 2, "b": 3}}


def test_several_places_mean_a_call_for_each(wire, tool):
    prompt = "Weather in Paris and in San Francisco, CA?"
    stream = wire.stream(prompt, tools=[tool("get_weather", city="string")])

    assert stream.arguments() == {0: {"city": "Paris"}, 1: {"city": "San Francisco, CA"}}
    ids = [p["id"] for p in stream.tool_pieces if p.get("id")]
    assert len(set(ids)) == 2


def test_parallel_tool_calls_false_allows_one(wire, tool):
    tools = [tool("get_weather", city="string")]
    stream = wire.stream("Paris and London?", tools=tools, parallel_tool_calls=False)

    assert list(stream.arguments()) == [0]


def test_the_best_matching_tool_is_chosen(wire, tool):
    tools = [tool("send_email", to="string"), tool("get_weather", city="string")]
    message = wire.message("How is the weather in Oslo?", tools=tools)

    assert message["tool_calls"][0]["function"]["name"] == "get_weather"


SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer"},
        "unit": {"enum": ["fahrenheit", "celsius"]},
    },
    "required": ["city", "days", "unit"],
    "additionalProperties": False,
}


def _format(schema):
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema, "strict": True},
    }


def test_json_schema_answers_with_an_instance_from_the_prompt(wire):
    text = wire.stream("3 days in Paris, celsius please", response_format=_format(SCHEMA)).text

    assert json.loads(text) == {"city": "Paris", "days": 3, "unit": "celsius"}


def test_tools_come_before_the_structured_answer(wire, tool):
    tools = [tool("get_weather", city="string")]
    body = {"tools": tools, "response_format": _format(SCHEMA)}
    question = {"role": "user", "content": "3 days in Paris"}
    turn = wire.message([question], **body)
    result = {"role": "tool", "tool_call_id": turn["tool_calls"][0]["id"], "content": "celsius 20"}
    final = wire.message([question, {"role": "assistant", **turn}, result], **body)

    assert set(json.loads(final["content"])) == {"city", "days", "unit"}


def test_json_object_uses_the_keys_that_the_prompt_names(wire):
    prompt = "Tell me a joke about cats. Return JSON with 'setup' and 'punchline' keys."
    text = wire.message(prompt, response_format={"type": "json_object"})["content"]

    assert set(json.loads(text)) == {"setup", "punchline"}


def test_an_endpoint_without_structured_outputs_wraps_its_json_in_prose(wire):
    """quirks.md E1: a response format is a wish unless `require_parameters` is set."""
    model = "deepseek/deepseek-v3.2"
    soft = wire.ok(model=model, response_format=_format(SCHEMA), provider={"only": ["deepseek"]})
    hard = wire.ok(
        model=model, response_format=_format(SCHEMA), provider={"require_parameters": True}
    )

    assert soft["choices"][0]["message"]["content"].startswith("```json")
    assert json.loads(hard["choices"][0]["message"]["content"])
    assert hard["provider"] == "DeepInfra"


def test_the_echo_model_repeats_the_last_user_message(wire):
    assert wire.message("Wörd for wörd.", model="emulator/echo")["content"] == "Wörd for wörd."


def test_the_refuser_refuses(wire):
    body = wire.ok(model="emulator/refuser")
    stream = wire.stream(model="emulator/refuser")

    choice = body["choices"][0]
    assert choice["message"]["content"] is None
    assert choice["message"]["refusal"].startswith("I'm sorry")
    assert choice["finish_reason"] == "content_filter"
    assert "".join(d.get("refusal") or "" for d in stream.deltas) == choice["message"]["refusal"]
    assert stream.text == ""


def test_max_tokens_cuts_the_text(wire):
    choice = wire.ok("one two three four five", max_tokens=2)["choices"][0]

    assert (choice["message"]["content"], choice["finish_reason"]) == ("You said", "length")


def test_max_tokens_cuts_tool_arguments_but_says_tool_calls(wire, tool):
    choice = wire.ok("Weather in Paris?", max_tokens=2, tools=[tool("w", city="string")])[
        "choices"
    ][0]

    assert choice["message"]["tool_calls"][0]["function"]["arguments"] == '{"city":'[:8]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["native_finish_reason"] == "max_output_tokens"


def test_a_stop_sequence_ends_the_text(wire):
    assert wire.message("alpha beta gamma", stop=["gamma", "beta"])["content"] == "You said: alpha "


def test_limits_hold_for_scripted_replies_too(wire):
    wire.emulator.script("0123456789")

    assert wire.message(max_tokens=1)["content"] == "0123"


def test_image_models_answer_with_a_picture(wire):
    model = "google/gemini-2.5-flash-image"
    message = wire.message("A red fox", model=model, modalities=["image", "text"])
    stream = wire.stream("A red fox", model=model, modalities=["image", "text"])

    (image,) = message["images"]
    assert image["type"] == "image_url"
    kind, _, data = image["image_url"]["url"].partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data).startswith(b"\x89PNG\r\n\x1a\n")
    (streamed,) = [i for d in stream.deltas for i in d.get("images") or []]
    assert streamed == {**image, "index": 0}
    assert stream.usage["completion_tokens_details"]["image_tokens"] > 0


def test_audio_comes_in_pieces_that_join_to_one_sound(wire):
    stream = wire.stream(
        "Speak",
        model="openai/gpt-audio-mini",
        modalities=["text", "audio"],
        audio={"voice": "alloy", "format": "pcm16"},
    )
    pieces = [d["audio"] for d in stream.deltas if "audio" in d]
    joined = base64.b64decode("".join(p.get("data", "") for p in pieces))

    assert len(joined) == 24_000 // 100 * 2 * 3  # 10 ms for each of three words, 16 bits a sample
    assert "".join(p.get("transcript", "") for p in pieces) == "You said: Speak."
    assert len([p for p in pieces if "data" in p]) > 1
    assert pieces[-1]["expires_at"] > 0
    assert stream.text == ""


@pytest.mark.parametrize(
    "body",
    [
        {"plugins": [{"id": "web"}]},
        {"model": "openai/gpt-4o-mini:online"},
        {"tools": [{"type": "openrouter:web_search"}]},
        {"model": "perplexity/sonar"},
    ],
    ids=["plugin", "online", "server-tool", "model"],
)
def test_searches_bring_one_citation_a_chunk_before_the_text(wire, body):
    stream = wire.stream("What is new?", **body)
    kinds = ["annotation" if "annotations" in d else "text" for d in stream.deltas]
    cited = [a for d in stream.deltas for a in d.get("annotations") or []]

    assert kinds[:3] == ["annotation", "annotation", "text"]
    assert all(a["type"] == "url_citation" and a["url_citation"]["url"] for a in cited)
    assert wire.message("What is new?", **body)["annotations"] == cited
    counted = {"tool_calls_requested": 1, "tool_calls_executed": 1} if "tools" in body else {}
    assert stream.usage["server_tool_use_details"] == {"web_search_requests": 1, **counted}


def test_perplexity_lists_its_sources_at_the_top_too(wire):
    assert len(wire.ok(model="perplexity/sonar")["citations"]) == 2


def test_a_file_brings_its_parse_as_annotation(wire):
    file = {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"}
    prompt = [{"type": "text", "text": "Read"}, {"type": "file", "file": file}]
    message = wire.message([{"role": "user", "content": prompt}])

    (note,) = message["annotations"]
    assert note["type"] == "file"
    assert note["file"]["name"] == "a.pdf"
    assert note["file"]["content"][0]["text"] == '<file name="a.pdf">'


def test_ocr_is_charged_once_when_the_parse_comes_back(wire):
    """quirks.md G2: file annotations are re-sent to skip the parsing cost."""
    file = {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"}
    user = {"role": "user", "content": [{"type": "file", "file": file}]}
    plugin = [{"id": "file-parser", "pdf": {"engine": "mistral-ocr"}}]
    first = wire.ok([user], plugins=plugin)
    turn = {"role": "assistant", **first["choices"][0]["message"]}
    wire.ok([user, turn, user], plugins=plugin)
    forgetful = {**turn}
    del forgetful["annotations"]
    wire.ok([user, forgetful, user], plugins=plugin)

    costs = [float(b.cost) for b in wire.emulator.charges]
    assert costs[0] > 0.002
    assert costs[1] < 0.002 < costs[2]


def test_logprobs_come_only_when_asked_and_known(wire):
    choice = wire.ok("a b", logprobs=True, top_logprobs=2)["choices"][0]
    entries = choice["logprobs"]["content"]

    assert "".join(e["token"] for e in entries) == choice["message"]["content"]
    assert all(len(e["top_logprobs"]) == 2 for e in entries)
    assert wire.ok()["choices"][0]["logprobs"] is None
    unknown = wire.ok(model="anthropic/claude-haiku-4.5", logprobs=True)
    assert unknown["choices"][0]["logprobs"] is None


def test_streamed_logprobs_add_up_to_the_plain_ones(wire):
    plain = wire.ok("a b", logprobs=True)["choices"][0]["logprobs"]["content"]
    chunks = wire.stream("a b", logprobs=True).chunks
    parts = [c["choices"][0].get("logprobs") for c in chunks]

    assert [e for p in parts if p for e in p["content"]] == plain


def test_media_parts_are_seen(wire):
    prompt = [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png?x=1"}},
    ]
    message = wire.message([{"role": "user", "content": prompt}])

    assert message["content"] == "You said: Look. I see: image_url."


def test_a_marked_prefix_is_written_to_the_cache_and_then_read(wire):
    """quirks.md F1: `cache_control` on a block is what makes Claude cache."""
    system = {"type": "text", "text": "x" * 400, "cache_control": {"type": "ephemeral"}}
    talk = [{"role": "system", "content": [system]}, {"role": "user", "content": "Hi"}]
    details = [
        wire.ok(talk, model="anthropic/claude-haiku-4.5")["usage"]["prompt_tokens_details"]
        for _ in range(2)
    ]

    assert details[0]["cache_write_tokens"] == details[1]["cached_tokens"] > 100
    assert details[0]["cached_tokens"] == details[1]["cache_write_tokens"] == 0
    first, second = wire.emulator.charges
    assert second.cost < first.cost


def test_the_same_request_gets_the_same_answer(wire, tool):
    tools = [tool("get_weather", city="string")]
    first, second = (wire.message("Paris?", tools=tools) for _ in range(2))

    for message in (first, second):
        message["tool_calls"][0].pop("id")
    assert first == second
