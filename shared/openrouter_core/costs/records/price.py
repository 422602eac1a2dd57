"""List prices, and what a call would cost by them. For budgets and marked estimates; pure.

Real prices come from the provider that served the call, so a list price is never more than a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from openrouter_core.costs.records.cost import Cost
from openrouter_core.costs.records.usage import usd

if TYPE_CHECKING:
    from openrouter_core.costs.records.record import CostRecord


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs by the list, in USD per unit."""

    prompt: Decimal
    """Per prompt token, e.g. Decimal("0.0000025")."""
    completion: Decimal
    request: Decimal = Decimal(0)
    """Per call."""
    cache_read: Decimal | None = None
    """Per prompt token read from cache; None: as `prompt`."""
    image_output: Decimal | None = None
    """Per token of a picture in the answer; None: as `completion`."""
    web_search: Decimal | None = None
    """Per search of the web; None: not known."""

    @classmethod
    def of(cls, pricing: Mapping[str, Any]) -> Price | None:
        """Read the `pricing` object of a model or endpoint.

        Returns:
            None where the price is not fixed: routers say "-1".
        """
        prompt, completion = usd(pricing.get("prompt")), usd(pricing.get("completion"))
        if prompt is None or completion is None or prompt < 0 or completion < 0:
            return None
        return cls(
            prompt,
            completion,
            usd(pricing.get("request")) or Decimal(0),
            usd(pricing.get("input_cache_read")),
            usd(pricing.get("image_output")),
            usd(pricing.get("web_search")),
        )

    def amount(self, prompt_tokens: int, completion_tokens: int, *, cached: int = 0) -> Decimal:
        """Return the list price of a call."""
        cheap = self.prompt if self.cache_read is None else self.cache_read
        return (
            self.request
            + self.prompt * (prompt_tokens - cached)
            + cheap * cached
            + self.completion * completion_tokens
        )


PriceOf = Callable[[str], Price | None]
"""Returns the list price of a model, None if it is not known."""


def estimate_of(record: CostRecord, price_of: PriceOf) -> Cost | None:
    """Return the list price of a call whose tokens are known, marked as an estimate."""
    tokens = record.cost.tokens
    model = record.model_name
    if model is None or tokens.prompt is None or tokens.completion is None:
        return None
    price = price_of(model)
    if price is None:
        return None
    amount = price.amount(tokens.prompt, tokens.completion, cached=tokens.cached or 0)
    if not amount.is_finite() or amount < 0:  # a list may hold anything
        return None
    return Cost(
        charged=amount, tokens=tokens, model=model, provider=record.provider, source="estimate"
    )


def catalogue_price(model: str) -> Price | None:
    """Return the list price of a model by the model catalogue; None where it is not fixed or not known."""
    from openrouter_core.catalog.models import ModelCatalog

    facts = ModelCatalog().facts(model) if model else None
    return Price.of(facts.pricing) if facts else None
