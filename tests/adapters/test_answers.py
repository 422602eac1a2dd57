"""What models write and providers send, read alike by both adapters in all ways."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from openrouter_core import OpenRouterError, ResponseShapeError
from tests.adapters.answers import (
    ALL_WAYS,
    BOTH,
    STREAMED,
    STREAMS,
    WHOLE,
    Answer,
    Read,
    call,
    calling,
    cut,
    langchain_follow_up,
    langchain_follow_up_v1,
    llama_index_follow_up,
    seen_of,
)
from tests.openrouter_core.wire_server import WireServer

pytestmark = pytest.mark.filterwarnings("ignore:.*in beta")

# ---------------------------------------------------------------- arguments that can be used

_PATH = {"path": "a.txt"}
_USABLE = {
    "object": ('{"path": "a.txt"}', _PATH),
    "raw line break": ('{"text": "x = 1\n\ty = 2\n"}', {"text": "x = 1\n\ty = 2\n"}),
    "encoded twice": (json.dumps(json.dumps(_PATH)), _PATH),
    "placeholder": ('{}{"path": "a.txt"}', _PATH),
    "object after blanks": ('\n {"path": "a.txt"}', _PATH),
    "nothing": ("", {}),
    "empty object": ("{}", {}),
    "null": ("null", {}),
    "list": ("[]", {}),
    "blanks": (" \n", {}),
}


@ALL_WAYS
@pytest.mark.parametrize(("text", "arguments"), _USABLE.values(), ids=_USABLE.keys())
async def test_arguments_that_can_be_used(read: Read, text: str, arguments: Any):
    marks = (1, len(text) // 2) if len(text) > 2 else (1,) if len(text) == 2 else ()

    seen = await seen_of(read, calling(call(text), pieces=cut(text, *marks)))

    assert (seen.calls, seen.invalid) == ([("f", arguments)], [])


# ---------------------------------------------------------------- arguments that must not run a tool

_UNUSABLE = {
    "cut": ('{"path": "a', "not JSON"),
    "cut behind a whole member": ('{"path": "a", "all": tru', "not JSON"),
    "no JSON": ("INVALID JSON", "not JSON"),
    "full list": ('["a.txt"]', "JSON array"),
    "number": ("5", "JSON number"),
    "text": ('"a.txt"', "JSON string"),
    "list encoded twice": (json.dumps('["a.txt"]'), "JSON string"),
    "two objects": ('{"a": 1}{"b": 2}', "not JSON"),
}


@ALL_WAYS
@pytest.mark.parametrize(("text", "why"), _UNUSABLE.values(), ids=_UNUSABLE.keys())
async def test_arguments_that_cannot_be_used_run_nothing_and_say_why(
    read: Read, text: str, why: str
):
    """With the reason, and the arguments as the model wrote them, streamed or not."""
    marks = (1, len(text) // 2) if len(text) > 2 else ()

    seen = await seen_of(read, calling(call(text), pieces=cut(text, *marks)))

    ((name, arguments, reason),) = seen.invalid
    assert seen.calls == []
    assert (name, arguments) == ("f", text)
    assert why in reason


@ALL_WAYS
async def test_a_broken_call_takes_no_other_along(read: Read):
    good = call('{"a": 1}', "g", id="c2", index=1)

    seen = await seen_of(read, calling(call('{"path": "a'), good))

    assert seen.calls == [("g", {"a": 1})]
    assert [name for name, *_ in seen.invalid] == ["f"]
    assert seen.finish == "tool_calls"


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ('{"text": "a\n\tb"}', '{"text": "a\\n\\tb"}'),
        (json.dumps(json.dumps(_PATH)), json.dumps(_PATH)),
        ('{ "a":1 }', '{ "a":1 }'),
        ("null", "{}"),
        ('{"path": "a', '{"invalid_arguments": "{\\"path\\": \\"a"}'),
        ('["a.txt"]', '{"invalid_arguments": "[\\"a.txt\\"]"}'),
    ],
)
@pytest.mark.parametrize(
    "follow_up", [langchain_follow_up, langchain_follow_up_v1, llama_index_follow_up]
)
async def test_the_next_request_holds_arguments_that_providers_take(
    follow_up: Any, text: str, sent: str
):
    server = WireServer(
        calling(call(text)).script(streamed=False),
        Answer({"content": "So."}).script(streamed=False),
    )
    try:
        await follow_up(server)
    finally:
        server.stop()

    (replayed,) = server.requests[1].json["messages"][1]["tool_calls"]
    assert replayed["function"]["arguments"] == sent


# ---------------------------------------------------------------- which call a piece belongs to


@STREAMS
@pytest.mark.parametrize("name", ["g", "f"])
async def test_parallel_calls_with_one_id_and_one_index(read: Read, name: str):
    """Seen behind OpenRouter (skye-harris/hass_local_openai_llm#92)."""
    seen = await seen_of(read, calling(call('{"a": 1}'), call('{"a": 2}', name)))

    assert seen.calls == [("f", {"a": 1}), (name, {"a": 2})]
    assert len(set(seen.ids)) == 2


@STREAMS
async def test_a_name_on_every_piece_is_one_call(read: Read):
    pieces = [call(text) for text in ("", '{"a"', ": 1", "}", "")]

    seen = await seen_of(read, calling(call('{"a": 1}'), pieces=pieces))

    assert seen.calls == [("f", {"a": 1})]


@ALL_WAYS
async def test_two_calls_of_which_one_has_no_id(read: Read):
    without = call('{"b": 2}', "g", index=1)
    del without["id"]

    seen = await seen_of(read, calling(call('{"a": 1}'), without))

    assert seen.calls == [("f", {"a": 1}), ("g", {"b": 2})]
    assert len(set(seen.ids)) == 2
    assert all(seen.ids)


@ALL_WAYS
@pytest.mark.parametrize(
    "junk", [None, "f", 7, {"index": 1, "id": "x", "type": "function", "function": None}, {}]
)
async def test_entries_that_hold_no_call_are_skipped(
    read: Read, junk: Any, caplog: pytest.LogCaptureFixture
):
    answer = Answer({"content": "Hi", "tool_calls": [call('{"a": 1}'), junk]}, finish="tool_calls")

    seen = await seen_of(read, answer)

    assert (seen.text, seen.calls) == ("Hi", [("f", {"a": 1})])


# ---------------------------------------------------------------- halves of characters


@STREAMS
@pytest.mark.parametrize("field", ["content", "reasoning"])
async def test_a_character_cut_between_two_chunks(read: Read, field: str):
    deltas = [{field: "Hi \ud83d"}, {field: "\ude00!"}, {"content": "."}]

    seen = await seen_of(read, Answer({}, deltas))

    whole = seen.reasoning if field == "reasoning" else seen.text.removesuffix(".")
    assert whole == "Hi \U0001f600!"


@STREAMS
async def test_a_character_cut_inside_arguments(read: Read):
    pieces = [call('{"a": "\ud83d'), {"index": 0, "function": {"arguments": '\ude00"}'}}]

    seen = await seen_of(read, calling(pieces=pieces))

    assert seen.calls == [("f", {"a": "\U0001f600"})]


# ---------------------------------------------------------------- refusals and the end


@ALL_WAYS
async def test_calls_beside_a_stop_are_tool_calls(read: Read):
    answer = calling(call("{}"))

    seen = await seen_of(read, Answer(answer.message, answer.deltas, finish="stop"))

    assert seen.finish == "tool_calls"


@ALL_WAYS
@pytest.mark.parametrize("choices", [[], None])
async def test_a_reply_without_choices_is_a_typed_error(read: Read, choices: Any):
    with pytest.raises(OpenRouterError) as caught:
        await seen_of(read, Answer({}, top={"choices": choices}))

    if read not in STREAMED:
        assert isinstance(caught.value, ResponseShapeError)


@ALL_WAYS
async def test_a_text_for_an_error_in_a_200(read: Read):
    """One class in calls and streams."""
    with pytest.raises(OpenRouterError) as caught:
        await seen_of(read, Answer({}, top={"error": "The provider is gone.", "choices": []}))

    assert "The provider is gone." in str(caught.value)
    failure = caught.value
    assert getattr(failure, "cause_error", None) is not None or failure.status_code is not None


@ALL_WAYS
async def test_a_broken_connection_that_is_called_a_stop(read: Read):
    with pytest.raises(OpenRouterError, match="network_error"):
        await seen_of(read, Answer({"content": ""}, finish="stop", native="network_error"))


@pytest.mark.parametrize(
    ("read", "finish"),
    [
        *((way, "stop") for way in [*WHOLE, *STREAMED]),
        *((way, f) for way in WHOLE for f in (None, "")),
    ],
)
async def test_an_empty_answer_is_one_line_in_the_log(
    read: Read, finish: str | None, caplog: pytest.LogCaptureFixture
):
    """A stream without a finish reason is an interruption."""
    nothing = {**_usage(0), "cost": 0}

    with caplog.at_level(logging.WARNING, logger="openrouter"):
        await seen_of(read, Answer({"content": None}, finish=finish, top={"usage": nothing}))

    assert sum("is empty" in line for line in caplog.messages) == 1


def _usage(completion: int) -> dict[str, Any]:
    return {"prompt_tokens": 9, "completion_tokens": completion, "total_tokens": 9 + completion}


@ALL_WAYS
async def test_an_answer_with_text_logs_nothing(read: Read, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING, logger="openrouter"):
        assert (await seen_of(read, Answer({"content": "a < b"}))).text == "a < b"

    assert caplog.messages == []


@STREAMS
async def test_a_whole_reply_instead_of_a_stream(read: Read):
    """In LlamaIndex's deltas, too."""
    answer = Answer({"content": "Hi", "reasoning": "Hm.", "tool_calls": [call('{"a": 1}')]})
    server = WireServer(answer.script(streamed=False))

    seen = await read(server)

    server.stop()
    assert (seen.text, seen.reasoning, seen.calls) == ("Hi", "Hm.", [("f", {"a": 1})])


# ---------------------------------------------------------------- calls that are written as text

MARKUP = '<minimax:tool_call>\n<invoke name="f">\n<parameter name="a">1</parameter>\n</invoke>\n</minimax:tool_call>'
_AS_TEXT = Answer(
    {"content": f"I look. {MARKUP}"},
    [{"content": piece} for piece in ("I look. <mini", "max:tool", MARKUP[13:40], MARKUP[40:])],
)


@ALL_WAYS
async def test_a_call_left_in_the_text_is_one_line_in_the_log(
    read: Read, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING, logger="openrouter"):
        seen = await seen_of(read, _AS_TEXT)

    (line,) = caplog.messages
    assert "MiniMax" in line
    assert "parse_text_tool_calls=True" in line
    assert (seen.text, seen.calls, seen.finish) == (f"I look. {MARKUP}", [], "stop")


@ALL_WAYS
async def test_a_call_left_in_the_text_is_read_when_asked_for(
    read: Read, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING, logger="openrouter"):
        seen = await seen_of(read, _AS_TEXT, parse_text_tool_calls=True)

    assert caplog.messages == []
    assert (seen.text, seen.calls, seen.finish) == ("I look. ", [("f", {"a": 1})], "tool_calls")
    assert all(seen.ids)


@ALL_WAYS
async def test_a_call_that_is_all_of_the_text_is_read_when_asked_for(read: Read):
    """Its stream is one chunk, which nobody adds to another."""
    seen = await seen_of(read, Answer({"content": MARKUP}), parse_text_tool_calls=True)

    assert (seen.text, seen.calls, seen.finish) == ("", [("f", {"a": 1})], "tool_calls")


@ALL_WAYS
async def test_markup_that_names_no_tool_of_the_request_stays_text(
    read: Read, caplog: pytest.LogCaptureFixture
):
    text = MARKUP.replace('"f"', '"rm"') + " <b"

    with caplog.at_level(logging.WARNING, logger="openrouter"):
        seen = await seen_of(read, Answer({"content": text}), parse_text_tool_calls=True)

    assert (seen.text, seen.calls) == (text, [])
    assert "names no tool" in caplog.text


# ---------------------------------------------------------------- leaves that nobody expects

_CITED = {"type": "url_citation", "url_citation": {"url": "https://a.b", "title": "T"}}
_RICH = {
    "content": "The answer",
    "reasoning": "Hm.",
    "reasoning_details": [{"type": "reasoning.text", "text": "Hm.", "index": 0}],
    "annotations": [_CITED],
    "images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}],
    "audio": {"id": "a", "data": "QUJD", "transcript": "Hi"},
    "refusal": None,
    "tool_calls": [call('{"a": 1}')],
}
_JUNK: list[Any] = [None, "x", 7, True, [], ["a"], [None], {}, {"a": 1}, [{"a": None}], [[]]]
_TOP: dict[str, Any] = {
    "id": "gen-1", "model": "a/b", "provider": "P", "created": 1, "usage": {}, "system_fingerprint": "x",
    "service_tier": "x", "openrouter_metadata": {}, "of_tomorrow": 1,
}  # fmt: skip


def _with_junk(value: Any, junk: Any) -> list[Any]:
    """The value with each of its leaves replaced in turn."""
    if isinstance(value, dict):
        return [
            {**value, key: strange}
            for key, inner in value.items()
            for strange in [junk, *_with_junk(inner, junk)]
        ]
    if isinstance(value, list):
        return [[strange] for inner in value for strange in [junk, *_with_junk(inner, junk)]]
    return []


@pytest.mark.parametrize("junk", _JUNK, ids=repr)
@pytest.mark.parametrize("field", _RICH)
@BOTH
async def test_a_surprising_leaf_never_costs_a_whole_answer(read: Read, field: str, junk: Any):
    for strange in [junk, *_with_junk(_RICH[field], junk)]:
        seen = await seen_of(read, Answer({**_RICH, field: strange}))

        assert seen.text or field == "content"
        assert [name for name, _ in seen.calls] == ["f"] or field == "tool_calls"


@pytest.mark.parametrize("junk", _JUNK, ids=repr)
@pytest.mark.parametrize("field", _RICH)
@pytest.mark.parametrize("read", STREAMED[2:3] + STREAMED[5:7], ids=lambda way: way.__name__)
async def test_a_surprising_leaf_never_costs_a_streamed_answer(read: Read, field: str, junk: Any):
    for strange in [junk, *_with_junk(_RICH[field], junk)]:
        deltas = [{"content": "Look: "}, {**_RICH, field: strange}]
        seen = await seen_of(read, Answer(_RICH, deltas))

        assert seen.text.startswith("Look: ")
        assert [name for name, _ in seen.calls] == ["f"] or field == "tool_calls"


@pytest.mark.parametrize("junk", _JUNK, ids=repr)
@pytest.mark.parametrize("field", _TOP)
@pytest.mark.parametrize("read", [BOTH.args[1][0], BOTH.args[1][1], STREAMED[0], STREAMED[6]])
async def test_a_surprising_leaf_beside_the_choices(read: Read, field: str, junk: Any):
    for strange in [junk, *_with_junk(_TOP[field], junk)]:
        assert (await seen_of(read, Answer({"content": "Hi"}, top={field: strange}))).text == "Hi"


@pytest.mark.parametrize("junk", _JUNK, ids=repr)
@pytest.mark.parametrize("key", ["prompt_tokens", "completion_tokens", "total_tokens", "cost",
    "prompt_tokens_details", "cost_details", "is_byok", "server_tool_use_details"])  # fmt: skip
@BOTH
async def test_a_surprising_leaf_of_the_usage(read: Read, key: str, junk: Any):
    usage = {**_usage(5), key: junk}

    assert (await seen_of(read, Answer({"content": "Hi"}, top={"usage": usage}))).text == "Hi"
