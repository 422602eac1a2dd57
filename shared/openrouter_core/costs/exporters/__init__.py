"""Costs for tracers: `OpenTelemetryCostExporter` and `LangfuseCostExporter`, each through its own library.

Both are call observers. They are imported when first used, for each needs an extra.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from openrouter_core.extras import needs

if TYPE_CHECKING:
    from openrouter_core.costs.exporters.langfuse import LangfuseCostExporter
    from openrouter_core.costs.exporters.opentelemetry import OpenTelemetryCostExporter

__all__ = ["LangfuseCostExporter", "OpenTelemetryCostExporter"]

_HOME = {
    "LangfuseCostExporter": ("langfuse", "langfuse"),
    "OpenTelemetryCostExporter": ("opentelemetry", "otel"),
}


def __getattr__(name: str) -> Any:
    home, extra = _HOME.get(name, ("", ""))
    if not home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with needs(name, extra):
        return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return __all__
