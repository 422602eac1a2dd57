"""What everything that books calls says about them: the tracker, and the handlers of both frameworks."""

from __future__ import annotations

from decimal import Decimal

from openrouter_core.costs.ledger import CostLedger
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.records.totals import GroupKey, Totals


class CostFigures:
    """The sums over the calls that a ledger holds. Who has one inherits these questions."""

    ledger: CostLedger
    """Where the calls are booked."""

    @property
    def totals(self) -> Totals:
        """All sums, with the number of calls whose cost is unknown or awaited."""
        return self.ledger.totals()

    @property
    def total(self) -> Decimal:
        """What the calls cost you, in USD, as far as it is known; see `totals.unknown`."""
        return self.totals.total

    @property
    def charged(self) -> Decimal:
        """What OpenRouter took from the account, in USD, as far as it is known."""
        return self.totals.charged

    @property
    def calls(self) -> list[CostRecord]:
        """The calls, oldest first."""
        return self.ledger.records()

    @property
    def pending(self) -> tuple[str, ...]:
        """Ids of the calls whose generation record is still awaited."""
        return self.ledger.pending

    def by(self, key: GroupKey) -> dict[str, Totals]:
        """Return the sums per model, provider, tag, run, operation ..., most expensive first."""
        return self.ledger.by(key)

    def by_model(self) -> dict[str, Totals]:
        """Return the sums per model, most expensive first."""
        return self.by("model")

    def flush(self, timeout_s: float = 60.0) -> tuple[str, ...]:
        """Wait for the generation records of these calls; return the ids still pending."""
        return self.ledger.flush(timeout_s)

    async def aflush(self, timeout_s: float = 60.0) -> tuple[str, ...]:
        """`flush` for asyncio: the event loop stays free."""
        return await self.ledger.aflush(timeout_s)
