"""What a chain asked, how long each call took and what it cost, as OpenTelemetry spans: `python examples/tracing.py`.

Prints the spans. With OTEL_EXPORTER_OTLP_ENDPOINT set (and `pip install opentelemetry-exporter-otlp-proto-http`) it sends them to any
collector: Jaeger, Phoenix, Langfuse, Grafana, Datadog. Needs the extra `[otel]` and `pip install opentelemetry-sdk`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import replies
from api import an_api
from langchain_core.prompts import ChatPromptTemplate
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from langchain_openrouter import ChatOpenRouter
from openrouter_core.costs import cost_labels
from openrouter_core.costs.exporters import OpenTelemetryCostExporter

SHOWN = (
    "gen_ai.request.model",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "operation.cost",
)


class Printed(SpanExporter):
    """Prints each span in a line, below the one it belongs to."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Print a group of spans, oldest first."""
        for span in sorted(spans, key=lambda span: span.start_time or 0):
            took_ms = ((span.end_time or 0) - (span.start_time or 0)) / 1e6
            facts = [f"{value}" for name in SHOWN if (value := (span.attributes or {}).get(name))]
            print(f"{'  ' if span.parent else ''}{span.name}  {took_ms:.0f} ms  {'  '.join(facts)}")
        return SpanExportResult.SUCCESS


def exporter() -> SpanExporter:
    """A collector where one is named, else the screen."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return Printed()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # type: ignore[import-not-found]  # only where it is wanted
        OTLPSpanExporter,
    )

    found: SpanExporter = OTLPSpanExporter()
    return found


def main() -> None:
    """Two calls of a chain below one span of the program's own."""
    provider = TracerProvider(resource=Resource.create({"service.name": "headlines"}))
    provider.add_span_processor(BatchSpanProcessor(exporter()))
    trace.set_tracer_provider(provider)
    costs = OpenTelemetryCostExporter()  # after the provider

    model = ChatOpenRouter(model="openai/gpt-4o-mini", max_tokens=60, observers=[costs])
    shorten = ChatPromptTemplate([("user", "A headline of six words for: {text}")]) | model
    translate = ChatPromptTemplate([("user", "In Portuguese: {text}")]) | model
    with (
        trace.get_tracer("headlines").start_as_current_span("headline"),
        cost_labels(run="headline", tags=["news"]),
    ):
        short = shorten.invoke(
            {"text": "A ferry line that was closed for two years runs again from Monday."}
        )
        print(translate.invoke({"text": short.text}).text, "\n")
    costs.flush()
    provider.shutdown()


if __name__ == "__main__":
    with an_api(replies.tracing):
        main()
