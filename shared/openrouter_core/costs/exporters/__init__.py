"""Costs for tracers: `OpenTelemetryCostExporter` and `LangfuseCostExporter`, each through its own library.

Both are call observers. They are imported when first used, for each needs an extra.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openrouter_core.costs.exporters.langfuse import LangfuseCostExporter
    from openrouter_core.costs.exporters.opentelemetry import OpenTelemetryCostExporter

__all__ = ["LangfuseCostExporter", "OpenTelemetryCostExporter"]

_HOME = {
    "LangfuseCostExporter": ("langfuse", "langfuse", "langfuse"),
    "OpenTelemetryCostExporter": ("opentelemetry", "opentelemetry", "otel"),
}


def __getattr__(name: str) -> Any:
    home, library, extra = _HOME.get(name, ("", "", ""))
    if not home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{home}"), name)
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] != library:
            raise
        raise ImportError(
            f"{name} needs {library}: pip install 'openrouter-adapters[{extra}]'", name=error.name
        ) from error


def __dir__() -> list[str]:
    return __all__
