"""Which LlamaIndex span a call is, for those who trace it: instrumentations keep theirs by its id.

Read from openinference-instrumentation-llama-index 4.6.1, opentelemetry-instrumentation-llamaindex 0.62.4
(Traceloop) and llama-index-observability-otel 0.7.0. A handler that keeps its spans in another way is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.span import active_span_id

from openrouter_core.observers import framework_runs
from openrouter_core.observers.framework_runs import FrameworkRun, kept_span

_TABLES = ("all_spans", "open_spans")
"""Where handlers keep what they hold by span id: LlamaIndex's own for OpenTelemetry, all others."""
_SPANS = ("_otel_span", "otel_span")
"""Where what they hold keeps the span itself: OpenInference's, Traceloop's."""
_NO_TRACERS = "llama_index_instrumentation"
dispatcher = get_dispatcher(__name__)
_of_stream: ContextVar[FrameworkRun | None] = ContextVar("openrouter_llama_index", default=None)


class InSpan:
    """Calls inside belong to the span that was active when this was made: a stream is read when it has ended."""

    __slots__ = ("_run",)

    def __init__(self) -> None:
        self._run = _active() if framework_runs.asked else None

    def __enter__(self) -> None:
        if self._run is not None:
            _of_stream.set(self._run)

    def __exit__(self, *_: object) -> None:
        if self._run is not None:
            _of_stream.set(None)  # no token: an async generator may end in another context


def _find() -> FrameworkRun | None:
    return _of_stream.get() or _active()


def _active() -> FrameworkRun | None:
    span_id = active_span_id.get()
    handlers = [h for h in _handlers() if type(h).__module__.partition(".")[0] != _NO_TRACERS]
    if span_id is None or not handlers:
        return None
    found = (kept_span(handler, span_id, _TABLES, _SPANS) for handler in handlers)
    return FrameworkRun(tuple(span for span in found if span is not None), is_call=True)


def _handlers() -> Iterator[Any]:
    asked: Any = dispatcher
    while asked is not None:
        yield from asked.span_handlers
        asked = asked.parent if asked.propagate else None


framework_runs.add_finder(_find)
