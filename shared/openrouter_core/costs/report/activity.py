"""The ledger's days against OpenRouter's own: which differ, and by how much.

`GET /activity` covers the last 30 completed UTC days of the whole account (or of one key), so a ledger
that saw only some of the account's calls shows less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from openrouter_core.costs.records.totals import Totals
from openrouter_core.costs.records.usage import count, usd

if TYPE_CHECKING:
    from openrouter_core.client import OpenRouterClient
    from openrouter_core.costs.ledger import CostLedger

HEAD = ("day", "booked", "activity", "difference", "calls booked", "calls in activity")
_DAYS = 30


@dataclass(frozen=True, slots=True)
class DayDifference:
    """A day on which the ledger and OpenRouter do not agree."""

    day: date
    booked_usd: Decimal
    activity_usd: Decimal
    booked_calls: int
    activity_calls: int

    @property
    def difference_usd(self) -> Decimal:
        """Activity minus ledger: what the ledger does not know of."""
        return self.activity_usd - self.booked_usd


def reconcile_with_activity(
    ledger: CostLedger,
    client: OpenRouterClient,
    *,
    api_key_hash: str | None = None,
    tolerance_usd: Decimal = Decimal("0.000001"),
    today: date | None = None,
) -> list[DayDifference]:
    """Return the completed days of the last 30 on which charges differ.

    Args:
        client: With a management key.
        api_key_hash: Compare one key, by the hash that OpenRouter's key list shows.
        tolerance_usd: Differences up to this amount are left out. USD.
        today: Default: the current UTC day. It is not complete, so it is left out.

    Source: getUserActivity
    """
    today = today or datetime.now(UTC).date()
    rows = client.request("GET", "/activity", query={"api_key_hash": api_key_hash})
    midnight = datetime.combine(today, time(), UTC)
    booked = ledger.by("day", since=midnight - timedelta(days=_DAYS), until=midnight)
    return compare(booked, rows.get("data", []), today=today, tolerance_usd=tolerance_usd)


def compare(
    booked: Mapping[str, Totals],
    activity: Iterable[Mapping[str, Any]],
    *,
    today: date,
    tolerance_usd: Decimal,
) -> list[DayDifference]:
    """Return the days that differ, oldest first. Pure."""
    theirs: dict[str, tuple[Decimal, int]] = {}
    for row in activity:
        day = str(row.get("date"))[:10]
        spent, calls = theirs.get(day, (Decimal(0), 0))
        spent += usd(row.get("usage")) or Decimal(0)
        theirs[day] = spent, calls + (count(row.get("requests")) or 0)
    days = sorted(d for d in {*booked, *theirs} if date.fromisoformat(d) < today)
    found = (_difference(day, booked, theirs) for day in days)
    return [d for d in found if abs(d.difference_usd) > tolerance_usd]


def _difference(
    day: str, booked: Mapping[str, Totals], theirs: Mapping[str, tuple[Decimal, int]]
) -> DayDifference:
    mine = booked.get(day, Totals())
    spent, calls = theirs.get(day, (Decimal(0), 0))
    return DayDifference(date.fromisoformat(day), mine.charged, spent, mine.calls, calls)
