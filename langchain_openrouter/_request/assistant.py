"""What the assistant said before, as a wire message. Pure; called by `build` for every AI message.

OpenRouter's own fields travel in `additional_kwargs` exactly as they were received and win over what
content blocks say of the same thing; blocks count where a message came from elsewhere or holds
standard blocks only. What another package alone can read goes through LangChain's translator for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage

from langchain_openrouter._request.content_parts import (
    Block,
    Part,
    knows,
    log_once,
    standard_blocks,
    to_part,
)
from openrouter_core.chat.answer import parse_arguments
from openrouter_core.chat.content_parts import mark_last_part
from openrouter_core.chat.reasoning import (
    ANTHROPIC,
    GOOGLE,
    ReasoningDetail,
    encrypted,
    of_openai_item,
    signed_text,
)
from openrouter_core.chat.tool_turns import arguments_text

_FORMATS = {
    "anthropic": ANTHROPIC,
    "bedrock": ANTHROPIC,
    "google": GOOGLE,
    "xai": "xai-responses-v1",
}
"""The format of a signature, by a word of `response_metadata["model_provider"]`."""
_GEMINI_SIGNATURES = "__gemini_function_call_thought_signatures__"
"""Where langchain-google-genai keeps the signatures of tool calls, by the id of the call."""


@dataclass(slots=True, eq=False)
class _SortedBlocks:
    """The content blocks of an AI message, sorted by their place on the wire."""

    provider: str | None
    """Whose message it is: "openrouter", "anthropic", ...; None when it does not say."""
    parts: list[Part] = field(default_factory=list[Part])
    images: list[Part] = field(default_factory=list[Part])
    calls: list[Part] = field(default_factory=list[Part])
    details: list[ReasoningDetail] = field(default_factory=list[ReasoningDetail])
    reasoning: str = ""
    refusal: str | None = None
    audio: Part | None = None
    server_calls: dict[str, Block] = field(default_factory=dict[str, Block])

    @property
    def format(self) -> str:
        """The reasoning format of what the message signs."""
        if self.provider is None:
            return ANTHROPIC  # what OpenRouter's documentation takes an entry without format for
        return next((form for word, form in _FORMATS.items() if word in self.provider), "unknown")

    def think(self, text: str, signature: Any) -> None:
        """Add a thought, signed or not."""
        if signature:
            self.details.append(signed_text(text, signature, self.format))
        else:
            self.reasoning += text

    def seal(self, data: Any) -> None:
        """Add what only the provider can read."""
        self.details.append(encrypted(data, self.format))


def to_assistant(message: AIMessage) -> dict[str, Any]:
    """Return the wire message for what the assistant said, with all that it thought."""
    sorted_blocks = _sort(message)
    extra = message.additional_kwargs
    calls = _calls(message, sorted_blocks)
    wire: dict[str, Any] = {"role": "assistant", "content": _content(message, sorted_blocks)}
    if calls:
        wire["tool_calls"] = calls
    name = message.name or extra.get("name")
    if name:
        wire["name"] = name
    return {**wire, **_reasoning(extra, sorted_blocks), **_outputs(extra, sorted_blocks)}


def _content(message: AIMessage, sorted_blocks: _SortedBlocks) -> str | list[Part]:
    mark = message.additional_kwargs.get("cache_control")
    parts = sorted_blocks.parts
    if isinstance(message.content, str):
        if not (mark and message.content):
            return message.content
        parts = [to_part(message.content)]
    if mark and parts:
        return mark_last_part(parts, {"cache_control": mark})
    is_plain = len(parts) == 1 and parts[0].keys() == {"type", "text"}
    return str(parts[0]["text"]) if is_plain else parts or ""


def _reasoning(extra: Mapping[str, Any], sorted_blocks: _SortedBlocks) -> dict[str, Any]:
    """The details and the text; the core chooses which of them go along."""
    details = extra.get("reasoning_details")
    if details is None and sorted_blocks.details:
        details = sorted_blocks.details
    text = extra.get("reasoning_content") or _wire_reasoning(extra) or sorted_blocks.reasoning
    wire: dict[str, Any] = {"reasoning": text} if text else {}
    return wire if details is None else {**wire, "reasoning_details": details}


def _wire_reasoning(extra: Mapping[str, Any]) -> str | None:
    """Reasoning text under the wire's own name, where `convert_to_messages` leaves it."""
    text = extra.get("reasoning")
    return text if isinstance(text, str) else None


def _outputs(extra: Mapping[str, Any], sorted_blocks: _SortedBlocks) -> dict[str, Any]:
    """What else the reply held that a later turn can use."""
    files = [a for a in extra.get("annotations") or () if a.get("type") == "file"]
    wire = {
        "refusal": extra.get("refusal") or sorted_blocks.refusal,
        "images": extra.get("images") or sorted_blocks.images,
        "audio": extra.get("audio") or sorted_blocks.audio,
        "annotations": files,
        "function_call": extra.get("function_call"),
        "model": extra.get("model"),
    }
    return {key: value for key, value in wire.items() if value}


# ---------------------------------------------------------------------------- tool calls


def _calls(message: AIMessage, sorted_blocks: _SortedBlocks) -> list[dict[str, Any]]:
    """Valid and invalid calls and those that only blocks hold, in the order of the reply."""
    received = _received_calls(message.additional_kwargs)
    calls = [_call(dict(c), received) for c in message.tool_calls]
    calls += [_call(dict(c), received) for c in message.invalid_tool_calls]
    ids = {call["id"] for call in calls}
    calls += [_call(c, received) for c in sorted_blocks.calls if c["id"] not in ids]
    order = {identity: at for at, identity in enumerate(received)}
    return sorted(calls, key=lambda call: order.get(call["id"], len(order)))


def _received_calls(extra: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The calls as they came over the wire, by id; other packages keep them under `tool_calls`."""
    calls = extra.get("raw_tool_calls") or extra.get("tool_calls") or ()
    return {call["id"]: call for call in calls if call.get("id")}


def _call(call: dict[str, Any], received: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    raw = received.get(call["id"], {})
    function: dict[str, Any] = raw.get("function") or {}
    kept = {key: value for key, value in raw.items() if key != "index"}
    arguments = _arguments(call["args"], function.get("arguments"))
    return {
        "type": "function",
        **kept,
        "id": call["id"],
        "function": {**function, "name": call["name"], "arguments": arguments},
    }


def _arguments(args: Any, received: Any) -> str:
    """The received text where it still says the same, else the arguments as the message has them."""
    if not isinstance(received, str):
        return arguments_text(args)
    if args and isinstance(args, Mapping) and _parsed(received) == args:
        return received
    is_same = not isinstance(args, Mapping) or parse_arguments(received).values == args
    return arguments_text(received if is_same else args)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


# ---------------------------------------------------------------------------- content blocks


def _sort(message: AIMessage) -> _SortedBlocks:
    sorted_blocks = _SortedBlocks(message.response_metadata.get("model_provider"))
    if not isinstance(message.content, str):
        for block in message.content:
            _place(block, sorted_blocks)
    for identity, signature in (message.additional_kwargs.get(_GEMINI_SIGNATURES) or {}).items():
        sorted_blocks.details.append(encrypted(signature, GOOGLE, identity))
    return sorted_blocks


def _place(block: str | Block, sorted_blocks: _SortedBlocks) -> None:
    if isinstance(block, str):
        sorted_blocks.parts.append(to_part(block))
        return
    place = _PLACES.get(block.get("type") or "")
    if place is not None:
        place(block, sorted_blocks)
    elif sorted_blocks.provider == "openrouter" or knows(block.get("type")):
        sorted_blocks.parts.append(to_part(block))
    else:
        _place_foreign(block, sorted_blocks)


def _place_foreign(block: Block, sorted_blocks: _SortedBlocks) -> None:
    """A block of another package, as LangChain's translator reads it.

    Content of an answer is a closed union for the API: it refuses the block itself, now and in every later turn.
    """
    metadata = {"model_provider": sorted_blocks.provider} if sorted_blocks.provider else {}
    known = [
        standard
        for standard in standard_blocks(AIMessage([dict(block)], response_metadata=metadata))
        if (kind := standard["type"]) != "non_standard" and (kind in _PLACES or knows(kind))
    ]
    for standard in known:
        _place(standard, sorted_blocks)
    if not known:
        log_once(
            "Content block of type %r in an earlier answer has no form here: it is left out.", block
        )


def _place_text(block: Block, sorted_blocks: _SortedBlocks) -> None:
    """Text; Gemini 3 signs it."""
    sorted_blocks.parts.append(to_part(block))
    if signature := (block.get("extras") or {}).get("signature"):
        sorted_blocks.seal(signature)


def _place_image(block: Block, sorted_blocks: _SortedBlocks) -> None:
    part = to_part(block)
    (sorted_blocks.images if part["type"] == "image_url" else sorted_blocks.parts).append(part)


def _place_audio(block: Block, sorted_blocks: _SortedBlocks) -> None:
    sorted_blocks.audio = {**(block.get("extras") or {}), "data": block.get("base64")}
    if block.get("id"):
        sorted_blocks.audio["id"] = block["id"]


def _place_call(block: Block, sorted_blocks: _SortedBlocks) -> None:
    args = block.get("args", block.get("input", block.get("arguments")))
    identity = block.get("call_id") or block.get("id")
    sorted_blocks.calls.append({"id": identity, "name": block.get("name"), "args": args})


def _place_reasoning(block: Block, sorted_blocks: _SortedBlocks) -> None:
    """A standard block; also OpenAI's reasoning item, which bears the same type."""
    extras: Block = block.get("extras") or {}
    text = block.get("reasoning") or ""
    data = block.get("encrypted_content") or extras.get("encrypted_content")
    if _is_detail(extras):
        sorted_blocks.details.append(_detail_of(block, extras, text))
    elif data or "summary" in block:
        sorted_blocks.details += _details_of_item(block, data)
    else:
        sorted_blocks.think(text, extras.get("signature"))
        if redacted := extras.get("redacted_content"):
            sorted_blocks.seal(redacted)


def _is_detail(extras: Block) -> bool:
    """Whether extras are those of a block that was made of one of OpenRouter's reasoning details."""
    return str(extras.get("type")).startswith("reasoning.")


def _detail_of(block: Block, extras: Block, text: str) -> ReasoningDetail:
    """The detail that `content_blocks` made this block of."""
    detail = dict(extras)
    key = {"reasoning.text": "text", "reasoning.summary": "summary"}.get(detail["type"])
    if key and ("reasoning" in block):
        detail[key] = text
    if block.get("id"):
        detail["id"] = block["id"]
    return detail


def _details_of_item(block: Block, data: Any) -> list[ReasoningDetail]:
    """OpenAI's item, as it came (its summary in parts) or as a standard block (its summary as reasoning)."""
    parts = block.get("summary") or ()
    summary = "".join(part.get("text", "") for part in parts) or block.get("reasoning")
    return of_openai_item(block.get("id"), summary, data)


def _place_thinking(block: Block, sorted_blocks: _SortedBlocks) -> None:
    sorted_blocks.think(block.get("thinking") or "", block.get("signature"))


def _place_redacted(block: Block, sorted_blocks: _SortedBlocks) -> None:
    sorted_blocks.seal(block.get("data"))


def _place_bedrock_reasoning(block: Block, sorted_blocks: _SortedBlocks) -> None:
    content: Block = block.get("reasoning_content") or {}
    _place_reasoning({"reasoning": content.get("text"), "extras": content}, sorted_blocks)


def _place_server_call(block: Block, sorted_blocks: _SortedBlocks) -> None:
    sorted_blocks.server_calls[block.get("id") or ""] = block


def _place_server_result(block: Block, sorted_blocks: _SortedBlocks) -> None:
    """A server tool's call and result are one reasoning detail; ours is kept in the result's extras."""
    extras: Block = block.get("extras") or {}
    if _is_detail(extras):
        sorted_blocks.details.append({**extras, "result": block.get("output")})
        return
    identity = block.get("tool_call_id") or ""
    call = sorted_blocks.server_calls.get(identity, {})
    sorted_blocks.details.append(
        {
            "type": "reasoning.server_tool_call",
            "tool_name": call.get("name") or "",
            "arguments": _text_of(call.get("args") or call.get("input") or {}),
            "result": _text_of(block.get("output") or ""),
            "tool_call_id": identity,
        }
    )


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _place_refusal(block: Block, sorted_blocks: _SortedBlocks) -> None:
    sorted_blocks.refusal = block.get("refusal")


def _place_non_standard(block: Block, sorted_blocks: _SortedBlocks) -> None:
    value = block.get("value")
    if not isinstance(value, Mapping):
        sorted_blocks.parts.append(to_part(block))
    elif str(value.get("type")).startswith("reasoning."):
        sorted_blocks.details.append(dict(value))
    else:
        _place(value, sorted_blocks)


def _nowhere(block: Block, sorted_blocks: _SortedBlocks) -> None:
    """Pieces of arguments, and signatures, that the message holds as a whole elsewhere."""


_PLACES: dict[str, Callable[[Block, _SortedBlocks], None]] = {
    "text": _place_text,
    "image": _place_image,
    "image_url": _place_image,
    "audio": _place_audio,
    "reasoning": _place_reasoning,
    "thinking": _place_thinking,
    "redacted_thinking": _place_redacted,
    "reasoning_content": _place_bedrock_reasoning,
    "tool_call": _place_call,
    "tool_call_chunk": _place_call,
    "invalid_tool_call": _place_call,
    "tool_use": _place_call,
    "function_call": _place_call,
    "input_json_delta": _nowhere,
    "function_call_signature": _nowhere,
    "server_tool_call": _place_server_call,
    "server_tool_use": _place_server_call,
    "server_tool_result": _place_server_result,
    "refusal": _place_refusal,
    "non_standard": _place_non_standard,
}
