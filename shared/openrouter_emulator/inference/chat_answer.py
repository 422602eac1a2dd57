"""From a reply to the wire: the body of a plain answer, or the chunks of a stream.

Called by the chat handler. Follows the recorded forms: the role on every delta, null content beside tool
calls, one annotation a chunk before the text, the finish chunk repeated with the usage. Pure.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openrouter_emulator.catalogue.provider_style import DeltaStyle, ProviderStyle
from openrouter_emulator.inference.replies import Reply
from openrouter_emulator.planned_response import JsonObject

_WORDS = re.compile(r"\S+\s*|\s+")
_FORMATS = {
    "anthropic": "anthropic-claude-v1",
    "openai": "openai-responses-v1",
    "xai": "xai-responses-v1",
    "gemini": "google-gemini-v1",
    "plain": "unknown",
    "null": None,
}
_AUDIO_PIECE = 800
"""Base64 characters in one audio delta; a multiple of four, so that each piece decodes by itself."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every chunk of one answer repeats."""

    id: str
    created: int
    model: str
    provider: str
    style: ProviderStyle
    service_tier: str | None = None
    fingerprint: str | None = None
    """What Azure puts on every chunk."""

    def chunk(
        self, delta: JsonObject, finish: tuple[str | None, str | None] = (None, None)
    ) -> JsonObject:
        """One chunk around a delta."""
        printed = {} if self.fingerprint is None else {"system_fingerprint": self.fingerprint}
        choice = {
            "index": 0,
            "delta": delta,
            "finish_reason": finish[0],
            "native_finish_reason": finish[1],
        }
        return {**self.head("chat.completion.chunk"), **printed, "choices": [choice]}

    def head(self, kind: str) -> JsonObject:
        """The keys before `choices`."""
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "provider": self.provider,
        }


def finish_of(reply: Reply, style: ProviderStyle) -> tuple[str | None, str | None]:
    """The finish reason and the provider's own word for it."""
    reason = reply.finish_reason or ("tool_calls" if reply.tool_calls else "stop")
    if reply.refusal is not None and reply.finish_reason is None:
        reason = "content_filter"
    natives = {
        "stop": style.native_stop,
        "tool_calls": style.native_tools,
        "length": style.native_length,
    }
    native = reply.native_finish_reason or natives.get(reason, reason)
    none = {"null": None}
    return none.get(reason, reason), none.get(native, native)


def call_objects(reply: Reply) -> list[JsonObject]:
    """The tool calls of a whole message. Every call has its id by now."""
    return [
        {
            "type": "function",
            "index": index,
            "id": call.id,
            "function": {"name": call.name, "arguments": call.text},
        }
        for index, call in enumerate(reply.tool_calls)
    ]


def details(reply: Reply, style: ProviderStyle) -> list[JsonObject]:
    """The reasoning details of a whole message."""
    if reply.reasoning_details is not None:
        return list(reply.reasoning_details)
    return [*_open_details(reply, style), *_sealed_details(reply, style)]


def _open_details(reply: Reply, style: ProviderStyle) -> list[JsonObject]:
    if reply.reasoning is None or style.reasoning == "none":
        return []
    base: JsonObject = {"format": _FORMATS[style.reasoning], "index": 0}
    if style.reasoning in {"openai", "xai"}:
        return [{"type": "reasoning.summary", "summary": reply.reasoning, **base}]
    text: JsonObject = {"type": "reasoning.text", "text": reply.reasoning, **base}
    if style.reasoning == "anthropic":
        text["signature"] = _seal("signature", reply.reasoning)
    return [text]


def _sealed_details(reply: Reply, style: ProviderStyle) -> list[JsonObject]:
    """What only the provider can read: OpenAI's and xAI's item, Gemini's signature of a call."""
    text = reply.reasoning or reply.full_text or ""
    if style.reasoning in {"openai", "xai"} and reply.reasoning is not None:
        item = "rs_" + hashlib.sha256(text.encode()).hexdigest()[:32]
        return [_encrypted(_seal("item", text), style, item)]
    if style.reasoning == "gemini":
        call = reply.tool_calls[0].id if reply.tool_calls else None
        return [_encrypted(_seal("thought", text), style, call)]
    return []


def _encrypted(data: str, style: ProviderStyle, id: str | None) -> JsonObject:
    named = {} if id is None else {"id": id}
    form = {"format": _FORMATS.get(style.reasoning), **named, "index": 0}
    return {"type": "reasoning.encrypted", "data": data, **form}


def _seal(kind: str, text: str) -> str:
    digest = hashlib.sha512(f"{kind}:{text}".encode()).digest()
    return base64.b64encode(digest).decode()


def message(reply: Reply, style: ProviderStyle) -> JsonObject:
    """The message of a whole answer."""
    text = reply.full_text
    fields: JsonObject = {"role": "assistant", "content": text, "refusal": reply.refusal}
    fields["reasoning"] = reply.reasoning
    thoughts = details(reply, style)
    if reply.tool_calls:
        fields["tool_calls"] = call_objects(reply)
    if thoughts or reply.reasoning_details is not None:
        fields["reasoning_details"] = thoughts
        fields["reasoning"] = reply.reasoning or _text_of(thoughts)
    if reply.images:
        fields["images"] = _images(reply.images)
    if reply.audio is not None:
        fields["audio"] = _whole_audio(reply)
    if reply.annotations:
        fields["annotations"] = list(reply.annotations)
    return {**fields, **reply.message_extra}


def result(reply: Reply, envelope: Envelope, usage: JsonObject) -> JsonObject:
    """The body of an answer that is not streamed."""
    reason, native = finish_of(reply, envelope.style)
    logprobs = (
        None if reply.logprobs is None else {"content": list(reply.logprobs), "refusal": None}
    )
    choice = {
        "index": 0,
        "logprobs": logprobs,
        "finish_reason": reason,
        "native_finish_reason": native,
        "message": message(reply, envelope.style),
    }
    head = {
        **envelope.head("chat.completion"),
        "system_fingerprint": envelope.fingerprint,
        "service_tier": envelope.service_tier,
    }
    return {**head, "choices": [choice], "usage": usage, **reply.extra}


def stream(
    reply: Reply, envelope: Envelope, usage: JsonObject, *, usage_form: int
) -> list[JsonObject]:
    """The chunks of a streamed answer, without comments and `[DONE]`."""
    chunks = [envelope.chunk(delta) for delta in _deltas(reply, envelope.style)]
    if reply.logprobs is not None:
        _attach_logprobs(chunks, reply.logprobs)
    return [*chunks, *_ending(reply, envelope, usage, usage_form)]


def _ending(
    reply: Reply, envelope: Envelope, usage: JsonObject, usage_form: int
) -> list[JsonObject]:
    """The finish chunk and the usage, in the form that was asked for."""
    finish = finish_of(reply, envelope.style)
    end = envelope.chunk({"content": "", "role": "assistant", **reply.message_extra}, finish)
    if usage_form == 2:
        last: JsonObject = {**envelope.head("chat.completion.chunk"), "choices": []}
    elif usage_form == 1:
        last = envelope.chunk({"role": "assistant", "content": ""})
    else:
        last = envelope.chunk({"content": "", "role": "assistant"}, finish)
    choices = last.pop("choices")
    tier = {"service_tier": envelope.service_tier}
    return [end, {**last, **tier, "choices": choices, "usage": usage, **reply.extra}]


def _deltas(reply: Reply, style: ProviderStyle) -> Iterator[JsonObject]:
    for annotation in reply.annotations:
        yield _delta(annotations=[annotation])
    yield from _reasoning_deltas(reply, style)
    for piece in reply.pieces if reply.pieces is not None else words(reply.text or ""):
        yield {"content": piece, "role": "assistant"}
    for index, image in enumerate(_images(reply.images)):
        yield _delta(images=[{**image, "index": index}])
    if reply.audio is not None:
        yield from _audio_deltas(reply)
    for piece in words(reply.refusal or ""):
        yield _delta(refusal=piece)
    for index, call in enumerate(call_objects(reply)):
        for part in _call_pieces(call, index, style.deltas):
            yield {"content": None, "role": "assistant", "tool_calls": [part]}


def _delta(**fields: Any) -> JsonObject:
    return {"content": "", "role": "assistant", **fields}


def words(text: str) -> list[str]:
    """A text cut behind each word."""
    return _WORDS.findall(text)


def _reasoning_deltas(reply: Reply, style: ProviderStyle) -> Iterator[JsonObject]:
    if reply.reasoning_details is not None:
        for entry in reply.reasoning_details:
            yield _delta(
                reasoning=entry.get("text") or entry.get("summary"), reasoning_details=[entry]
            )
        return
    for entry in _open_details(reply, style):
        field = "summary" if "summary" in entry else "text"
        rest = {k: v for k, v in entry.items() if k not in {field, "signature"}}
        kind = rest.pop("type")
        for piece in words(entry[field]):
            fragment = {"type": kind, field: piece, **rest}
            yield _delta(reasoning=piece, reasoning_details=[fragment])
        if "signature" in entry:
            sealed = {"type": kind, "signature": entry["signature"], **rest}
            yield _delta(reasoning_details=[sealed])
    for entry in _sealed_details(reply, style):
        yield _delta(reasoning=None, reasoning_details=[entry])


def _call_pieces(call: JsonObject, index: int, style: DeltaStyle) -> Iterator[JsonObject]:
    """The deltas of one tool call, cut as the provider cuts them."""
    name, arguments = call["function"]["name"], call["function"]["arguments"]
    first: JsonObject = {"index": index, "id": call["id"], "type": "function"}
    if style == "whole":
        yield {**first, "function": {"name": name, "arguments": arguments}}
        return
    size = 12
    pieces = [arguments[at : at + size] for at in range(0, len(arguments), size)]
    if style == "early_arguments":
        yield {**first, "function": {"name": name, "arguments": pieces.pop(0) if pieces else ""}}
    elif style == "late_arguments":
        yield {**first, "function": {"name": name}}
    else:
        yield {**first, "function": {"name": name, "arguments": ""}}
        pieces.insert(0, "")
    more: JsonObject = {"index": index}
    if style == "typed":
        more["type"] = "function"
    if style == "empty_id":
        more |= {"id": "", "type": "function"}
    for piece in pieces:
        yield {**more, "function": {"arguments": piece}}


def _images(urls: Sequence[str]) -> list[JsonObject]:
    return [{"type": "image_url", "image_url": {"url": url}} for url in urls]


def _audio_id(reply: Reply) -> str:
    return "audio_" + hashlib.sha256(reply.audio or b"").hexdigest()[:24]


_AUDIO_EXPIRES = 1_900_000_000


def _whole_audio(reply: Reply) -> JsonObject:
    return {
        "id": _audio_id(reply),
        "data": base64.b64encode(reply.audio or b"").decode(),
        "transcript": reply.audio_transcript,
        "expires_at": _AUDIO_EXPIRES,
    }


def _audio_deltas(reply: Reply) -> Iterator[JsonObject]:
    """Transcript pieces, then the sound in base64 pieces, then when it expires."""
    name = _audio_id(reply)
    for piece in words(reply.audio_transcript):
        yield _delta(audio={"id": name, "transcript": piece})
    encoded = base64.b64encode(reply.audio or b"").decode()
    for at in range(0, len(encoded), _AUDIO_PIECE):
        yield _delta(audio={"id": name, "data": encoded[at : at + _AUDIO_PIECE]})
    yield _delta(audio={"id": name, "expires_at": _AUDIO_EXPIRES})


def _attach_logprobs(chunks: list[JsonObject], entries: Sequence[JsonObject]) -> None:
    """One entry to each chunk with text; what is left goes to the last of them."""
    texts = [c["choices"][0] for c in chunks if c["choices"][0]["delta"]["content"]]
    left = list(entries)
    for at, choice in enumerate(texts):
        last = at == len(texts) - 1
        mine, left = (left, []) if last else (left[:1], left[1:])
        choice["logprobs"] = {"content": mine, "refusal": None}


def _text_of(thoughts: Sequence[JsonObject]) -> str | None:
    """The plain text of exact details, as `message.reasoning` repeats it."""
    text = "".join(str(t.get("text") or t.get("summary") or "") for t in thoughts)
    return text or None
