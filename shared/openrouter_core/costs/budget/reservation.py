"""What a call may cost at most, guessed before it is sent. Called by budgets; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, cast

from openrouter_core._json import as_dict
from openrouter_core.costs.records.price import PriceOf
from openrouter_core.costs.records.usage import count
from openrouter_core.observers.calls import CallIntent

DEFAULT_RESERVE_USD = Decimal("0.01")
"""Reserved where no price is known."""
DEFAULT_OUTPUT_TOKENS = 4096
"""Assumed where the call sets no limit of its own."""
_CHARACTERS_PER_TOKEN = 3  # on the safe side: English text has about four
_LONGEST_STRING = 20_000  # longer ones are media in base64, which are not billed by length
_BATCH_PRICE = Decimal("0.5")
_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")


def reservation(intent: CallIntent, price_of: PriceOf, reserve_usd: Decimal) -> Decimal:
    """Return the amount to hold back for a call.

    The list price of its model, or of the most expensive that may answer in its place, for a prompt of this length
    and for as many output tokens as the call allows (4,096 if it sets no limit), and of one search where the
    web is searched; `reserve_usd` where a price is not known. A batch costs half of what its requests
    would, and `reserve_usd` as a whole where its model has no list price.
    """
    requests = intent.body.get("requests")
    if intent.operation != "createBatches" or not isinstance(requests, list):
        paints = intent.operation == "createImages"
        return _of_one(intent.body, price_of, reserve_usd, paints=paints)
    prices, model = cache(price_of), intent.body.get("model")
    if prices(str(model or "")) is None:  # else it would be a guess times thousands of requests
        return reserve_usd
    bodies = (as_dict(as_dict(one).get("body")) for one in cast("list[object]", requests))
    return (
        sum((_of_one({"model": model, **body}, prices, reserve_usd) for body in bodies), Decimal(0))
        * _BATCH_PRICE
    )


def _of_one(
    body: Mapping[str, Any], price_of: PriceOf, reserve_usd: Decimal, *, paints: bool = False
) -> Decimal:
    prompt, output = characters(body) // _CHARACTERS_PER_TOKEN, _output_tokens(body)
    paints, searches = paints or "image" in _items(body.get("modalities")), _searches(body)

    def amount(model: str) -> Decimal:
        price = price_of(model)
        if price is None:
            return reserve_usd
        usd = price.amount(prompt, output)
        if paints and price.image_output is not None:
            usd += max(Decimal(0), price.image_output - price.completion) * output
        if searches or model.endswith(":online"):
            usd += reserve_usd if price.web_search is None else price.web_search
        return usd if usd.is_finite() and usd >= 0 else reserve_usd  # a list may hold anything

    return max(amount(model) for model in _models(body))


def _searches(body: Mapping[str, Any]) -> bool:
    """Whether a search of the web is asked for, by any of its names."""
    kinds = [as_dict(plugin).get("id") for plugin in _items(body.get("plugins"))]
    kinds += [as_dict(tool).get("type") for tool in _items(body.get("tools"))]
    return body.get("web_search_options") is not None or any(
        kind == "web" or "web_search" in str(kind) for kind in kinds
    )


def _items(value: object) -> Sequence[Any]:
    return cast("Sequence[Any]", value) if isinstance(value, (list, tuple)) else ()


def _models(body: Mapping[str, Any]) -> set[str]:
    """The models that may answer."""
    named = [body.get("model"), *_items(body.get("models"))]
    return {model for model in named if isinstance(model, str) and model} or {""}


def characters(value: Any) -> int:
    """Return the length of all text in a JSON value, in bytes of UTF-8; media count as much as a long page.

    A Chinese character has three, and is a token or more.
    """
    total, rest = 0, [value]
    while rest:
        item = rest.pop()
        if isinstance(item, str):
            total += min(_length(item), _LONGEST_STRING) if _is_media(item) else _length(item)
        elif isinstance(item, Mapping):
            rest.extend(item.values())
        elif isinstance(item, (list, tuple)):
            rest.extend(item)
    return total


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _output_tokens(body: Mapping[str, Any]) -> int:
    limit = next((n for name in _LIMITS if (n := count(body.get(name)))), DEFAULT_OUTPUT_TOKENS)
    return limit * max(1, count(body.get("n")) or 1)


def _is_media(text: str) -> bool:
    if len(text) <= _LONGEST_STRING or not text.isascii():  # Chinese has no blanks either
        return False
    return text.startswith("data:") or " " not in text[:1000]
