"""What one more request may mend when a provider refuses what earlier turns left behind.

Called by `send`, for both adapters, whole and streamed. A refusal of the kinds below is answered by one more
request without what was refused, and one line in the log; the second request is a call of its own for budgets
and ledgers, and the last. Pure but for that line: the caller sends.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from openrouter_core.chat.reasoning import ReasoningDetail, ReplayPolicy, is_sealed
from openrouter_core.chat.request import ChatRequest
from openrouter_core.chat.tool_turns import WireMessage, with_accepted_ids
from openrouter_core.errors import ApiStatusError

Messages = list[WireMessage]

_log = logging.getLogger("openrouter")


def second_messages(request: ChatRequest, error: ApiStatusError) -> Messages:
    """Return what to send once more after a refusal.

    Raises:
        ApiStatusError: The error itself, when nothing can be left out.
    """
    request.explain(error)
    messages, replay = request.body["messages"], request.reasoning_replay
    return repaired(messages, error, reasoning_replay=replay)


def repaired(
    messages: Sequence[WireMessage], error: ApiStatusError, *, reasoning_replay: ReplayPolicy
) -> Messages:
    """Return the messages without what was refused, and log a warning. They are not changed.

    Raises:
        ApiStatusError: The error itself, when it is about something else or nothing can be left out.
    """
    words = f"{error.message} {error.raw}" if error.status_code in {400, 404} else ""
    for repair in _REPAIRS:
        if repair.refusal.search(words) and not (repair.of_reasoning and reasoning_replay == "all"):
            kept = repair.mend(messages)
            if kept != list(messages):
                _log.warning(repair.log)
                return kept
    raise error


# ---------------------------------------------------------------------------- what can be left out


def drop_unstored_reasoning(messages: Sequence[WireMessage]) -> Messages:
    """Leave out the reasoning items that the provider was to keep.

    All of them, not only the one that the error names: the second request is the last.
    """
    return _keeping(messages, lambda entry: not str(entry.get("id")).startswith("rs_"))


def drop_sealed_reasoning(messages: Sequence[WireMessage]) -> Messages:
    """Leave out all signed and encrypted reasoning, for the refusal does not say whose it was."""
    return _keeping(messages, lambda entry: not is_sealed(entry))


def _keeping(messages: Sequence[WireMessage], keep: Callable[[ReasoningDetail], bool]) -> Messages:
    return [_with_details_that(keep, message) for message in messages]


def _with_details_that(
    keep: Callable[[ReasoningDetail], bool], message: Mapping[str, Any]
) -> WireMessage:
    details = message.get("reasoning_details")
    if not details:
        return dict(message)
    if kept := [entry for entry in details if keep(entry)]:
        return {**message, "reasoning_details": kept}
    return {key: value for key, value in message.items() if key != "reasoning_details"}


class _Repair(NamedTuple):
    """A kind of refusal, and the request that is worth a second try."""

    refusal: re.Pattern[str]
    mend: Callable[[Sequence[WireMessage]], Messages]
    log: str
    of_reasoning: bool = True


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_REPAIRS = (
    _Repair(
        # OpenAI keeps no item of a call that was made without `store`.
        _words(r"item with id \W*rs_\w+\W* not found"),
        drop_unstored_reasoning,
        "The provider has lost reasoning items of earlier turns, so the call is repeated without "
        'them. Set reasoning_replay="none" for models that never find them.',
    ),
    _Repair(
        _words(
            r"produced under a different model",  # OpenRouter, 404
            r"invalid \W*signature\W* in \W*thinking",  # Anthropic
            r"invalid \W*data\W* in \W*redacted_thinking",
            r"(corrupted|invalid) thought.?signature",  # Google
            r"thought.?signature is (invalid|not valid)",
            r"encrypted.content.{0,80}could not be (verified|decrypted)",  # OpenAI
        ),
        drop_sealed_reasoning,
        "The model that answers cannot read the signed or encrypted reasoning of earlier turns, so the "
        'call is repeated without it. Name one model, or set reasoning_replay="none".',
    ),
    _Repair(
        _words(
            r"tool_use\.id: string should match pattern",  # Anthropic
            r"tool call id was \S+ but must be",  # Mistral
        ),
        with_accepted_ids,
        "The model that answers refuses ids of earlier tool calls, so the call is repeated with others.",
        of_reasoning=False,
    ),
)
