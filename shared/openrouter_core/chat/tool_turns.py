"""Tool calls of earlier turns and their results: ids, names, and arguments that every provider takes.

Called by `history` for every conversation, by `recovery`, and by both adapters for arguments. Pure, but for
one line in the log: a call and its result are changed alike, and only in the request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, cast

from openrouter_core._logging import warn_once
from openrouter_core.chat.answer import parse_arguments
from openrouter_core.errors import ConfigurationError

WireMessage = dict[str, Any]

_SHORT = re.compile(r"[a-zA-Z0-9]{9}")
_ID_RULES = {
    # "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
    "anthropic": re.compile(r"[a-zA-Z0-9_-]+"),
    # Bedrock's ToolUseBlock.
    "amazon": re.compile(r"[a-zA-Z0-9_-]{1,64}"),
    # OpenRouter asks the Responses API: "'input[2].call_id': string too long ... maximum length 64".
    "openai": re.compile(r".{1,64}", re.DOTALL),
}
"""The ids of tool calls that a vendor takes; the others take any.

Mistral's own API takes nine letters and digits, but other hosts of its models make and take other ids
(recording reqllm-mistralai-mistral-small-3-1-24b-instruct-tool-round-trip-1): `recovery` mends that.
"""


def with_paired_tools(
    messages: Sequence[WireMessage], asked: Collection[str | None]
) -> list[WireMessage]:
    """Return the conversation with an id on every call, and on every result the id and name of its call.

    Ids that a vendor in `asked` refuses are replaced; so are, for Claude, those that come again.

    Raises:
        ConfigurationError: A result does not say which call it answers.
    """
    rules = [rule for vendor, rule in _ID_RULES.items() if vendor in asked]
    turns = _ToolTurns(rules, must_differ="anthropic" in asked)
    return [turns.fitted(message) for message in messages]


def with_accepted_ids(messages: Sequence[WireMessage]) -> list[WireMessage]:
    """Return the conversation with ids of tool calls that every vendor takes, each of them once."""
    turns = _ToolTurns([_SHORT], must_differ=True)
    return [turns.fitted(message) for message in messages]


@dataclass(slots=True, eq=False)
class _ToolTurns:
    """Follows calls and their results through a conversation, so that an id is changed in both alike."""

    rules: Sequence[re.Pattern[str]]
    must_differ: bool
    """Whether no id may come twice in the conversation. Claude: "`tool_use` ids must be unique"."""
    _names: dict[str, str] = field(default_factory=dict[str, str])
    """The function behind each id that goes out, in order."""
    _open: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """From the id that a call has to the others that it goes out with; several where calls share one."""

    def fitted(self, message: WireMessage) -> WireMessage:
        role = message["role"]
        if role == "tool":
            return self._result(message)
        if role != "assistant":
            return message
        if "function_call" in message:
            message = _with_tool_call(message)
        return self._calls(message) if message.get("tool_calls") else message

    def _calls(self, message: WireMessage) -> WireMessage:
        calls = cast("list[dict[str, Any]]", message["tool_calls"])
        ids = [str(call.get("id") or "") for call in calls]
        sent = [self._sent_id(i, call) for i, call in zip(ids, calls, strict=True)]
        if ids == sent:
            self._open = {k: v for k, v in self._open.items() if k not in ids} if self._open else {}
            return message
        pairs = list(zip(ids, sent, strict=True))
        self._open |= {identity: [new for old, new in pairs if old == identity] for identity in ids}
        fitted = [{**call, "id": identity} for call, identity in zip(calls, sent, strict=True)]
        return {**message, "tool_calls": fitted, **_reasoning(message, dict(pairs))}

    def _sent_id(self, identity: str, call: dict[str, Any]) -> str:
        sent = self._allowed(identity or f"call_{len(self._names)}")
        if sent in self._names and (self.must_differ or not identity):
            sent = self._short(f"{identity}/{len(self._names)}")
        self._names[sent] = str((call.get("function") or {}).get("name") or "")
        return sent

    def _allowed(self, identity: str) -> str:
        if all(rule.fullmatch(identity) for rule in self.rules):
            return identity
        warn_once(
            "Ids of tool calls that the asked model refuses were replaced, in calls and results alike."
        )
        return self._short(identity)

    def _short(self, identity: str) -> str:
        """An id that every vendor takes, the same in every request."""
        return sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:9]

    def _result(self, message: WireMessage) -> WireMessage:
        sent = self._answered(str(message.get("tool_call_id") or ""))
        name = message.get("name") or self._names.get(sent)
        if sent == message.get("tool_call_id") and name == message.get("name"):
            return message
        return {**message, "tool_call_id": sent, **({"name": name} if name else {})}

    def _answered(self, identity: str) -> str:
        """The id that goes out for the call with this one; of several that share it, each once."""
        is_known = identity in self._names
        waiting = self._open.get(identity) or ([] if is_known else self._open.get(""))
        if waiting:
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if not identity:
            raise ConfigurationError(
                "A tool message does not say which call it answers. Set its tool_call_id."
            )
        return identity if is_known else self._allowed(identity)


def _reasoning(message: WireMessage, sent: dict[str, str]) -> WireMessage:
    """The reasoning of a message with the new ids of its calls: Gemini names the call that it signed."""
    details = message.get("reasoning_details")
    if not details:
        return {}
    changed = [
        {**entry, "id": sent.get(str(entry.get("id")), entry.get("id"))}
        if entry.get("id")
        else entry
        for entry in details
    ]
    return {"reasoning_details": changed}


def _with_tool_call(message: WireMessage) -> WireMessage:
    """Turn the older `function_call` into a tool call; beside tool calls it says the same and is refused."""
    kept = {key: value for key, value in message.items() if key != "function_call"}
    call = message["function_call"]
    if kept.get("tool_calls") or not call:
        return kept
    function = {**call, "arguments": arguments_text(call.get("arguments"))}
    return {**kept, "tool_calls": [{"type": "function", "function": function}]}


# ---------------------------------------------------------------------------- arguments


def arguments_text(arguments: object) -> str:
    """Return the arguments of a call as the text of a JSON object; text that is one goes out as it is.

    Providers refuse a history that holds anything else. What the model wrote and no tool was run with is kept
    inside an object: `{"invalid_arguments": "..."}`.
    """
    if isinstance(arguments, str) and _is_object(arguments):
        return arguments
    values, error = parse_arguments(arguments)
    if error is None:
        return json.dumps(values, ensure_ascii=False)
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return json.dumps({"invalid_arguments": text}, ensure_ascii=False)


def _is_object(text: str) -> bool:
    """Whether a text is a JSON object with something in it."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and bool(cast("dict[str, Any]", value))
