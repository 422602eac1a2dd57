"""What calls cost: `Cost`, `CostLedger`, `Budget`, `track_openrouter_cost()`.

Names are imported when they are first used, for the client imports this package for every program.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openrouter_core._client.base import origin_of
    from openrouter_core.costs.budget.budget import Budget
    from openrouter_core.costs.budget.store import PendingHold
    from openrouter_core.costs.ledger import CostLedger
    from openrouter_core.costs.reconcile.reconciler import CostReconciler
    from openrouter_core.costs.records.cost import Cost
    from openrouter_core.costs.records.labels import Labels, cost_labels
    from openrouter_core.costs.records.price import Price
    from openrouter_core.costs.records.record import CostRecord
    from openrouter_core.costs.records.totals import Totals
    from openrouter_core.costs.records.usage import Tokens
    from openrouter_core.costs.tracker import CostTracker, track_openrouter_cost
    from openrouter_core.observers.calls import CallIntent, CompletedCall
    from openrouter_core.observers.protocol import CallObserver, active_observers, observing

__all__ = [
    "Budget",
    "CallIntent",
    "CallObserver",
    "CompletedCall",
    "Cost",
    "CostLedger",
    "CostReconciler",
    "CostRecord",
    "CostTracker",
    "Labels",
    "PendingHold",
    "Price",
    "Tokens",
    "Totals",
    "active_observers",
    "cost_labels",
    "observing",
    "origin_of",
    "track_openrouter_cost",
]

_HOME = {
    "Budget": "openrouter_core.costs.budget.budget",
    "CallIntent": "openrouter_core.observers.calls",
    "CallObserver": "openrouter_core.observers.protocol",
    "CompletedCall": "openrouter_core.observers.calls",
    "Cost": "openrouter_core.costs.records.cost",
    "CostLedger": "openrouter_core.costs.ledger",
    "CostReconciler": "openrouter_core.costs.reconcile.reconciler",
    "CostRecord": "openrouter_core.costs.records.record",
    "CostTracker": "openrouter_core.costs.tracker",
    "Labels": "openrouter_core.costs.records.labels",
    "PendingHold": "openrouter_core.costs.budget.store",
    "Price": "openrouter_core.costs.records.price",
    "Tokens": "openrouter_core.costs.records.usage",
    "Totals": "openrouter_core.costs.records.totals",
    "active_observers": "openrouter_core.observers.protocol",
    "cost_labels": "openrouter_core.costs.records.labels",
    "observing": "openrouter_core.observers.protocol",
    "origin_of": "openrouter_core._client.base",
    "track_openrouter_cost": "openrouter_core.costs.tracker",
}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
