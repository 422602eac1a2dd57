"""What the calls of one item cost: an observer of the context in which the item is asked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from openrouter_core.costs.records.cost import Cost
from openrouter_core.observers.calls import CallIntent, CompletedCall


class Bill:
    """Adds up the calls of one item, and keeps the last answer."""

    __slots__ = ("body", "cost", "generation_id", "keeps_body", "under_way")

    def __init__(self, paid: str | None, under_way: set[Bill], *, keeps_body: bool = True) -> None:
        self.keeps_body = keeps_body
        self.under_way = under_way
        """The bills whose calls are sent, and may hold a part of a budget back."""
        self.cost = None if paid is None else Decimal(paid)
        self.body: Mapping[str, Any] | None = None
        self.generation_id: str | None = None

    def admit(self, intent: CallIntent, /) -> None:  # noqa: ARG002  # an observer's signature
        """Let every call go. It comes after the budget, so what gets here is sent."""
        self.under_way.add(self)

    def completed(self, call: CompletedCall, ticket: object, /) -> None:  # noqa: ARG002  # as above
        """Book a call."""
        self.generation_id = call.generation_id or self.generation_id
        if call.answer is not None and self.keeps_body:
            self.body = call.answer
        if call.usage is not None and (usd := Cost.of_usage(call.usage).counted_usd) is not None:
            self.cost = usd + (self.cost or 0)
