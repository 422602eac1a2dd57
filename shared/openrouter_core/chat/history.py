"""What earlier turns must look like for the model that is asked now. Pure, but for lines in the log.

`ChatRequest.add_messages` calls `fit_history` once per request, on wire messages that are more than plain text.
What another model or another client left behind is often refused, and then every later turn of the conversation
is. So each repair is of the request alone, for the vendors that are known to refuse, and is logged once per
process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from openrouter_core._json import as_dict
from openrouter_core._logging import warn_once
from openrouter_core.chat.content_parts import (
    MARKS,
    Part,
    is_empty_text,
    marks_of,
    with_true_media,
    without_empty_text,
)
from openrouter_core.chat.reasoning import ReasoningDetail, ReplayPolicy, is_foreign, replayable
from openrouter_core.chat.tool_turns import WireMessage, with_paired_tools

Vendors = frozenset[str | None]
_Sent = dict[tuple[str, str, str], list[ReasoningDetail]]

_CLAUDE = "anthropic"
MOST_MARKS = 4
"""Anthropic refuses more: "A maximum of 4 blocks with cache_control may be provided. Found 5." """


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
    fitted = [_with_fitting_parts(message, blank=_CLAUDE in asked) for message in messages]
    fitted = _with_chosen_reasoning(fitted, reasoning_replay, asked)
    fitted = with_paired_tools(fitted, asked)
    fitted = _without_empty_answers(fitted, asked)
    return _with_few_marks(fitted, request) if _may_be_claude(asked) else fitted


# ---------------------------------------------------------------------------- who is asked

_ROUTERS = frozenset({"openrouter", "switchpoint"})


def asked_vendors(request: Mapping[str, Any]) -> Vendors:
    """Return the vendors of the models that may answer; None stands for those that cannot be known.

    A router, a preset and a name without vendor hide who answers.
    """
    names = (request.get("model"), *(request.get("models") or ()))
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


def _with_fitting_parts(message: WireMessage, *, blank: bool) -> WireMessage:
    content, images = message.get("content"), message.get("images")
    if isinstance(content, list):
        parts = cast("list[Part]", content)
        fitted = without_empty_text(_with_true_media(parts), blank=blank)
        message = message if fitted == parts else {**message, "content": fitted}
    if images and (true := _with_true_media(images)) != images:
        message = {**message, "images": true}
    return message


def _with_true_media(parts: list[Part]) -> list[Part]:
    true = [with_true_media(part) for part in parts]
    if true != parts:
        warn_once(
            "An image or sound was declared as what its data is not, and was sent as what it is."
        )
    return true


def _without_empty_answers(messages: list[WireMessage], asked: Vendors) -> list[WireMessage]:
    """Content of no characters becomes null beside something else; alone, the turn is left out for Claude.

    Some providers refuse "" beside tool calls; Claude refuses a turn without content anywhere but at the end.
    """
    last, fitted = len(messages) - 1, list[WireMessage]()
    for at, message in enumerate(messages):
        if message["role"] != "assistant" or _has_text(message.get("content"), asked):
            fitted.append(message)
        elif _holds_more(message, asked):
            is_null = message.get("content") is None
            fitted.append(message if is_null else {**message, "content": None})
        elif at < last and _may_be_claude(asked):
            warn_once("An empty answer of an earlier turn was left out, for Claude refuses it.")
        else:
            fitted.append(message)
    return fitted


def _has_text(content: object, asked: Vendors) -> bool:
    blank = _CLAUDE in asked
    if isinstance(content, list):
        parts = cast("list[object]", content)
        return not all(is_empty_text(part, blank=blank) for part in parts)
    text = str(content or "")
    return bool(text.strip() if blank else text)


def _holds_more(message: WireMessage, asked: Vendors) -> bool:
    get = message.get
    if get("tool_calls") or get("images") or get("audio") or get("refusal"):
        return True
    return _may_be_claude(asked) and bool(get("reasoning_details") or get("reasoning"))


def _with_few_marks(messages: list[WireMessage], request: Mapping[str, Any]) -> list[WireMessage]:
    """Leave out the cache marks that are too many: the earliest, and those of system prompts at last."""
    marked = [(at, n) for at, m in enumerate(messages) for n in _marked_places(m)]
    tools = sum(bool(as_dict(tool).get("cache_control")) for tool in request.get("tools") or ())
    too_many = len(marked) - max(0, MOST_MARKS - tools - bool(request.get("cache_control")))
    if too_many <= 0:
        return messages
    warn_once(
        "Cache marks beyond the fourth were left out, the earliest first, for Claude refuses them."
    )
    marked.sort(key=lambda place: messages[place[0]]["role"] in {"system", "developer"})
    fitted = list(messages)
    for at, n in marked[:too_many]:
        fitted[at] = _without_mark(fitted[at], n)
    return fitted


def _marked_places(message: WireMessage) -> list[tuple[str, int]]:
    """Where a message carries cache marks: which part of its content, which of its tool calls."""
    content, calls = message.get("content"), message.get("tool_calls") or ()
    parts = cast("list[Part]", content) if isinstance(content, list) else ()
    if not parts and not calls:
        return []
    marked = [("content", n) for n, part in enumerate(parts) if marks_of(as_dict(part))]
    return marked + [("tool_calls", n) for n, call in enumerate(calls) if call.get("cache_control")]


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
    sent: _Sent = {}
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
        warn_once(
            "Signed or encrypted reasoning of another vendor's model was left out, for the model that is "
            'asked refuses it. reasoning_replay="all" sends it.'
        )
    return kept


def _was_sent(entry: ReasoningDetail, sent: _Sent) -> bool:
    """Whether an equal entry went out before. Only with an id or a seal can two equal ones be copies."""
    key = (
        str(entry.get("id") or ""),
        str(entry.get("signature") or ""),
        str(entry.get("data") or ""),
    )
    if key == ("", "", ""):
        return False
    earlier = sent.setdefault(key, [])
    if entry in earlier:
        return True
    earlier.append(entry)
    return False
