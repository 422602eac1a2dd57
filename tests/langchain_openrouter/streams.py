"""Streams in the shapes that were recorded, and ways to read them. Shared by the tests of this folder."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage, message_chunk_to_message
from langchain_core.outputs import ChatGenerationChunk

from langchain_openrouter import chat_models  # noqa: F401  # registers the block translator
from langchain_openrouter._response.message import to_result
from langchain_openrouter._response.stream_chunks import ChunkConverter
from openrouter_core import ChatAccumulator, ReplyInfo
from openrouter_core.chat.reply import ReplyReader

HTTP = ReplyInfo(generation_id="gen-1")
USAGE = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12, "cost": 0}


def event(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    """One chunk as recorded: the role on every one."""
    choice = {
        "index": 0,
        "delta": {"role": "assistant", **delta},
        "finish_reason": finish,
        "native_finish_reason": finish and finish.upper(),
    }
    return {
        "id": "gen-1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "a/b-20251001",
        "provider": "P",
        "choices": [choice],
    }


def usage(**more: Any) -> dict[str, Any]:
    return {**event(), "choices": [], "usage": {**USAGE, **more}}


def recorded(*events: dict[str, Any]) -> list[dict[str, Any]]:
    """The chunks, with an end where they have none."""
    finished = any(c["finish_reason"] for e in events for c in e["choices"])
    return [*events] if finished else [*events, event("stop", content=""), usage()]


def pieces(*calls: dict[str, Any]) -> list[dict[str, Any]]:
    events = [event(content=None, tool_calls=[c]) for c in calls]
    return [*events, event("tool_calls", content=""), usage()]


def call(index: int | None, arguments: Any = None, **more: Any) -> dict[str, Any]:
    function = {
        k: v
        for k, v in {"name": more.pop("name", None), "arguments": arguments}.items()
        if v is not None
    }
    found = {"index": index, "type": "function", "function": function, **more}
    return {k: v for k, v in found.items() if v is not None}


def stream(
    events: list[dict[str, Any]], kind: type[ChunkConverter] = ChunkConverter
) -> list[ChatGenerationChunk]:
    so_far, converter = ChatAccumulator(), kind()
    converter.open(so_far, HTTP, ReplyReader())
    chunks = []
    for each in events:
        so_far.add(each)
        chunk = converter.read()
        if chunk is not None:
            chunks.append(chunk)
    so_far.finish()
    return [*chunks, converter.last()]


def whole(events: list[dict[str, Any]], kind: type[ChunkConverter] = ChunkConverter) -> AIMessage:
    """What LangChain makes of the chunks at the end of a stream."""
    first, *rest = stream(events, kind)
    total = message_chunk_to_message((first + rest).message)
    assert isinstance(total, AIMessage)
    return total


def unstreamed(events: list[dict[str, Any]]) -> AIMessage:
    so_far = ChatAccumulator()
    for each in events:
        so_far.add(each)
    message = to_result(so_far.result(), generation_id="gen-1").generations[0].message
    assert isinstance(message, AIMessage)
    return message


RICH = recorded(
    event(content="", reasoning="Let me ", reasoning_details=[{"type": "reasoning.text", "text": "Let me ", "index": 0, "format": "anthropic-claude-v1"}]),
    event(content="", reasoning="see.", reasoning_details=[{"type": "reasoning.text", "text": "see.", "index": 0, "format": "anthropic-claude-v1"}]),
    event(content="", reasoning_details=[{"type": "reasoning.text", "signature": "sig", "index": 0, "format": "anthropic-claude-v1"}]),
    event(content="", annotations=[{"type": "url_citation", "url_citation": {"url": "https://a.b", "title": "T", "start_index": 0, "end_index": 5}}]),
    event(content="Hel"),
    event(content="lo"),
    event(content=None, tool_calls=[call(0, "", id="c1", name="f")]),
    event(content=None, tool_calls=[call(0, '{"a"')]),
    event(content=None, tool_calls=[call(0, ": 1}")]),
    event(content=None, images=[{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]),
    event(content=None, audio={"id": "a1", "data": "QUJD"}),
    event(content=None, audio={"data": "REVG", "transcript": "Hi"}),
    event("tool_calls", content=""),
    usage(cost=0.1, is_byok=False),
)  # fmt: skip

STREAMS: dict[str, list[dict[str, Any]]] = {
    "text": recorded(event(content="Hel"), event(content="lo")),
    "everything": RICH,
    "reasoning-only": recorded(event(content="", reasoning="Hm.")),
    "reasoning_content": recorded(event(reasoning_content="Hm."), event(content="Hi")),
    "encrypted": recorded(event(content="", reasoning_details=[{"type": "reasoning.encrypted", "data": "x", "index": 0}]), event(content="Hi")),
    "details-without-reasoning": recorded(event(reasoning_details=[{"type": "reasoning.text", "text": "Hm.", "index": 0}]), event(content="Hi")),
    "empty-details": recorded(event(content="Hi", reasoning_details=[])),
    "server-tool": recorded(event(reasoning_details=[{"type": "reasoning.server_tool_call", "tool_name": "openrouter:datetime", "arguments": "{}", "result": '{"x": 1}', "tool_call_id": "s1"}]), event(content="Hi")),
    "unknown-detail": recorded(event(reasoning_details=[{"type": "reasoning.new", "x": 1}]), event(content="Hi")),
    "refusal": recorded(event(content="", refusal="I "), event(content="", refusal="cannot.")),
    "logprobs": recorded({**event(content="Hi"), "choices": [{**event(content="Hi")["choices"][0], "logprobs": {"content": [{"token": "Hi", "logprob": -0.1}]}}]}),
    "finish-twice": [event(content="Hi"), event("stop", content=""), {**event("stop", content=""), "usage": USAGE}],
    "usage-on-finish": [event(content="Hi"), {**event("stop", content=""), "usage": USAGE}],
    "nothing-but-usage": [event("stop", content=""), usage()],
    "whole-call": pieces(call(0, '{"a": 1}', id="c1", name="f")),
    "repeated-type-and-id": pieces(call(0, '{"a"', id="c1", name="f"), call(0, ": 1}", id="c1", name="f")),
    "empty-id-later": pieces(call(0, '{"a"', id="c1", name="f"), call(0, ": 1}", id="")),
    "no-arguments-key": pieces(call(0, id="c1", name="f"), call(0, "{}")),
    "no-arguments-at-all": pieces(call(0, id="c1", name="f")),
    "null-arguments": pieces(call(0, "null", id="c1", name="f")),
    "list-arguments": pieces(call(0, "[]", id="c1", name="f")),
    "object-arguments": pieces(call(0, {"a": 1}, id="c1", name="f")),
    "late-id": pieces(call(0, '{"a"', name="f"), call(0, ": 1}", id="c1")),
    "no-id": pieces(call(0, "{}", name="f"), call(1, "{}", name="g")),
    "same-id-twice": pieces(call(0, "{}", id="c1", name="f"), call(1, "{}", id="c1", name="g")),
    "parallel": pieces(call(0, "{}", id="c1", name="f"), call(1, '{"b"', id="c2", name="f"), call(1, ": 2}")),
    "interleaved": pieces(call(0, '{"a"', id="c1", name="f"), call(1, '{"b"', id="c2", name="g"), call(0, ": 1}"), call(1, ": 2}")),
    "shared-index": pieces(call(0, '{"a": 1}', id="c1", name="f"), call(0, '{"b": 2}', id="c2", name="f")),
    "same-index-no-ids": pieces(call(0, '{"a": 1}', name="f"), call(0, '{"b": 2}', name="f")),
    "missing-index": pieces(call(None, '{"a": 1}', id="c1", name="f"), call(None, '{"b": 2}', id="c2", name="g")),
    "trailing-whitespace": pieces(call(0, '{"a": 1}', id="c1", name="f"), call(0, " \n")),
    "two-fused-objects": pieces(call(0, '{}{"a": 1}', id="c1", name="f")),
}  # fmt: skip
