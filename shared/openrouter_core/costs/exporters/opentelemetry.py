"""Costs as OpenTelemetry spans and metrics. Needs `[otel]`. The names are in `conventions`.

Prompts and answers are never written.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Literal

from opentelemetry import context, metrics, trace

from openrouter_core._version import __version__
from openrouter_core.costs.exporters.base import CostExporter
from openrouter_core.costs.exporters.conventions import (
    Attributes,
    MetricLabel,
    dimensions_of,
    facts_of,
    known_labels,
    labels_of,
    lost_sums,
    rest_of,
)
from openrouter_core.costs.exporters.place import Place, place_of_call
from openrouter_core.costs.exporters.worker import worker
from openrouter_core.costs.reconcile.reconciler import CostReconciler
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.observers.calls import CallIntent, CompletedCall
from openrouter_core.observers.framework_runs import begin_asking

_SCOPE = "openrouter_core.costs"
_TOKEN_STEPS = tuple(4**n for n in range(14))
_SECOND_STEPS = tuple(0.01 * 2**n for n in range(14))
_USD_STEPS = tuple(10.0**n for n in range(-6, 4))
_HISTOGRAMS = (
    (
        "gen_ai.client.token.usage",
        "{token}",
        "Number of input and output tokens used.",
        _TOKEN_STEPS,
    ),
    ("gen_ai.client.operation.duration", "s", "GenAI operation duration.", _SECOND_STEPS),
    (
        "gen_ai.client.operation.time_to_first_chunk",
        "s",
        "Time to receive the first chunk of a streamed answer.",
        _SECOND_STEPS,
    ),
    ("operation.cost", "{USD}", "What a call cost, in USD.", _USD_STEPS),
)
_SOME = 16
_MOST_OPEN = 1000
"""Spans of others that are looked at once more when they have ended, a few with each call."""
_MOST_TAKEN = 10_000
"""Spans remembered as those of a call, so that another call in the same span does not write over it."""


class OpenTelemetryCostExporter(CostExporter[Place]):
    """Writes a client span for every call, and the metrics of all calls.

    Metrics: `gen_ai.client.token.usage`, `gen_ai.client.operation.duration`,
    `gen_ai.client.operation.time_to_first_chunk`, `operation.cost` (USD).

    Args:
        spans: "call": a span of its own for each call, below that of the framework's run, else below the current
            one; "current": the attributes go to the span that another instrumentation made for the call,
            found by LangChain's run or LlamaIndex's span, else to the current one. A call that has no such
            span gets one of its own: where a chain or a request is around it, where the span belongs to
            another call or has ended (a price that comes late, linked to it); "none": metrics only.
        tracer_provider: Default: the global one.
        meter_provider: Default: the global one.
        reconcile: "missing": a call whose answer names no price is written when its price is known,
            with its own times; "none": at once.
        reconciler: Who asks for late prices. Default: one that the whole process shares.
        labels: Which labels of a call its metrics carry: "run", "tag", "session", "user", as `openrouter.run` and
            so on; several tags as one text, in order. Each combination is a time series of its own, so take
            those that have few values.

    Raises:
        ConfigurationError: There is no such label.
    """

    def __init__(
        self,
        *,
        spans: Literal["call", "current", "none"] = "call",
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
        reconcile: Literal["missing", "none"] = "missing",
        reconciler: CostReconciler | None = None,
        labels: Sequence[MetricLabel] = (),
    ) -> None:
        super().__init__(reconcile=reconcile, reconciler=reconciler)
        self._spans = spans
        self._labels = known_labels(labels)
        if spans != "none":
            begin_asking()
        self._taken: dict[int, None] = {}
        self._taking = threading.Lock()
        self._written: deque[tuple[CostRecord, Place]] = deque(maxlen=_MOST_OPEN)
        self._tracer = trace.get_tracer(_SCOPE, __version__, tracer_provider)
        meter = metrics.get_meter(_SCOPE, __version__, meter_provider)
        self._tokens, self._seconds, self._first_s, self._usd = (
            meter.create_histogram(name, unit, text, explicit_bucket_boundaries_advisory=steps)
            for name, unit, text, steps in _HISTOGRAMS
        )

    def _begin(self, intent: CallIntent) -> Place:  # noqa: ARG002  # the base's name
        return place_of_call()

    def _ended(self, call: CompletedCall, noted: Place | None) -> Place:
        place = place_of_call().beside if noted is None else noted
        ends = call.finish_reasons
        return replace(place, finish_reasons=ends) if ends else place

    def _beside(self, noted: Place | None) -> Place | None:
        return None if noted is None else noted.beside

    def _export(self, record: CostRecord, noted: Place | None) -> None:
        is_inside = noted is not None and self._spans == "current" and bool(noted.spans)
        if noted is not None and is_inside and self._annotate(record, noted):
            noted = replace(noted, is_written=True)
        super()._export(record, noted)

    def _annotate(self, record: CostRecord, place: Place) -> bool:
        """Write a call into the span that stands for it; False where it needs a span of its own."""
        span = place.spans[0]
        if record.lookup != "none" or not span.is_recording() or not self._take(record, span):
            return False
        attributes = {**dimensions_of(record), **facts_of(record, place.finish_reasons)}
        if record.is_refused:
            attributes.pop("error.type", None)  # the next request of the same run may be answered
        span.set_attributes(attributes)
        written = getattr(span, "attributes", attributes)
        return written is None or "gen_ai.operation.name" in written  # else it ended meanwhile

    def _take(self, record: CostRecord, span: trace.Span) -> bool:
        """Whether no other call has this span. One that was refused cost nothing and leaves it to the next."""
        key = span.get_span_context().span_id
        with self._taking:
            if key in self._taken:
                return False
            if not record.is_refused:
                self._taken[key] = None
            if len(self._taken) > _MOST_TAKEN:
                del self._taken[next(iter(self._taken))]
        return True

    def _write(self, record: CostRecord, noted: Place | None) -> None:
        place = noted or Place((), context.Context())
        dimensions = dimensions_of(record)
        if place.is_written:
            self._written.append((record, place))
        elif self._spans != "none":
            self._span(record, {**dimensions, **facts_of(record, place.finish_reasons)}, place)
        self._verify(_SOME)
        self._measure(record, dimensions | labels_of(record, self._labels), place.around)

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until every call whose price is known is written; see `CostExporter.flush`."""
        worker.put(partial(self._verify, _MOST_OPEN))
        return super().flush(timeout_s)

    def _verify(self, most: int) -> None:
        """Write what spans of others have lost since into spans of their own; look at `most` of them."""
        for _ in range(min(most, len(self._written))):
            record, place = self._written.popleft()
            span = place.spans[0]
            if span.is_recording():
                self._written.append((record, place))
            elif lost := lost_sums(record, span):
                self._span(record, rest_of(record, lost, place.finish_reasons), place)

    def _span(self, record: CostRecord, attributes: dict[str, Any], place: Place) -> None:
        ended_at = record.at + timedelta(seconds=record.latency_s or 0.0)
        span = self._tracer.start_span(
            f"{attributes['gen_ai.operation.name']} {record.requested_model or ''}".rstrip(),
            place.around,
            trace.SpanKind.CLIENT,
            attributes,
            [trace.Link(one.get_span_context()) for one in place.spans],
            start_time=_ns(record.at.timestamp()),
        )
        if record.outcome == "error":
            span.set_status(trace.StatusCode.ERROR)
        span.end(_ns(ended_at.timestamp()))

    def _measure(self, record: CostRecord, dimensions: Attributes, around: context.Context) -> None:
        tokens = record.cost.tokens
        for kind, number in (("input", tokens.prompt), ("output", tokens.completion)):
            if number is not None:
                self._tokens.record(number, {**dimensions, "gen_ai.token.type": kind}, around)
        if record.latency_s is not None:
            self._seconds.record(record.latency_s, dimensions, around)
        if record.first_event_s is not None:
            self._first_s.record(record.first_event_s, dimensions, around)
        if record.cost.total is not None:
            self._usd.record(float(record.cost.total), dimensions, around)


def _ns(at_s: float) -> int:
    return int(at_s * 1e9)
