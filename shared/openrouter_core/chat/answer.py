"""Reading an answer: tool calls and their arguments, reasoning, refusal, emptiness; JSON is in `json_text`.

Called by both adapters for whole and for streamed answers. Takes and returns plain JSON; what OpenRouter
sent is never changed, except that entries nobody can read are left out, with a line in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, cast

from openrouter_core._json import as_dict, decoded_again, lenient_json

JsonObject = dict[str, Any]

_log = logging.getLogger("openrouter")

# ---------------------------------------------------------------------------- arguments of a tool call


class Arguments(NamedTuple):
    """The arguments of a tool call."""

    values: JsonObject
    """What to call the tool with; empty when `error` is set."""
    error: str | None
    """Why the tool must not be run, as a sentence; None when the arguments can be used."""


def parse_arguments(arguments: object) -> Arguments:
    """Read the `arguments` of a tool call.

    Models write "no arguments" as nothing, blanks, `null`, `""` or `[]`, and some encode the object twice
    or put `{}` before it. Anything else that is not an object must not run the tool.
    """
    if isinstance(arguments, dict):
        return Arguments(cast("JsonObject", arguments), None)
    if isinstance(arguments, str):
        return _parse_argument_text(arguments)
    if arguments is None or arguments == []:
        return Arguments({}, None)
    return _not_an_object(arguments)


def _parse_argument_text(text: str) -> Arguments:
    if not text.strip():
        return Arguments({}, None)
    try:
        value = lenient_json(_without_placeholder(text))
    except ValueError as error:
        return Arguments({}, f"The arguments are not JSON: {error}")
    if isinstance(value, str) and value.strip():
        value = decoded_again(value)
    if isinstance(value, dict):
        return Arguments(cast("JsonObject", value), None)
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        return Arguments({}, None)
    return _not_an_object(value)


def _without_placeholder(text: str) -> str:
    """Drop an empty object before the real one: `{}{"a": 1}` came from Llama models at Venice."""
    if not text.lstrip().startswith("{}"):
        return text
    rest = text.lstrip()[2:].lstrip()
    return rest if rest.startswith("{") else text


_KINDS: dict[type, str] = {
    str: "string",
    list: "array",
    bool: "boolean",
    int: "number",
    float: "number",
}


def _not_an_object(value: object) -> Arguments:
    kind = _KINDS.get(type(value), type(value).__name__)
    return Arguments({}, f"The arguments are a JSON {kind}, not an object.")


# ---------------------------------------------------------------------------- tool calls


def tool_calls_of(message: Mapping[str, Any], *, reply_id: str | None = None) -> list[JsonObject]:
    """Return the tool calls of a message in wire shape, each with an id of its own.

    A missing id is made of the reply's id and the position, so that it is the same whenever the reply is
    read; a repeated one is numbered. Entries that hold no call are skipped, with a line in the log.
    """
    calls = message.get("tool_calls")
    if not calls:
        return []
    return with_ids(readable_calls(calls), reply_id)


def readable_calls(calls: object) -> list[JsonObject]:
    """Return the entries of `tool_calls` that hold a call; the others are logged and left out."""
    entries = cast("Sequence[object]", calls) if isinstance(calls, list | tuple) else [calls]
    readable = [cast("JsonObject", entry) for entry in entries if holds_call(entry)]
    if len(readable) < len(entries):
        skipped = [entry for entry in entries if not holds_call(entry)]
        _log.warning("Skipped %d entries of tool_calls that hold no call.", len(skipped))
    return readable


def holds_call(entry: object) -> bool:
    """Whether an entry of `tool_calls` says what is called: a function, or something newer."""
    if not isinstance(entry, dict):
        return False
    call = cast("JsonObject", entry)
    function = as_dict(call.get("function"))
    name = function.get("name")
    if name or function.get("arguments"):
        return name is None or isinstance(name, str)
    return any(value for key, value in call.items() if key not in _NOT_WHAT_IS_CALLED)


_NOT_WHAT_IS_CALLED = frozenset({"index", "id", "type", "function"})


def name_and_arguments(call: Mapping[str, Any]) -> tuple[str, Any]:
    """Return the name of the tool that a call is of, and its arguments as they came."""
    function = as_dict(call.get("function"))
    return function.get("name") or "", function.get("arguments")


def with_ids(calls: Sequence[JsonObject], reply_id: str | None) -> list[JsonObject]:
    """Return the calls with an id each; those that have one of their own stay as they are."""
    taken: set[str] = set()
    identified: list[JsonObject] = []
    for at, call in enumerate(calls):
        identity = tool_call_id(call.get("id"), at, reply_id=reply_id, taken=taken)
        taken.add(identity)
        identified.append(call if call.get("id") == identity else {**call, "id": identity})
    return identified


def tool_call_id(given: object, at: int, *, reply_id: str | None, taken: set[str]) -> str:
    """Return the id of the call at position `at`: the given one, unless it is missing or taken."""
    if not isinstance(given, (str, int)) or given == "":
        return "call_" + sha256(f"{reply_id}/{at}".encode()).hexdigest()[:24]
    identity = str(given)
    return f"{identity}_{at}" if identity in taken else identity


# ---------------------------------------------------------------------------- what else an answer says

_CUT_SHORT = ("length", "content_filter", "error")


def finish_reason_of(choice: Mapping[str, Any], *, has_calls: bool) -> str | None:
    """Return why the answer ended: "tool_calls" beside calls, unless the answer was cut short.

    Some providers say "stop", a word of their own or nothing beside their calls.
    """
    reason = choice.get("finish_reason")
    return "tool_calls" if has_calls and reason not in _CUT_SHORT else reason


def was_cut_off(choice: Mapping[str, Any]) -> bool:
    """Whether an answer ended at its token limit, by OpenRouter's word or the provider's.

    Azure and OpenAI say "max_output_tokens" where OpenRouter says "tool_calls" (recording
    rig-tool-truncation-contract-matrix-streaming-gpt41-low-model).
    """
    native = str(choice.get("native_finish_reason") or "").lower()
    return choice.get("finish_reason") == "length" or native in _CUT_BY_PROVIDERS


_CUT_BY_PROVIDERS = ("length", "max_tokens", "max_output_tokens", "model_length")


def text_of(content: object) -> str:
    """Return the text of a message's `content`: a string, or the text parts of a list, joined."""
    if isinstance(content, str):
        return content
    parts = cast("Sequence[object]", content) if isinstance(content, list) else ()
    return "".join(map(_part_text, parts))


def _part_text(part: object) -> str:
    if isinstance(part, str):
        return part
    fields = as_dict(part)
    text = fields.get("text") if fields.get("type") == "text" else None
    return text if isinstance(text, str) else ""


def reasoning_text(message: Mapping[str, Any]) -> str:
    """Return the reasoning of a message or delta as text: the field of either name, else the details'."""
    text = message.get("reasoning") or message.get("reasoning_content")
    if isinstance(text, str) and text:
        return text
    details = message.get("reasoning_details")
    return "".join(map(detail_text, details)) if isinstance(details, list) else ""


def detail_text(detail: object) -> str:
    """Return the readable text of one reasoning detail; encrypted data has none."""
    fields = as_dict(detail)
    text = fields.get("text") or fields.get("summary")
    return text if isinstance(text, str) else ""


def refusal_of(message: Mapping[str, Any]) -> str | None:
    """Return the words with which the model refused; None when it did not, or answered all the same."""
    refusal = message.get("refusal")
    if not refusal or message.get("tool_calls") or text_of(message.get("content")).strip():
        return None
    return str(refusal)


def failure_of(choice: Mapping[str, Any]) -> Any:
    """Return the error object of a choice that failed; None when it did not.

    Some providers call a broken connection a regular end, which only the native reason shows
    (earendil-works/pi#8511, 2026-08).
    """
    if choice.get("error"):
        return choice["error"]
    reason, native = choice.get("finish_reason"), choice.get("native_finish_reason")
    if reason == "error" or (
        native == "network_error"
        and reason in _ENDS_EMPTY
        and not has_content(as_dict(choice.get("message")))
    ):
        return {"message": f"The provider ended the answer with an error ({native})."}
    return None


_SAYS_SOMETHING = ("tool_calls", "function_call", "refusal", "images", "audio", "reasoning_details")
_ENDS_EMPTY = (None, "", "stop", "error")


def has_content(message: Mapping[str, Any]) -> bool:
    """Whether a message holds anything at all."""
    if message.get("content") or any(message.get(key) for key in _SAYS_SOMETHING):
        return True
    return bool(reasoning_text(message))


def is_empty_answer(reply: Mapping[str, Any], *, stop: object = None) -> bool:
    """Whether a whole reply says nothing, though nothing explains that.

    Providers end some answers after no token at all; OpenRouter does not bill them and advises to ask
    again (docs/faq, "zero completion insurance").

    Args:
        stop: The `stop` of the request: with one, an empty answer may be what was asked for.
    """
    choices = reply.get("choices")
    choice = as_dict(choices[0]) if isinstance(choices, list) and choices else {}
    usage = as_dict(reply.get("usage"))
    if stop or usage.get("completion_tokens") or choice.get("finish_reason") not in _ENDS_EMPTY:
        return False
    return not (choice.get("text") or has_content(as_dict(choice.get("message"))))
