"""Where in a trace a call belongs: the span that its framework's run has, else below the one it is made in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from opentelemetry import context, trace

from openrouter_core.observers.framework_runs import runs_of_call


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call began."""

    spans: tuple[trace.Span, ...]
    """Those that stand for the call itself: one for each instrumentation of its framework, or the current one."""
    around: context.Context
    """What a span that is made for the call belongs below."""
    finish_reasons: tuple[str, ...] = ()
    """Why its choices ended."""
    is_written: bool = False
    """Whether one of the spans says by now what the call cost."""

    @property
    def beside(self) -> Place:
        """The place of another result of the same call: no span stands for it."""
        return replace(self, spans=())


def place_of_call() -> Place:
    """Return the place of the call that begins in this context.

    A call that is no run of a framework is the current span's. One that is, but of which no span is found,
    gets none of its own: the current span is then that of a chain or a request.
    """
    here = context.get_current()
    runs = runs_of_call()
    own = _spans(span for run in runs for span in run.spans)
    if own:
        return Place(own, trace.set_span_in_context(own[0], here))
    current = trace.get_current_span(here)
    inner = _innermost(current, _spans(span for run in runs for span in run.around))
    if inner is not current:
        return Place((), trace.set_span_in_context(inner, here))
    is_run = any(run.is_call for run in runs)
    return Place(() if is_run or not is_valid(current) else (current,), here)


def is_valid(span: trace.Span) -> bool:
    """Whether a span is one of a trace."""
    return span.get_span_context().is_valid


def _spans(found: Iterable[object]) -> tuple[trace.Span, ...]:
    return tuple(span for span in found if isinstance(span, trace.Span) and is_valid(span))


def _innermost(current: trace.Span, around: tuple[trace.Span, ...]) -> trace.Span:
    """Of spans that are open around one call, the one that began last."""
    known = (current, *around) if is_valid(current) else (*around, current)
    return max(known, key=_began_ns) if around else current


def _began_ns(span: Any) -> int:
    began = getattr(span, "start_time", None)  # a remote or unsampled one has none
    return began if isinstance(began, int) else 0
