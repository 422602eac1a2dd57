"""What calls cost: `Cost`, `CostLedger`, `Budget`, `track_openrouter_cost()`.

Names are imported when they are first used, for the client imports this package for every program.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openrouter_core.costs.budget import Budget
    from openrouter_core.costs.calls import CallIntent, CompletedCall
    from openrouter_core.costs.cost import Cost
    from openrouter_core.costs.labels import Labels, cost_labels
    from openrouter_core.costs.ledger import CostLedger
    from openrouter_core.costs.observe import CallObserver, active_observers, observing
    from openrouter_core.costs.origin import origin_of
    from openrouter_core.costs.price import Price
    from openrouter_core.costs.reconcile import CostReconciler
    from openrouter_core.costs.record import CostRecord
    from openrouter_core.costs.tokens import Tokens
    from openrouter_core.costs.totals import Totals
    from openrouter_core.costs.tracker import CostTracker, track_openrouter_cost

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
    "Budget": "budget",
    "CallIntent": "calls",
    "CallObserver": "observe",
    "CompletedCall": "calls",
    "Cost": "cost",
    "CostLedger": "ledger",
    "CostReconciler": "reconcile",
    "CostRecord": "record",
    "CostTracker": "tracker",
    "Labels": "labels",
    "Price": "price",
    "Tokens": "tokens",
    "Totals": "totals",
    "active_observers": "observe",
    "cost_labels": "labels",
    "observing": "observe",
    "origin_of": "origin",
    "track_openrouter_cost": "tracker",
}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
