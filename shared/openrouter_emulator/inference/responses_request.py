"""A Responses request in the shape of chat, so that the same models answer it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.validation.checks import (
    array,
    fields,
    mapping,
    nullable,
    refuse,
    shown,
    string,
)

_OWN = frozenset(
    {
        "input", "instructions", "max_output_tokens", "text", "tools", "tool_choice", "store",
        "previous_response_id", "include", "truncation", "background", "prompt",
        "safety_identifier", "reasoning",
    }
)  # fmt: skip
"""What is translated, or has no counterpart in chat."""
_NULL_IS_ABSENT = ("metadata", "user", "service_tier", "stream", "models", "modalities", "plugins")


_SHAPE = fields(
    {
        "tools": nullable(array(mapping)),
        "reasoning": nullable(mapping),
        "text": nullable(fields({"format": nullable(mapping)})),
    }
)
"""What has to be as it is for the translation; chat's own check comes after it."""


def as_chat(body: JsonObject) -> JsonObject:
    """Translate a request.

    Raises:
        ApiError: 400 for what only a server with a memory could do, and for unknown items.
    """
    _check_stateless(body)
    _SHAPE(body, "")
    chat = {
        k: v
        for k, v in body.items()
        if k not in _OWN and (v is not None or k not in _NULL_IS_ABSENT)
    }
    chat["messages"] = _messages(body)
    if body.get("max_output_tokens") is not None:
        chat["max_completion_tokens"] = body["max_output_tokens"]
    if body.get("reasoning"):
        kept = ("effort", "max_tokens", "enabled", "summary", "exclude")
        chat["reasoning"] = {k: v for k, v in body["reasoning"].items() if k in kept}
    if body.get("tools"):
        chat["tools"] = [_tool(tool) for tool in body["tools"]]
        chat["tool_choice"] = _choice(body.get("tool_choice"))
    form = (body.get("text") or {}).get("format")
    if form:
        chat["response_format"] = _format(form)
    return chat


def _check_stateless(body: JsonObject) -> None:
    if body.get("store") is True:
        refuse("store", "Must be false: responses are not stored")
    if body.get("previous_response_id") is not None:
        refuse("previous_response_id", "Must be null: send the whole conversation as input")
    if "input" not in body:
        refuse("input", "Required")


def _tool(tool: JsonObject) -> JsonObject:
    if tool.get("type") != "function":
        return tool
    function = {k: tool[k] for k in ("name", "description", "parameters", "strict") if k in tool}
    return {"type": "function", "function": function}


def _choice(choice: Any) -> Any:
    if isinstance(choice, Mapping) and choice.get("type") == "function":
        return {"type": "function", "function": {"name": choice.get("name")}}
    return "auto" if choice is None else choice


def _format(form: JsonObject) -> JsonObject:
    if form.get("type") != "json_schema":
        return form
    return {"type": "json_schema", "json_schema": {k: v for k, v in form.items() if k != "type"}}


def _messages(body: JsonObject) -> list[JsonObject]:
    messages: list[JsonObject] = []
    if body.get("instructions"):
        messages.append({"role": "system", "content": body["instructions"]})
    given = body["input"]
    if isinstance(given, str):
        return [*messages, {"role": "user", "content": given}]
    if not isinstance(given, list):
        refuse("input", f"Expected string or array, received {shown(given)}")
    for at, item in enumerate(given):
        if not isinstance(item, dict):
            refuse(f"input.{at}", f"Expected object, received {shown(item)}")
        kind = item.get("type", "message")
        if not isinstance(kind, str):
            refuse(f"input.{at}.type", f"Expected string, received {shown(kind)}")
        _ITEMS.get(kind, _skip)(item, f"input.{at}", messages)
    return messages or [{"role": "user", "content": ""}]


def _skip(_item: JsonObject, _where: str, _messages: list[JsonObject]) -> None:
    """Reasoning, and items of tools that OpenRouter ran: they say nothing to these models."""


def _message(item: JsonObject, where: str, messages: list[JsonObject]) -> None:
    if "role" not in item:
        refuse(f"{where}.role", "Required")
    content = item.get("content")
    if isinstance(content, list):
        content = [_part(part, f"{where}.content.{n}") for n, part in enumerate(content)]
        if item["role"] == "assistant":
            content = "".join(part.get("text") or "" for part in content)
    messages.append({"role": item["role"], "content": content})


def _part(part: JsonObject, where: str) -> JsonObject:
    mapping(part, where)
    make = _PARTS.get(str(part.get("type")))
    if make is None:
        refuse(f"{where}.type", f"Unknown part type '{str(part.get('type'))[:40]}'")
    if part["type"] == "input_image" and not part.get("image_url"):
        refuse(f"{where}.image_url", "Required")
    return make(part)


def _image(part: JsonObject) -> JsonObject:
    detail = {"detail": part["detail"]} if part.get("detail") else {}
    return {"type": "image_url", "image_url": {"url": part["image_url"], **detail}}


def _text(part: JsonObject) -> JsonObject:
    return {"type": "text", "text": part.get("text", part.get("refusal"))}


def _file(part: JsonObject) -> JsonObject:
    data = part.get("file_data") or part.get("file_url")
    given = {"filename": part.get("filename"), "file_data": data, "file_id": part.get("file_id")}
    return {"type": "file", "file": {k: v for k, v in given.items() if v is not None}}


_PARTS: dict[str, Callable[[JsonObject], JsonObject]] = {
    "input_text": _text,
    "output_text": _text,
    "refusal": _text,
    "input_image": _image,
    "input_file": _file,
    "input_audio": lambda p: {"type": "input_audio", "input_audio": p.get("input_audio")},
    "input_video": lambda p: {"type": "video_url", "video_url": {"url": p.get("video_url")}},
}


def _function_call(item: JsonObject, where: str, messages: list[JsonObject]) -> None:
    """Calls of one turn belong to one assistant message."""
    for name in ("call_id", "name", "arguments"):
        if name not in item:
            refuse(f"{where}.{name}", "Required")
        string()(item[name], f"{where}.{name}")
    if not messages or messages[-1]["role"] != "assistant":
        messages.append({"role": "assistant", "content": None})
    function = {"name": item["name"], "arguments": item["arguments"]}
    call = {"id": item["call_id"], "type": "function", "function": function}
    messages[-1].setdefault("tool_calls", []).append(call)


def _function_output(item: JsonObject, where: str, messages: list[JsonObject]) -> None:
    for name in ("call_id", "output"):
        if name not in item:
            refuse(f"{where}.{name}", "Required")
    string()(item["call_id"], f"{where}.call_id")
    calls = {c["id"] for m in messages for c in m.get("tool_calls") or ()}
    if item["call_id"] not in calls:
        refuse(
            where, f"No tool call found for function call output with call_id {item['call_id']}."
        )
    output = item["output"]
    if isinstance(output, list):
        output = [_part(part, f"{where}.output.{n}") for n, part in enumerate(output)]
    messages.append({"role": "tool", "tool_call_id": item["call_id"], "content": output})


_ITEMS: dict[str, Callable[[JsonObject, str, list[JsonObject]], None]] = {
    "message": _message,
    "function_call": _function_call,
    "function_call_output": _function_output,
}
