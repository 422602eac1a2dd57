"""Where a tracer shows the price of a LlamaIndex call: span handlers that keep OpenTelemetry's spans in various ways.

The instrumentations themselves are run by `make clients`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("opentelemetry.sdk", reason="needs opentelemetry-sdk")

from llama_index.core.llms import ChatMessage
from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.span import BaseSpan
from llama_index_instrumentation.span_handlers import BaseSpanHandler
from opentelemetry import trace
from pydantic import PrivateAttr

from llama_index_openrouter import OpenRouter, OpenRouterEmbedding
from openrouter_core.costs.exporters import OpenTelemetryCostExporter
from openrouter_emulator import Emulator
from tests.openrouter_core.costs.exporting import MODEL, Telemetry

PRICE = "gen_ai.usage.cost"
ASK = [ChatMessage("Hello")]


class Held(BaseSpan):
    """What a handler keeps of a span."""

    _otel_span: Any = PrivateAttr()


class Tracer(BaseSpanHandler[Held]):
    """An instrumentation whose spans are not current, and end when the method returns, as LlamaIndex has it."""

    _tracer: Any = PrivateAttr()

    def new_span(
        self, id_: str, bound_args: Any, instance: Any = None, parent_span_id: Any = None, **_: Any
    ) -> Held:
        held = Held(id_=id_, parent_id=parent_span_id)
        held._otel_span = self._tracer.start_span(id_.partition("-")[0])
        return held

    def prepare_to_exit_span(self, id_: str, *_: Any, result: Any = None, **__: Any) -> Held:
        held = self.open_spans[id_]
        self.ended(held, result)
        return held

    def ended(self, held: Held, result: Any) -> None:
        held._otel_span.end()

    def prepare_to_drop_span(self, id_: str, *_: Any, **__: Any) -> Held:
        return self.prepare_to_exit_span(id_)


class Waiting(Tracer):
    """One whose streams wait for their end in a place of their own, as OpenInference's do."""

    _waiting: list[Held] = PrivateAttr(default_factory=list)

    def ended(self, held: Held, result: Any) -> None:
        if hasattr(result, "send") or hasattr(result, "asend"):
            self._waiting.append(held)
        else:
            held._otel_span.end()


class Unknown(Tracer):
    """One that keeps nothing where anybody looks."""

    def new_span(self, *arguments: Any, **options: Any) -> Held:
        held = super().new_span(*arguments, **options)
        held._otel_span.end()
        held._otel_span = None
        return held

    def ended(self, held: Held, result: Any) -> None:
        """Nothing to end."""


class Traced:
    """A model whose prices go to the spans of a handler."""

    def __init__(self, emulator: Emulator, kind: type[Tracer]) -> None:
        self.emulator = emulator
        self.telemetry = Telemetry()
        self.tracer = self.telemetry.tracers.get_tracer("program")
        self.handler = kind()
        self.handler._tracer = self.tracer
        exporter = OpenTelemetryCostExporter(
            spans="current",
            tracer_provider=self.telemetry.tracers,
            meter_provider=self.telemetry.meters,
        )
        self.llm = OpenRouter(MODEL, observers=[exporter])
        self.embedding = OpenRouterEmbedding(
            "openai/text-embedding-3-small", embed_batch_size=2, observers=[exporter]
        )

    def priced(self) -> list[Any]:
        """The spans with a price; together they say what was charged."""
        if isinstance(self.handler, Waiting):
            for held in self.handler._waiting:
                held._otel_span.end()
        assert self.emulator.wait_idle()
        found = [s for s in self.telemetry.spans if PRICE in s.attributes]
        charged = float(self.emulator.total_charged)
        assert sum(s.attributes[PRICE] for s in found) == pytest.approx(charged)
        return found

    def names(self) -> list[str]:
        return sorted(span.name for span in self.priced())


@pytest.fixture(params=[Tracer])
def traced(openrouter_emulator: Emulator, request: pytest.FixtureRequest) -> Iterator[Traced]:
    made = Traced(openrouter_emulator, request.param)
    dispatcher = get_dispatcher()
    dispatcher.add_span_handler(made.handler)
    yield made
    dispatcher.span_handlers.remove(made.handler)
    made.telemetry.close()


async def test_each_call_is_priced_on_its_span(traced: Traced):
    with traced.tracer.start_as_current_span("request"):
        traced.llm.chat(ASK)
        traced.llm.complete("Hello")
        await asyncio.gather(*(traced.llm.achat(ASK) for _ in range(3)))

    assert traced.names() == ["OpenRouter.achat"] * 3 + ["OpenRouter.chat", "OpenRouter.complete"]


@pytest.mark.parametrize("traced", [Waiting], indirect=True)
async def test_each_stream_is_priced_on_its_span(traced: Traced):
    with traced.tracer.start_as_current_span("request"):
        one, another = traced.llm.stream_chat(ASK), traced.llm.stream_complete("Hello")
        list(zip(one, another, strict=False))
        list(one)
        list(another)
        stream = await traced.llm.astream_chat(ASK)
        _ = [answer async for answer in stream]

    assert traced.names() == [
        "OpenRouter.astream_chat",
        "OpenRouter.stream_chat",
        "OpenRouter.stream_complete",
    ]


def test_a_stream_whose_span_has_ended_is_priced_below_it(traced: Traced):
    list(traced.llm.stream_chat(ASK))

    (priced,) = traced.priced()
    (of_call,) = (s for s in traced.telemetry.spans if s.name == "OpenRouter.stream_chat")
    assert priced.name == f"chat {MODEL}"
    assert priced.parent.span_id == of_call.context.span_id
    assert [link.context.span_id for link in priced.links] == [of_call.context.span_id]


def test_each_batch_of_one_span_is_counted_once(traced: Traced):
    traced.embedding.get_text_embedding_batch(["one", "two", "three", "four", "five"])

    assert len(traced.priced()) == 3


@pytest.mark.parametrize("traced", [Unknown], indirect=True)
def test_where_the_span_is_not_found_a_call_has_one_of_its_own(traced: Traced):
    with traced.tracer.start_as_current_span("request") as around:
        traced.llm.chat(ASK)
        list(traced.llm.stream_chat(ASK))

    priced = traced.priced()
    assert [span.name for span in priced] == [f"chat {MODEL}"] * 2
    assert {span.parent.span_id for span in priced} == {around.get_span_context().span_id}


def test_without_an_instrumentation_a_call_is_priced_on_the_current_span(
    openrouter_emulator: Emulator,
):
    traced = Traced(openrouter_emulator, Tracer)
    with traced.tracer.start_as_current_span("my call"):
        traced.llm.chat(ASK)
    with traced.tracer.start_as_current_span("my stream"):
        list(traced.llm.stream_chat(ASK))

    assert traced.names() == ["my call", "my stream"]
    assert trace.get_current_span() is trace.INVALID_SPAN
