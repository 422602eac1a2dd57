"""What the LangChain adapter shows of an answer, in the shape of the expected answer."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage

from .expected_answers import Answer, ToolCall, object_in

_KNOWN = {
    "id",
    "object",
    "created",
    "model_name",
    "model_provider",
    "provider",
    "generation_id",
    "finish_reason",
    "native_finish_reason",
    "logprobs",
    "citations",
    "cost",
    "cost_details",
    "is_byok",
    "server_tool_use_details",
    "token_usage",
}
_ENDINGS = ("", "]", '"]', '""]')


def of_message(message: AIMessage) -> Answer:
    """Read a message: its standard fields first, then what it keeps of the wire."""
    meta, extra = message.response_metadata, message.additional_kwargs
    return Answer(
        text=_text(message),
        reasoning=extra.get("reasoning_content"),
        reasoning_details=extra.get("reasoning_details"),
        tool_calls=_calls(message),
        invalid_tool_calls=_invalid_calls(message),
        finish_reason=meta.get("finish_reason"),
        native_finish_reason=meta.get("native_finish_reason"),
        citations=(extra.get("annotations") or []) + (meta.get("citations") or []),
        refusal=extra.get("refusal"),
        logprobs=meta.get("logprobs"),
        images=extra.get("images") or [],
        generation_id=_generation_id(message),
        model=meta.get("model_name"),
        provider=meta.get("provider"),
        cost=meta.get("cost"),
        extra={key: value for key, value in meta.items() if key not in _KNOWN},
        **_tokens(message),
    )


def _text(message: AIMessage) -> str:
    """The text; what is not a plain string would show here."""
    return message.content if isinstance(message.content, str) else repr(message.content)


def _generation_id(message: AIMessage) -> str | None:
    ids = {message.id, message.response_metadata.get("generation_id")}
    return ids.pop() if len(ids) == 1 else str(ids)


def _calls(message: AIMessage) -> list[ToolCall]:
    """The parsed calls, with the argument text as it came if it says the same."""
    texts = {c["id"]: c for c in message.additional_kwargs.get("raw_tool_calls") or []}
    return [
        ToolCall(call["id"], call["name"], _agreed(call["args"], texts.get(call["id"] or "")))
        for call in message.tool_calls
    ]


def _agreed(args: Any, raw: dict[str, Any] | None) -> str:
    text = ((raw or {}).get("function") or {}).get("arguments") or ""
    fields = object_in(text) or {}
    return text if fields == args else f"{args!r} parsed from {text!r}"


def _invalid_calls(message: AIMessage) -> list[ToolCall]:
    """The calls that cannot be made, with the argument text as it came.

    LangChain repairs cut-off JSON when chunks add up. The adapter prevents that with an ending that no
    repair survives; the text without it is in `raw_tool_calls`.
    """
    texts = {c["id"]: c for c in message.additional_kwargs.get("raw_tool_calls") or []}
    shown: list[ToolCall] = []
    for call in message.invalid_tool_calls:
        text = texts[call["id"]]["function"]["arguments"]
        as_it_came = (call["args"] or "").removeprefix(text) in _ENDINGS
        shown.append(ToolCall(call["id"], call["name"], text if as_it_came else str(call["args"])))
    return shown


def _tokens(message: AIMessage) -> dict[str, Any]:
    usage: Any = message.usage_metadata or {}
    return {
        "tokens": tuple(usage.get(f"{kind}_tokens") for kind in ("input", "output", "total")),
        "cached_tokens": (usage.get("input_token_details") or {}).get("cache_read"),
        "reasoning_tokens": (usage.get("output_token_details") or {}).get("reasoning"),
    }
