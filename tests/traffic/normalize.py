"""When two requests say the same: the equivalent forms of a wire message, made equal.

Only forms that OpenRouter treats alike are made equal, and each has its line here. Anything else that
differs between what was recorded and what a framework sends is a loss.
"""

from __future__ import annotations

import json
from typing import Any

JsonObject = dict[str, Any]
_SAYS_NOTHING: list[tuple[str, Any]] = [("n", 1), ("stop", []), ("stop", None)]


def conversation(messages: list[JsonObject]) -> list[JsonObject]:
    """Return the messages in one canonical form; a tool message carries the name of its tool."""
    names = {
        call["id"]: call["function"]["name"] for m in messages for call in m.get("tool_calls") or []
    }
    entries = [message(m) for m in messages]
    for entry in entries:
        name = names.get(entry.get("tool_call_id", ""))
        if entry["role"] == "tool" and name:
            entry.setdefault("name", name)  # some clients add it for the models that want it
    return entries


def message(original: JsonObject) -> JsonObject:
    """Return one message in canonical form."""
    entries = {key: value for key, value in original.items() if value is not None}
    entries["content"] = _content(entries)
    if not entries["content"] and (entries.get("tool_calls") or entries.get("reasoning_details")):
        entries["content"] = (
            None  # "", [], null and a missing key: there is no text beside the calls
        )
    if entries.get("tool_calls"):
        entries["tool_calls"] = [_call(c) for c in entries["tool_calls"]]
    if entries.get("reasoning_details"):
        entries.pop("reasoning", None)  # the same text once more
    return entries


def _content(entries: JsonObject) -> Any:
    """A string equals one text part; a message's `cache_control` equals one on its last text part."""
    content = entries.get("content")
    if isinstance(content, list):
        content = [_part(p) for p in content]
    cache = _cache(entries.pop("cache_control", None))
    if isinstance(content, str) and content and cache:
        content = [{"type": "text", "text": content}]
    if cache and isinstance(content, list) and content and content[-1].get("type") == "text":
        content = [*content[:-1], {**content[-1], "cache_control": cache}]
    elif cache:
        entries["cache_control"] = cache
    if isinstance(content, list) and len(content) == 1 and set(content[0]) == {"type", "text"}:
        return content[0]["text"]
    return content


def _part(part: JsonObject) -> JsonObject:
    cache = _cache(part.get("cache_control"))
    return {**part, "cache_control": cache} if cache else {**part}


def _cache(mark: JsonObject | None) -> JsonObject | None:
    """Five minutes is what a mark without `ttl` means."""
    if not mark or mark.get("ttl") != "5m":
        return mark
    return {key: value for key, value in mark.items() if key != "ttl"}


def _call(call: JsonObject) -> JsonObject:
    """The position is not part of a call that is sent; arguments are compared as JSON."""
    entries = {key: value for key, value in call.items() if key != "index"}
    arguments = entries["function"].get("arguments") or "{}"
    entries["function"] = {**entries["function"], "arguments": _parsed(arguments)}
    return _part(entries)


def _parsed(arguments: str) -> Any:
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def differences(recorded: list[JsonObject], sent: list[JsonObject]) -> list[str]:
    """Say which messages of a conversation changed their meaning."""
    wanted, got = conversation(recorded), conversation(sent)
    if len(wanted) != len(got):
        return [f"  {len(wanted)} messages were recorded, {len(got)} sent: {_roles(got)}"]
    for w, g in zip(wanted, got, strict=True):
        _forget_added_file_names(w, g)
    return [
        f"  message {at} ({w['role']}):\n    recorded: {_short(w, g)}\n    sent:     {_short(g, w)}"
        for at, (w, g) in enumerate(zip(wanted, got, strict=True))
        if w != g
    ]


def _forget_added_file_names(wanted: JsonObject, got: JsonObject) -> None:
    """A file that had no name may get one: LlamaIndex names every document."""
    if not isinstance(wanted["content"], list) or not isinstance(got["content"], list):
        return
    for one, other in zip(wanted["content"], got["content"], strict=False):
        if one["type"] == other["type"] == "file" and "filename" not in one["file"]:
            other["file"] = {k: v for k, v in other["file"].items() if k != "filename"}


def option_differences(recorded: JsonObject, sent: JsonObject) -> list[str]:
    """Say which body fields besides the messages were changed, lost or invented."""
    recorded, sent = _options(recorded), _options(sent)
    problems: list[str] = []
    for key in sorted((recorded.keys() | sent.keys()) - {"messages", "stream"}):
        wanted, got = recorded.get(key, "(absent)"), sent.get(key, "(absent)")
        if wanted != got:
            problems.append(f"  {key}: recorded {str(wanted)[:200]}, sent {str(got)[:200]}")
    return problems


def _options(body: JsonObject) -> JsonObject:
    """The body in canonical form: defaults left out, one spelling for what has two."""
    entries = {key: value for key, value in body.items() if (key, value) not in _SAYS_NOTHING}
    if entries.get("models"):
        entries.setdefault("model", entries["models"][0])  # the first of them is the model
    effort = entries.pop("reasoning_effort", None)
    if effort is not None:
        entries["reasoning"] = {"effort": effort, **(entries.get("reasoning") or {})}
    return entries


def _roles(messages: list[JsonObject]) -> list[Any]:
    return [m.get("role") for m in messages]


def _short(one: JsonObject, other: JsonObject) -> str:
    """Only what differs, cut to a readable length."""
    return str({k: v for k, v in one.items() if other.get(k, "(absent)") != v})[:400]
