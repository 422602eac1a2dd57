"""What one more request may mend: a refusal of what earlier turns left behind, or an empty answer.

Called by `send`, for both adapters, whole and streamed. A refusal of the kinds below is answered by one more
request without what was refused, an empty answer by the same request, each with one line in the log; the
second request is a call of its own for budgets and ledgers. Pure but for that line: the caller sends.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from openrouter_core._json import as_dict
from openrouter_core.catalog.models import facts_at_hand
from openrouter_core.chat.answer import is_empty_answer
from openrouter_core.chat.reasoning import ReasoningDetail, ReplayPolicy, is_sealed
from openrouter_core.chat.request import ChatRequest
from openrouter_core.chat.requirements import models_of
from openrouter_core.chat.response_cache import cache_status
from openrouter_core.chat.tool_turns import WireMessage, with_accepted_ids
from openrouter_core.errors import ApiStatusError

if TYPE_CHECKING:
    from openrouter_core._call import ReplyInfo
    from openrouter_core.config import ClientConfig

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


# ---------------------------------------------------------------------------- empty answers


def may_ask_again(
    request: ChatRequest, reply: Mapping[str, Any], http: ReplyInfo, config: ClientConfig
) -> bool:
    """Whether to send once more because the reply is empty; logs a warning and notes it in the request.

    Only where the first answer cost nobody anything, so that the second is not a second payment: OpenRouter
    bills no answer without tokens, but a provider may bill its own key, and a tool may have run.
    """
    if request.was_repeated or request.options.get("retry_empty") is False:
        return False
    if http.attempts > config.max_retries or cache_status(http.headers) is not None:
        return False
    if not is_empty_answer(reply, stop=request.body.get("stop")) or not _cost_nothing(reply):
        return False
    if any(map(_is_free, {*models_of(request.body), str(reply.get("model"))})):
        return False
    request.was_repeated = True
    _log.warning(
        "The answer %s is empty and was not billed, so it is asked for once more. retry_empty=False "
        "switches that off.",
        reply.get("id"),
    )
    return True


def _cost_nothing(reply: Mapping[str, Any]) -> bool:
    usage = as_dict(reply.get("usage"))
    cost = usage.get("cost")
    if usage.get("is_byok") or isinstance(cost, bool) or cost != 0:
        return False
    spent = (as_dict(usage.get(key)) for key in _SPENT_ELSEWHERE)
    return not any(value for part in spent for value in part.values())


_SPENT_ELSEWHERE = ("cost_details", "server_tool_use", "server_tool_use_details")


def _is_free(model: str) -> bool:
    """Whether a model costs nothing in any case: its cost of 0 does not say that nothing was billed."""
    facts = facts_at_hand(model)
    prices = facts.pricing.values() if facts else ()
    is_listed_free = bool(prices) and not any(price.strip("0.") for price in prices)
    return model.endswith((":free", "/free")) or is_listed_free


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
