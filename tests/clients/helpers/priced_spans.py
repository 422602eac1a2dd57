"""What the programs with an instrumentation share: the spans that ended, and what each says that it cost.

`scripts/clients.py` lets their files import it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from openrouter_core import OpenRouterClient
from openrouter_core.costs import CostLedger
from openrouter_core.costs.exporters import OpenTelemetryCostExporter

PRICES = ("gen_ai.usage.cost", "operation.cost", "llm.cost.total")


class Traced:
    """Calls that a ledger books and that are written into another instrumentation's spans."""

    def __init__(self) -> None:
        self.kept = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.kept))
        self.ledger = CostLedger()
        self._checked = 0
        self._traces: set[int] = set()
        self.exporter = OpenTelemetryCostExporter(
            spans="current", tracer_provider=self.provider, meter_provider=MeterProvider()
        )
        self.observers = [self.ledger, self.exporter]

    def check(self, kind: str, calls: int, on: Callable[[Any], bool], late: int = 0) -> list[Any]:
        """Assert that each call since the last check is on one span that `on` accepts, and all add up.

        Args:
            calls: How many calls were made.
            on: Whether a span is one of a call.
            late: How many of the prices came when the span had ended: on a span below it, linked to it.

        Returns:
            The spans with a price.
        """
        assert self.ledger.flush(timeout_s=20) == (), kind
        assert self._spans_are_written(calls), (kind, self._named())
        records = self.ledger.records()[self._checked :]
        spans = self.kept.get_finished_spans()
        by_id = {s.context.span_id: s for s in spans}
        priced = [s for s in spans if PRICES[0] in s.attributes]
        assert len(records) == len(priced) == calls, (kind, len(records), self._named())
        for name in PRICES:
            prices = Counter(Decimal(str(s.attributes[name])) for s in priced)
            assert prices == Counter(r.cost.total for r in records), (kind, name, prices)
        beside = [s for s in priced if not on(s)]
        assert len(beside) == late, (kind, self._named())
        for span in beside:
            assert span.parent is not None, (kind, span.name)
            assert span.links[0].context.span_id == span.parent.span_id, (kind, span.name)
            assert on(by_id[span.parent.span_id]), (kind, by_id[span.parent.span_id].name)
        self._traces |= {s.context.trace_id for s in spans if s.parent is None}
        rooted = {s.context.trace_id for s in priced}
        assert self._traces >= rooted, (kind, "a trace without its root")
        self.kept.clear()
        self._checked += len(records)
        return priced

    def is_booked(self, calls: int) -> bool:
        """Whether the ledger has seen so many calls end since the last check."""
        return len(self.ledger.records()) - self._checked >= calls

    def forget(self) -> None:
        """Leave out what was called since the last check."""
        assert self.ledger.flush(timeout_s=20) == ()
        self.exporter.flush()
        self._checked = len(self.ledger.records())
        self.kept.clear()

    def check_total(self) -> None:
        """Assert that what was found is all that the emulator charged."""
        with OpenRouterClient() as client:
            charged = client.keys.current().usage
        assert self.ledger.totals().total == charged

    def _spans_are_written(self, calls: int) -> bool:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            self.exporter.flush()
            if sum(PRICES[0] in s.attributes for s in self.kept.get_finished_spans()) >= calls:
                return True
            time.sleep(0.05)
        return False

    def _named(self) -> list[tuple[str, bool]]:
        return [(s.name, PRICES[0] in s.attributes) for s in self.kept.get_finished_spans()]
