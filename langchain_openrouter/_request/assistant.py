"""What the assistant said before, as a wire message. Pure; called by `_outgoing` for every AI message.

OpenRouter's own fields travel in `additional_kwargs` exactly as they were received and win over what
content blocks say of the same thing; blocks count where a message came from elsewhere or holds
standard blocks only. Argument strings and reasoning details go back unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage

from langchain_openrouter._request.content_parts import Block, Part, mark_last, to_part
from openrouter_core.chat.reasoning import ReasoningDetail, ReplayPolicy, replayable

_ANTHROPIC = "anthropic-claude-v1"
_OPENAI = "openai-responses-v1"


@dataclass(slots=True, eq=False)
class History:
    """What must be remembered while a conversation is converted."""

    replay: ReplayPolicy
    tool_names: dict[str, str] = field(default_factory=dict[str, str])
    _sent: list[ReasoningDetail] = field(default_factory=list[ReasoningDetail])

    def select(self, details: list[ReasoningDetail]) -> list[ReasoningDetail]:
        """Choose the details to send; a copy that an earlier message carries is left out."""
        chosen = replayable(details, self.replay)
        if self.replay != "all":
            chosen = [d for d in chosen if not (_is_unique(d) and d in self._sent)]
            self._sent += chosen
        return chosen


def _is_unique(detail: ReasoningDetail) -> bool:
    """Whether two equal entries can only be copies: ids and signatures do not repeat."""
    return bool(detail.get("id") or detail.get("signature") or detail.get("data"))


@dataclass(slots=True, eq=False)
class _Said:
    """The content blocks of an AI message, sorted by their place on the wire."""

    parts: list[Part] = field(default_factory=list[Part])
    images: list[Part] = field(default_factory=list[Part])
    calls: list[Part] = field(default_factory=list[Part])
    details: list[ReasoningDetail] = field(default_factory=list[ReasoningDetail])
    reasoning: str = ""
    refusal: str | None = None
    audio: Part | None = None
    server_calls: dict[str, Block] = field(default_factory=dict[str, Block])


def to_assistant(message: AIMessage, history: History) -> dict[str, Any]:
    """Return the wire message for what the assistant said."""
    said = _sort(message)
    extra = message.additional_kwargs
    calls = _calls(message, said)
    history.tool_names.update({c["id"]: c["function"]["name"] for c in calls})
    wire: dict[str, Any] = {"role": "assistant", "content": _content(message, said) or ""}
    if calls:
        wire["content"] = wire["content"] or None
        wire["tool_calls"] = calls
    name = message.name or extra.get("name")
    if name:
        wire["name"] = name
    return {**wire, **_reasoning(extra, said, history), **_outputs(extra, said)}


def _content(message: AIMessage, said: _Said) -> str | list[Part]:
    mark = message.additional_kwargs.get("cache_control")
    parts = said.parts
    if isinstance(message.content, str):
        if not (mark and message.content):
            return message.content
        parts = [to_part(message.content)]
    if mark and parts:
        return mark_last(parts, mark)
    is_plain = len(parts) == 1 and parts[0].keys() == {"type", "text"}
    return str(parts[0]["text"]) if is_plain else parts


def _reasoning(extra: Mapping[str, Any], said: _Said, history: History) -> dict[str, Any]:
    """Details if there are any, else the plain text; text never stands in for stripped details."""
    details = extra.get("reasoning_details")
    if details is None and said.details:
        details = said.details
    chosen = history.select(details) if details else []
    if chosen:
        return {"reasoning_details": chosen}
    if details or history.replay in {"none", "signed-only"}:
        return {}
    text = extra.get("reasoning_content") or _wire_reasoning(extra) or said.reasoning
    wire: dict[str, Any] = {"reasoning": text} if text else {}
    return wire if details is None else {**wire, "reasoning_details": []}


def _wire_reasoning(extra: Mapping[str, Any]) -> str | None:
    """Reasoning text under the wire's own name, where `convert_to_messages` leaves it."""
    said = extra.get("reasoning")
    return said if isinstance(said, str) else None


def _outputs(extra: Mapping[str, Any], said: _Said) -> dict[str, Any]:
    """What else the reply held that a later turn can use."""
    files = [a for a in extra.get("annotations") or () if a.get("type") == "file"]
    wire = {
        "refusal": extra.get("refusal") or said.refusal,
        "images": extra.get("images") or said.images,
        "audio": extra.get("audio") or said.audio,
        "annotations": files,
        "function_call": extra.get("function_call"),
        "model": extra.get("model"),
    }
    return {key: value for key, value in wire.items() if value}


# ---------------------------------------------------------------------------- tool calls


def _calls(message: AIMessage, said: _Said) -> list[dict[str, Any]]:
    """Valid and invalid calls and those that only blocks hold, in the order of the reply."""
    received = _received_calls(message.additional_kwargs)
    calls = [_call(dict(c), received) for c in message.tool_calls]
    calls += [_call(dict(c), received) for c in message.invalid_tool_calls]
    ids = {call["id"] for call in calls}
    calls += [_call(c, received) for c in said.calls if c["id"] not in ids]
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
    return {
        "type": "function",
        **kept,
        "id": call["id"],
        "function": {
            **function,
            "name": call["name"],
            "arguments": _arguments(call["args"], function.get("arguments")),
        },
    }


def _arguments(args: Any, received: Any) -> str:
    """The received string where it still says the same, else valid JSON text."""
    if isinstance(args, Mapping):
        if isinstance(received, str) and _parsed(received) == args:
            return received
        return json.dumps(args, ensure_ascii=False)
    text = received if isinstance(received, str) else args
    if not text or not text.strip():
        return "{}"
    if isinstance(_parsed(text), dict):
        return str(text)
    return json.dumps({"invalid_arguments": text}, ensure_ascii=False)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


# ---------------------------------------------------------------------------- content blocks


def _sort(message: AIMessage) -> _Said:
    said = _Said()
    if not isinstance(message.content, str):
        for block in message.content:
            _place(block, said)
    return said


def _place(block: str | Block, said: _Said) -> None:
    kind = None if isinstance(block, str) else block.get("type")
    place = _PLACES.get(kind or "")
    if place is not None and not isinstance(block, str):
        place(block, said)
        return
    part = to_part(block)
    if part != {"type": "text", "text": ""}:
        said.parts.append(part)


def _place_image(block: Block, said: _Said) -> None:
    part = to_part(block)
    (said.images if part["type"] == "image_url" else said.parts).append(part)


def _place_audio(block: Block, said: _Said) -> None:
    said.audio = {**(block.get("extras") or {}), "data": block.get("base64")}
    if block.get("id"):
        said.audio["id"] = block["id"]


def _place_call(block: Block, said: _Said) -> None:
    args = block.get("args", block.get("input", block.get("arguments")))
    identity = block.get("call_id") or block.get("id")
    said.calls.append({"id": identity, "name": block.get("name"), "args": args})


def _place_reasoning(block: Block, said: _Said) -> None:
    """A standard block; also OpenAI's reasoning item, which bears the same type."""
    extras: Block = block.get("extras") or {}
    text = block.get("reasoning") or ""
    if "type" in extras:
        said.details.append(_detail_of(block, extras, text))
    elif "summary" in block or "encrypted_content" in block:
        said.details += _details_of_item(block)
    elif extras.get("signature"):
        said.details.append(_claude_text(text, extras["signature"]))
    else:
        said.reasoning += text


def _detail_of(block: Block, extras: Block, text: str) -> ReasoningDetail:
    """The detail that `_blocks` made this block of."""
    detail = dict(extras)
    key = {"reasoning.text": "text", "reasoning.summary": "summary"}.get(detail["type"])
    if key and ("reasoning" in block):
        detail[key] = text
    if block.get("id"):
        detail["id"] = block["id"]
    return detail


def _details_of_item(block: Block) -> list[ReasoningDetail]:
    shared = {"format": _OPENAI, "id": block.get("id"), "index": 0}
    summary = "".join(part.get("text", "") for part in block.get("summary") or ())
    details = [{"type": "reasoning.summary", "summary": summary, **shared}] if summary else []
    if block.get("encrypted_content"):
        data = block["encrypted_content"]
        details.append({"type": "reasoning.encrypted", "data": data, **shared})
    return details


def _claude_text(text: str, signature: str) -> ReasoningDetail:
    return {"type": "reasoning.text", "text": text, "signature": signature, "format": _ANTHROPIC}


def _place_thinking(block: Block, said: _Said) -> None:
    text = block.get("thinking") or ""
    if block.get("signature"):
        said.details.append(_claude_text(text, block["signature"]))
    else:
        said.reasoning += text


def _place_redacted(block: Block, said: _Said) -> None:
    data = block.get("data")
    said.details.append({"type": "reasoning.encrypted", "data": data, "format": _ANTHROPIC})


def _place_server_call(block: Block, said: _Said) -> None:
    said.server_calls[block.get("id") or ""] = block


def _place_server_result(block: Block, said: _Said) -> None:
    """A server tool's call and result are one reasoning detail; ours is kept in the result's extras."""
    extras: Block = block.get("extras") or {}
    if "type" in extras:
        said.details.append({**extras, "result": block.get("output")})
        return
    identity = block.get("tool_call_id") or ""
    call = said.server_calls.get(identity, {})
    said.details.append(
        {
            "type": "reasoning.server_tool_call",
            "tool_name": call.get("name") or "",
            "arguments": _text_of(call.get("args") or {}),
            "result": _text_of(block.get("output") or ""),
            "tool_call_id": identity,
        }
    )


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _place_refusal(block: Block, said: _Said) -> None:
    said.refusal = block.get("refusal")


def _place_non_standard(block: Block, said: _Said) -> None:
    value = block.get("value")
    if not isinstance(value, Mapping):
        said.parts.append(to_part(block))
    elif str(value.get("type")).startswith("reasoning."):
        said.details.append(dict(value))
    else:
        _place(value, said)


def _nowhere(block: Block, said: _Said) -> None:
    """Pieces of arguments that the message holds as a whole elsewhere."""


_PLACES: dict[str, Callable[[Block, _Said], None]] = {
    "image": _place_image,
    "image_url": _place_image,
    "audio": _place_audio,
    "reasoning": _place_reasoning,
    "thinking": _place_thinking,
    "redacted_thinking": _place_redacted,
    "tool_call": _place_call,
    "tool_call_chunk": _place_call,
    "invalid_tool_call": _place_call,
    "tool_use": _place_call,
    "function_call": _place_call,
    "input_json_delta": _nowhere,
    "server_tool_call": _place_server_call,
    "server_tool_use": _place_server_call,
    "server_tool_result": _place_server_result,
    "refusal": _place_refusal,
    "non_standard": _place_non_standard,
}
