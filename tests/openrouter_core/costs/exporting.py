"""What the tests of exporters share: calls over a real socket and tracers that keep what they get."""

from __future__ import annotations

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from openrouter_core.costs.exporters.worker import worker

MODEL = "openai/gpt-4o-mini"
ASK = [{"role": "user", "content": "Name the days of the week."}]


class Telemetry:
    """OpenTelemetry's SDK, keeping everything in memory."""

    def __init__(self) -> None:
        self.kept = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.kept))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider(metric_readers=[self.reader])

    @property
    def spans(self):
        assert worker.flush(10)
        return self.kept.get_finished_spans()

    def points(self, name: str):
        """Every data point of a metric."""
        assert worker.flush(10)
        data = self.reader.get_metrics_data()
        metrics = [
            m
            for r in (data.resource_metrics if data else [])
            for s in r.scope_metrics
            for m in s.metrics
        ]
        return [point for m in metrics if m.name == name for point in m.data.data_points]

    def close(self) -> None:
        self.tracers.shutdown()
        self.meters.shutdown()
