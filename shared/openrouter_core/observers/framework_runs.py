"""Which run of a framework a call belongs to. Adapters add how to find it; the tracing exporters ask.

Instrumentations of LangChain and LlamaIndex keep a span for each run, and often it is not the current one where
the call is made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

log = logging.getLogger("openrouter.costs")


class FrameworkRun(NamedTuple):
    """A run under way in this context, with the spans that instrumentations made for it."""

    spans: tuple[object, ...] = ()
    """Those of the run that the call is."""
    around: tuple[object, ...] = ()
    """Those of the run that the call is made in."""
    is_call: bool = False
    """Whether the framework has a run for this very call, whoever traces it."""


Finder = Callable[[], FrameworkRun | None]
_finders: list[Finder] = []
asked = False
"""Whether any exporter of this process asks for runs: adapters need not note them else."""


def add_finder(find: Finder) -> None:
    """Let exporters ask `find` for the run of a call that begins."""
    _finders.append(find)


def begin_asking() -> None:
    """Let adapters note the runs that begin from now on."""
    global asked  # read by every call: the quickest there is
    asked = True


def runs_of_call() -> list[FrameworkRun]:
    """Return what the frameworks know of the call that begins in this context."""
    found = (_found(find) for find in _finders)
    return [run for run in found if run is not None]


def kept_span(
    handler: object, key: object, tables: tuple[str, ...], names: tuple[str, ...]
) -> object | None:
    """Return the span that an instrumentation's handler keeps by a key; None if it keeps none there.

    Args:
        handler: What the framework notifies.
        key: The id of the run or span.
        tables: Attributes of a handler that may hold what it keeps, by key.
        names: Attributes of what it keeps that may hold the span; without any it is the span.
    """
    held_by: tuple[Any, ...] = tuple(getattr(handler, name, None) for name in tables)
    held = next((t[key] for t in held_by if isinstance(t, Mapping) and key in t), None)
    return next((getattr(held, name) for name in names if hasattr(held, name)), held)


def _found(find: Finder) -> FrameworkRun | None:
    try:
        return find()
    except Exception:
        log.debug("The run of a call could not be found.", exc_info=True)
        return FrameworkRun(is_call=True)
