"""What earlier turns must look like for the model that is asked now. Pure, but for lines in the log.

Both adapters call `fit_history` once per request, on wire messages. What another model or another client
left behind is often refused, and then every later turn of the conversation is. So each repair is of the
request alone, for the vendors that are known to refuse, and is logged once per process.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, cast

from openrouter_core.chat.content_parts import (
    MARKS,
    Part,
    is_empty_text,
    with_true_image,
    without_empty_text,
)
from openrouter_core.errors import ConfigurationError
from openrouter_core.reasoning import ReasoningDetail, ReplayPolicy, is_foreign, replayable

WireMessage = dict[str, Any]
Vendors = frozenset[str | None]

_CLAUDE = "anthropic"
_MOST_MARKS = 4
"""Anthropic: "A maximum of 4 blocks with cache_control may be provided. Found 5." """

_log = logging.getLogger("openrouter")
_logged: set[str] = set()


def fit_history(
    messages: Sequence[WireMessage],
    request: Mapping[str, Any],
    *,
    reasoning_replay: ReplayPolicy = "auto",
) -> list[WireMessage]:
    """Return the conversation as the model that is asked accepts it.

    Args:
        messages: The conversation in wire form, oldest first. It is not changed.
        request: The body it goes out with: who is asked (`model`, `models`, `preset`), and the cache
            marks outside of the messages (`tools`, `cache_control`).
        reasoning_replay: Which reasoning of earlier turns goes along. "auto" leaves out what the one
            vendor that is asked cannot read; "all" leaves out nothing.

    Raises:
        ConfigurationError: A tool result does not say which call it answers.
    """
    asked = asked_vendors(request)
    fitted = [_with_fitting_parts(message) for message in messages]
    fitted = _with_chosen_reasoning(fitted, reasoning_replay, asked)
    fitted = _with_paired_tools(fitted, asked)
    fitted = _without_empty_answers(fitted, asked)
    return _with_few_marks(fitted, request) if _may_be_claude(asked) else fitted


def _note(what: str) -> None:
    """Log a repair, the first time that it is made."""
    if what not in _logged:
        _logged.add(what)
        _log.warning("%s The messages that you hold are not changed.", what)


# ---------------------------------------------------------------------------- who is asked

_ROUTERS = frozenset({"openrouter", "switchpoint"})


def asked_vendors(request: Mapping[str, Any]) -> Vendors:
    """Return the vendors of the models that may answer; None stands for those that cannot be known.

    A router, a preset and a name without vendor hide who answers.
    """
    names = [request.get("model"), *(request.get("models") or ())]
    vendors = {_vendor_of_model(str(name)) for name in names if name}
    if request.get("preset") or not vendors:
        vendors.add(None)
    return frozenset(vendors)


def _vendor_of_model(name: str) -> str | None:
    vendor, slash, model = name.removeprefix("~").partition("/")
    is_hidden = not slash or vendor in _ROUTERS or vendor.startswith("@") or "@preset/" in model
    return None if is_hidden else vendor


def _may_be_claude(asked: Vendors) -> bool:
    return _CLAUDE in asked or None in asked


# ---------------------------------------------------------------------------- content


def _with_fitting_parts(message: WireMessage) -> WireMessage:
    content, images = message.get("content"), message.get("images")
    if isinstance(content, list):
        parts = cast("list[Part]", content)
        fitted = without_empty_text(_with_true_images(parts))
        message = message if fitted == parts else {**message, "content": fitted}
    if images and (true := _with_true_images(images)) != images:
        message = {**message, "images": true}
    return message


def _with_true_images(parts: list[Part]) -> list[Part]:
    true = [with_true_image(part) for part in parts]
    if true != parts:
        _note("An image was sent with the type that its bytes have, not with the declared one.")
    return true


def _without_empty_answers(messages: list[WireMessage], asked: Vendors) -> list[WireMessage]:
    """Content of no characters becomes null beside something else; alone, the turn is left out for Claude.

    Some providers refuse "" beside tool calls; Claude refuses a turn without content anywhere but at the end.
    """
    last, fitted = len(messages) - 1, list[WireMessage]()
    for at, message in enumerate(messages):
        if message["role"] != "assistant" or _says_something(message.get("content")):
            fitted.append(message)
        elif _holds_more(message, asked):
            is_null = message.get("content") is None
            fitted.append(message if is_null else {**message, "content": None})
        elif at < last and _may_be_claude(asked):
            _note("An empty answer of an earlier turn was left out, for Claude refuses it.")
        else:
            fitted.append(message)
    return fitted


def _says_something(content: object) -> bool:
    if isinstance(content, list):
        return not all(map(is_empty_text, cast("list[object]", content)))
    return bool(content)


def _holds_more(message: WireMessage, asked: Vendors) -> bool:
    names = ("tool_calls", "images", "audio", "refusal")
    if any(message.get(name) for name in names):
        return True
    return _may_be_claude(asked) and bool(
        message.get("reasoning_details") or message.get("reasoning")
    )


def _with_few_marks(messages: list[WireMessage], request: Mapping[str, Any]) -> list[WireMessage]:
    """Leave out the cache marks that are too many: the earliest, and those of system prompts at last."""
    marked = [(at, n) for at, m in enumerate(messages) for n in _marked_places(m)]
    tools = sum(bool(tool.get("cache_control")) for tool in request.get("tools") or ())
    too_many = len(marked) - max(0, _MOST_MARKS - tools - bool(request.get("cache_control")))
    if too_many <= 0:
        return messages
    _note(
        "Cache marks beyond the fourth were left out, the earliest first, for Claude refuses them."
    )
    marked.sort(key=lambda place: messages[place[0]]["role"] in {"system", "developer"})
    fitted = list(messages)
    for at, n in marked[:too_many]:
        fitted[at] = _without_mark(fitted[at], n)
    return fitted


def _marked_places(message: WireMessage) -> list[tuple[str, int]]:
    """Where a message carries cache marks: which part of its content, which of its tool calls."""
    return [
        (name, n)
        for name in ("content", "tool_calls")
        if isinstance(message.get(name), list)
        for n, part in enumerate(message[name])
        if isinstance(part, dict) and any(cast("Part", part).get(mark) for mark in MARKS)
    ]


def _without_mark(message: WireMessage, place: tuple[str, int]) -> WireMessage:
    name, n = place
    parts = list(cast("list[Part]", message[name]))
    parts[n] = {key: value for key, value in parts[n].items() if key not in MARKS}
    return {**message, name: parts}


# ---------------------------------------------------------------------------- reasoning


def _with_chosen_reasoning(
    messages: list[WireMessage], replay: ReplayPolicy, asked: Vendors
) -> list[WireMessage]:
    """Keep the reasoning that may go along; a copy that an earlier message carries is left out."""
    reader = next(iter(asked)) if replay == "auto" and len(asked) == 1 else None
    sent: dict[tuple[str, ...], list[ReasoningDetail]] = {}
    fitted: list[WireMessage] = []
    for message in messages:
        if "reasoning_details" in message or "reasoning" in message:
            details = replayable(message.get("reasoning_details") or (), replay)
            if reader is not None:
                details = _readable(details, reader)
            if replay != "all":
                details = [entry for entry in details if not _was_sent(entry, sent)]
            message = _with_reasoning(message, details, replay)  # noqa: PLW2901  # the message as it goes out
        fitted.append(message)
    return fitted


def _with_reasoning(
    message: WireMessage, chosen: list[ReasoningDetail], replay: ReplayPolicy
) -> WireMessage:
    """Details if there are any, else the text; text never stands in for details that were left out."""
    received = message.get("reasoning_details")
    keeps_text = not received and replay in {"auto", "all"}
    out = {"reasoning_details"} | (set() if keeps_text else {"reasoning"})
    kept = {key: value for key, value in message.items() if key not in out}
    if chosen or (keeps_text and received is not None):  # some models want an empty array back
        kept["reasoning_details"] = chosen
    return kept


def _readable(details: list[ReasoningDetail], vendor: str) -> list[ReasoningDetail]:
    """Leave out what only another vendor can read: OpenRouter answers 404, Claude and Gemini 400."""
    kept = [entry for entry in details if not is_foreign(entry, vendor)]
    if len(kept) < len(details):
        _note(
            "Signed or encrypted reasoning of another vendor's model was left out, for the model that is "
            'asked refuses it. reasoning_replay="all" sends it.'
        )
    return kept


def _was_sent(entry: ReasoningDetail, sent: dict[tuple[str, ...], list[ReasoningDetail]]) -> bool:
    """Whether an equal entry went out before. Only with an id or a seal can two equal ones be copies."""
    unique = (entry.get("id"), entry.get("signature"), entry.get("data"))
    key = tuple(value for value in unique if isinstance(value, str) and value)
    if not key:
        return False
    if entry in (earlier := sent.setdefault(key, [])):
        return True
    earlier.append(entry)
    return False


# ---------------------------------------------------------------------------- tool calls and results

_ID_RULES = {
    _CLAUDE: re.compile(r"[a-zA-Z0-9_-]+"),
    "amazon": re.compile(r"[a-zA-Z0-9_-]{1,64}"),
    "mistralai": re.compile(r"[a-zA-Z0-9]{9}"),
    "openai": re.compile(r".{1,64}", re.DOTALL),
}
"""The ids of tool calls that a vendor takes; the others take any."""


def _with_paired_tools(messages: list[WireMessage], asked: Vendors) -> list[WireMessage]:
    rules = [rule for vendor, rule in _ID_RULES.items() if vendor in asked]
    turns = _ToolTurns(rules, must_differ=_CLAUDE in asked)
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
    """From the id that a call has to those it goes out with; several where the turn's calls share one."""

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
        sent = [self._sent_id(identity) for identity in ids]
        for call, identity in zip(calls, sent, strict=True):
            self._names[identity] = str((call.get("function") or {}).get("name") or "")
        self._open |= {i: [s for g, s in zip(ids, sent, strict=True) if g == i] for i in ids}
        if ids == sent:
            return message
        fitted = [{**call, "id": identity} for call, identity in zip(calls, sent, strict=True)]
        return {**message, "tool_calls": fitted}

    def _sent_id(self, identity: str) -> str:
        sent = self._allowed(identity or f"call_{len(self._names)}")
        if sent in self._names and (self.must_differ or not identity):
            sent = self._short(f"{identity}/{len(self._names)}")
        self._names[sent] = ""
        return sent

    def _allowed(self, identity: str) -> str:
        if all(rule.fullmatch(identity) for rule in self.rules):
            return identity
        _note(
            "Ids of tool calls that the asked model refuses were replaced, in calls and results alike."
        )
        return self._short(identity)

    def _short(self, identity: str) -> str:
        """An id that every vendor takes, the same in every request."""
        return sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:9]

    def _result(self, message: WireMessage) -> WireMessage:
        identity = str(message.get("tool_call_id") or "")
        if not identity and not self._open.get(""):
            raise ConfigurationError(
                "A tool message does not say which call it answers. Set its tool_call_id."
            )
        waiting = self._open.get(identity) or [self._allowed(identity)]
        sent = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        name = message.get("name") or self._names.get(sent)
        if sent == message.get("tool_call_id") and name == message.get("name"):
            return message
        return {**message, "tool_call_id": sent, **({"name": name} if name else {})}


def _with_tool_call(message: WireMessage) -> WireMessage:
    """Turn the older `function_call` into a tool call; beside tool calls it says the same and is refused."""
    kept = {key: value for key, value in message.items() if key != "function_call"}
    call = message["function_call"]
    if kept.get("tool_calls") or not call:
        return kept
    return {**kept, "tool_calls": [{"type": "function", "function": call}]}
