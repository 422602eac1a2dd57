"""The account's balance. Read by `resources/credits.py`."""

from __future__ import annotations

from decimal import Decimal

from openrouter_core.wire._base import WireModel
from openrouter_core.wire._fields import Usd


class Credits(WireModel):
    """What was bought and what was spent, in USD."""

    total_credits: Usd | None = None
    total_usage: Usd | None = None

    @property
    def balance(self) -> Decimal | None:
        """What is left, in USD; None when the answer does not tell."""
        if self.total_credits is None or self.total_usage is None:
            return None
        return self.total_credits - self.total_usage
