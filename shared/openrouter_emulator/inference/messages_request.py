"""An Anthropic-shaped request in the shape of chat, so that the same models answer it. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openrouter_emulator.inference.prompts import text_of
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.validation.checks import (
    array,
    either,
    fields,
    mapping,
    nullable,
    refuse,
    shown,
    string,
)

_OWN = frozenset(
    {
        "messages", "system", "tools", "tool_choice", "thinking", "output_config", "metadata",
        "stop_sequences", "fallbacks", "context_management", "speed", "service_tier",
        "deferred_tools", "safeguards", "betas",
    }
)  # fmt: skip
"""What is translated, or has no counterpart in chat."""
_SILENT = frozenset(
    {
        "advisor_tool_result", "compaction", "openrouter_bash_tool_result",
        "openrouter_shell_tool_result", "redacted_thinking", "server_tool_use", "thinking",
        "tool_addition", "tool_reference", "tool_removal", "tool_use", "web_search_tool_result",
    }
)  # fmt: skip
"""Blocks of the document that are not parts of a chat message."""
_BLOCKS = array(
    fields({"source": nullable(either(string(), mapping)), "title": nullable(string())})
)
_SHAPE = fields(
    {
        "system": nullable(either(string(), _BLOCKS)),
        "tools": nullable(array(mapping)),
        "tool_choice": nullable(mapping),
        "thinking": nullable(mapping),
        "output_config": nullable(fields({"format": nullable(mapping)})),
        "fallbacks": nullable(array(fields({"model": string(least=1)}, required=("model",)))),
        "stop_sequences": nullable(array(string())),
    }
)
"""What has to be as it is for the translation; chat's own check comes after it."""
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}
_LEAST_BUDGET = 1024


def as_chat(body: JsonObject) -> JsonObject:
    """Translate a request.

    Raises:
        ApiError: 400 for unknown blocks and for what disagrees.
    """
    _SHAPE(body, "")
    chat = {k: v for k, v in body.items() if k not in _OWN and v is not None}
    chat["messages"] = _messages(body)
    if body.get("stop_sequences"):
        chat["stop"] = body["stop_sequences"][:4]
    if body.get("fallbacks"):
        if body.get("models"):
            refuse("fallbacks", "Not together with models")
        chat["models"] = [fallback["model"] for fallback in body["fallbacks"]]
    if body.get("tools"):
        chat["tools"] = [_tool(tool) for tool in body["tools"]]
        _set_choice(chat, body.get("tool_choice") or {"type": "auto"})
    _set_thinking(chat, body)
    return chat


def _tool(tool: JsonObject) -> JsonObject:
    kind = str(tool.get("type") or "custom")
    if kind == "custom":
        function = {"name": tool.get("name"), "parameters": tool.get("input_schema") or {}}
        if tool.get("description") is not None:
            function["description"] = tool["description"]
        return {"type": "function", "function": function}
    if kind.startswith("web_search"):
        return {"type": "openrouter:web_search"}
    return tool if kind.startswith("openrouter:") else {"type": f"openrouter:{kind}"}


def _set_choice(chat: JsonObject, choice: JsonObject) -> None:
    kind = choice.get("type")
    if kind == "tool":
        chat["tool_choice"] = {"type": "function", "function": {"name": choice.get("name")}}
    elif kind in _CHOICES:
        chat["tool_choice"] = _CHOICES[kind]
    else:
        refuse("tool_choice.type", f"Expected one of: {', '.join([*_CHOICES, 'tool'])}")
    if choice.get("disable_parallel_tool_use"):
        chat["parallel_tool_calls"] = False


def _set_thinking(chat: JsonObject, body: JsonObject) -> None:
    thinking: Mapping[str, Any] = body.get("thinking") or {}
    config: Mapping[str, Any] = body.get("output_config") or {}
    kind = thinking.get("type")
    if kind == "enabled":
        budget = thinking.get("budget_tokens")
        if not isinstance(budget, int) or budget < _LEAST_BUDGET:
            refuse("thinking.budget_tokens", f"Must be at least {_LEAST_BUDGET}")
        chat["reasoning"] = {"max_tokens": budget}
    elif kind == "adaptive":
        chat["reasoning"] = {"effort": config.get("effort") or "medium"}
    if config.get("format"):
        named = {"name": "answer", "schema": config["format"].get("schema") or {}}
        chat["response_format"] = {"type": "json_schema", "json_schema": named}


def _messages(body: JsonObject) -> list[JsonObject]:
    messages: list[JsonObject] = []
    if body.get("system"):
        system = body["system"]
        text = system if isinstance(system, str) else "\n".join(str(b.get("text")) for b in system)
        messages.append({"role": "system", "content": text})
    given = body.get("messages")
    if not isinstance(given, list) or not given:
        refuse(
            "messages", "Required" if given is None else f"Expected array, received {shown(given)}"
        )
    for at, message in enumerate(given):
        messages += _turn(message, f"messages.{at}")
    return messages or [{"role": "user", "content": ""}]


def _turn(message: Any, where: str) -> list[JsonObject]:
    """One message; the results of tools come first, each as a message of its own."""
    if not isinstance(message, dict) or message.get("role") not in ("user", "assistant", "system"):
        refuse(f"{where}.role", "Expected one of: user, assistant, system")
    content = message.get("content")
    if isinstance(content, str):
        return [{"role": message["role"], "content": content}]
    if not isinstance(content, list):
        refuse(f"{where}.content", f"Expected string or array, received {shown(content)}")
    _BLOCKS(content, f"{where}.content")
    results = [_result(b, where) for b in content if b.get("type") == "tool_result"]
    rest = [b for b in content if b.get("type") != "tool_result"]
    if message["role"] == "assistant":
        return [_assistant(rest)]
    parts = _parts(rest, f"{where}.content")
    return [*results, {"role": message["role"], "content": parts}] if parts else results


def _assistant(blocks: Sequence[JsonObject]) -> JsonObject:
    text = "".join(str(b.get("text")) for b in blocks if b.get("type") == "text")
    calls = [
        {
            "id": b.get("id"),
            "type": "function",
            "function": {"name": b.get("name"), "arguments": json.dumps(b.get("input") or {})},
        }
        for b in blocks
        if b.get("type") == "tool_use"
    ]
    message: JsonObject = {"role": "assistant", "content": text or None}
    return {**message, "tool_calls": calls} if calls else {**message, "content": text}


def _result(block: JsonObject, where: str) -> JsonObject:
    content = block.get("content") or ""
    if isinstance(content, list):
        _BLOCKS(content, f"{where}.content")
        content = _parts(content, f"{where}.content") or ""
    return {"role": "tool", "tool_call_id": block.get("tool_use_id"), "content": content}


def _parts(blocks: Sequence[JsonObject], where: str) -> list[JsonObject]:
    """What these models read of some blocks; the other documented ones say nothing here."""
    for at, block in enumerate(blocks):
        if block.get("type") not in (*_PARTS, *_SILENT):
            refuse(f"{where}.{at}.type", f"Unknown block type '{str(block.get('type'))[:40]}'")
        if isinstance(block.get("source"), str) and block["type"] != "search_result":
            refuse(f"{where}.{at}.source", "Expected object, received string")
    return [_PARTS[b["type"]](b) for b in blocks if b["type"] in _PARTS]


def _url(source: Mapping[str, Any]) -> str:
    if source.get("type") == "base64":
        return f"data:{source.get('media_type')};base64,{source.get('data')}"
    return str(source.get("url") or "")


def _document(block: JsonObject) -> JsonObject:
    source: Mapping[str, Any] = block.get("source") or {}
    if source.get("type") in ("text", "content"):
        text = source.get("data") or text_of(source.get("content"))
        return {"type": "text", "text": str(text)}
    named = {"filename": block["title"]} if block.get("title") else {}
    if source.get("type") == "file":
        return {"type": "file", "file": {**named, "file_id": source.get("file_id")}}
    return {"type": "file", "file": {**named, "file_data": _url(source)}}


_PARTS: dict[str, Callable[[JsonObject], JsonObject]] = {
    "text": lambda b: {k: b[k] for k in ("type", "text", "cache_control") if b.get(k) is not None},
    "image": lambda b: {"type": "image_url", "image_url": {"url": _url(b.get("source") or {})}},
    "document": _document,
    "search_result": lambda b: {"type": "text", "text": str(b.get("title") or "")},
}
