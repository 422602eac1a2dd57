"""What a call may cost at most, guessed before it is sent. Called by budgets; pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from openrouter_core.costs.records.price import PriceOf
from openrouter_core.costs.records.usage import count
from openrouter_core.observers.calls import CallIntent

DEFAULT_RESERVE_USD = Decimal("0.01")
"""Reserved where no price is known."""
DEFAULT_OUTPUT_TOKENS = 4096
"""Assumed where the call sets no limit of its own."""
_CHARACTERS_PER_TOKEN = 3  # on the safe side: English text has about four
_LONGEST_STRING = 20_000  # longer ones are media in base64, which are not billed by length
_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")


def reservation(intent: CallIntent, price_of: PriceOf, reserve_usd: Decimal) -> Decimal:
    """Return the amount to hold back for a call.

    The list price of its model, for a prompt of this length and for as many output tokens as the call
    allows (4,096 if it sets no limit); `reserve_usd` where the price is not known.
    """
    body = intent.body
    price = price_of(str(body.get("model") or ""))
    if price is None:
        return reserve_usd
    prompt = characters(body) // _CHARACTERS_PER_TOKEN
    amount = price.amount(prompt, _output_tokens(body))
    return amount if amount.is_finite() and amount >= 0 else reserve_usd  # a list may hold anything


def characters(value: Any) -> int:
    """Return the length of all text in a JSON value; media count as much as a long page."""
    total, rest = 0, [value]
    while rest:
        item = rest.pop()
        if isinstance(item, str):
            total += min(len(item), _LONGEST_STRING) if _is_media(item) else len(item)
        elif isinstance(item, Mapping):
            rest.extend(item.values())
        elif isinstance(item, (list, tuple)):
            rest.extend(item)
    return total


def _output_tokens(body: Mapping[str, Any]) -> int:
    limit = next((n for name in _LIMITS if (n := count(body.get(name)))), DEFAULT_OUTPUT_TOKENS)
    return limit * max(1, count(body.get("n")) or 1)


def _is_media(text: str) -> bool:
    return len(text) > _LONGEST_STRING and (text.startswith("data:") or " " not in text[:1000])
