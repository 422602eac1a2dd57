"""Where a tracer shows the price of a LangChain call: handlers that keep spans by run id, and those that do not.

The instrumentations themselves are run by `make clients`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

pytest.importorskip("opentelemetry.sdk", reason="needs opentelemetry-sdk")

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableLambda
from opentelemetry import trace

from langchain_openrouter import ChatOpenRouter
from openrouter_core import OpenRouterClient
from openrouter_core.costs.exporters import OpenTelemetryCostExporter
from openrouter_core.errors import OpenRouterError
from openrouter_emulator import Emulator, faults
from tests.openrouter_core.costs.exporting import ASK, MODEL, Telemetry

PRICE = "gen_ai.usage.cost"


class Tracer(BaseCallbackHandler):
    """An instrumentation: a span for each run, none of them current. Says by `get_span` which is whose."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self.tracer = tracer
        self.kept: dict[UUID, trace.Span] = {}

    def get_span(self, run_id: UUID) -> trace.Span | None:
        return self.kept.get(run_id)

    def _begin(self, name: str, run_id: UUID, parent_run_id: UUID | None) -> None:
        parent = self.kept.get(parent_run_id) if parent_run_id else None
        around = trace.set_span_in_context(parent) if parent else None
        self.kept[run_id] = self.tracer.start_span(name, around)

    def on_chat_model_start(
        self, *_: Any, run_id: UUID, parent_run_id: UUID | None = None, **_kwargs: Any
    ) -> None:
        self._begin("model", run_id, parent_run_id)

    def on_chain_start(
        self, *_: Any, run_id: UUID, parent_run_id: UUID | None = None, **_kwargs: Any
    ) -> None:
        self._begin("chain", run_id, parent_run_id)

    def _end(self, *_: Any, run_id: UUID, **_kwargs: Any) -> None:
        self.kept.pop(run_id).end()

    on_llm_end = on_llm_error = on_chain_end = on_chain_error = _end


class TableTracer(Tracer):
    """One that keeps them in a table, inside something of its own, as Traceloop and Langfuse do."""

    get_span = None  # type: ignore[assignment]  # it has none
    attribute = "span"

    @property
    def spans(self) -> dict[UUID, Any]:
        return {run: SimpleNamespace(**{self.attribute: s}) for run, s in self.kept.items()}


class LangfuseLike(TableTracer):
    attribute = "_otel_span"


class UnknownTracer(Tracer):
    """One that keeps them nobody knows how."""

    get_span = None  # type: ignore[assignment]  # it has none


class BrokenTracer(Tracer):
    """One whose insides have changed."""

    def get_span(self, run_id: UUID) -> trace.Span | None:
        raise RuntimeError(f"no table for {run_id}")


class Traced:
    """A model whose prices go to the spans of a handler."""

    def __init__(self, emulator: Emulator, kind: type[Tracer] = Tracer, spans: Any = "current"):
        self.emulator = emulator
        self.telemetry = Telemetry()
        self.tracer = self.telemetry.tracers.get_tracer("program")
        self.handler = kind(self.tracer)
        self.exporter = OpenTelemetryCostExporter(
            spans=spans,
            tracer_provider=self.telemetry.tracers,
            meter_provider=self.telemetry.meters,
        )
        self.model = ChatOpenRouter(model=MODEL, observers=[self.exporter], max_retries=0)
        self.config: Any = {"callbacks": [self.handler]}

    def priced(self) -> list[Any]:
        """The spans with a price; together they say what was charged."""
        assert self.emulator.wait_idle()
        found = [s for s in self.telemetry.spans if PRICE in s.attributes]
        charged = float(self.emulator.total_charged)
        assert sum(s.attributes[PRICE] for s in found) == pytest.approx(charged)
        return found

    def names(self) -> list[str]:
        return [span.name for span in self.priced()]


@pytest.fixture
def traced(openrouter_emulator: Emulator) -> Iterator[Traced]:
    made = Traced(openrouter_emulator)
    yield made
    made.telemetry.close()


@pytest.mark.parametrize("kind", [Tracer, TableTracer, LangfuseLike])
def test_each_call_is_priced_on_the_span_of_its_run(
    openrouter_emulator: Emulator, kind: type[Tracer]
):
    traced = Traced(openrouter_emulator, kind)
    chain = RunnableLambda(str) | traced.model
    with traced.tracer.start_as_current_span("request"):
        traced.model.invoke("Hello", traced.config)
        list(traced.model.stream("Hello", traced.config))
        chain.invoke("Hello", traced.config)
        list(chain.stream("Hello", traced.config))
        traced.model.batch(["one", "two"], traced.config)

    assert traced.names() == ["model"] * 6


@pytest.mark.parametrize("kind", [Tracer, TableTracer])
async def test_each_awaited_call_is_priced_on_the_span_of_its_run(
    openrouter_emulator: Emulator, kind: type[Tracer]
):
    traced = Traced(openrouter_emulator, kind)
    chain = RunnableLambda(str) | traced.model
    with traced.tracer.start_as_current_span("request"):
        await traced.model.ainvoke("Hello", traced.config)
        _ = [chunk async for chunk in traced.model.astream("Hello", traced.config)]
        _ = [chunk async for chunk in chain.astream("Hello", traced.config)]
        await asyncio.gather(*(traced.model.ainvoke("Hello", traced.config) for _ in range(3)))

    assert traced.names() == ["model"] * 6


@pytest.mark.parametrize("kind", [UnknownTracer, BrokenTracer])
def test_where_the_span_of_a_run_is_not_found_a_call_has_one_of_its_own(
    openrouter_emulator: Emulator, kind: type[Tracer]
):
    traced = Traced(openrouter_emulator, kind)
    with traced.tracer.start_as_current_span("request") as around:
        traced.model.invoke("Hello", traced.config)
        list(traced.model.stream("Hello", traced.config))

    priced = traced.priced()
    assert [span.name for span in priced] == [f"chat {MODEL}"] * 2
    assert {span.parent.span_id for span in priced} == {around.get_span_context().span_id}


def test_without_an_instrumentation_a_call_is_priced_on_the_current_span(traced: Traced):
    with traced.tracer.start_as_current_span("my call"):
        traced.model.invoke("Hello")
    with traced.tracer.start_as_current_span("my stream"):
        list(traced.model.stream("Hello"))

    assert traced.names() == ["my call", "my stream"]


def test_a_stream_that_is_left_is_priced_below_the_span_of_its_run(traced: Traced):
    left: Any = traced.model.stream("Count to a hundred", traced.config)
    next(left)
    left.close()
    assert traced.emulator.wait_idle()
    assert _looked_up(traced)

    (priced,) = traced.priced()
    (of_run,) = (span for span in traced.telemetry.spans if span.name == "model")
    assert priced.parent.span_id == of_run.context.span_id
    assert [link.context.span_id for link in priced.links] == [of_run.context.span_id]


def _looked_up(traced: Traced) -> bool:
    from openrouter_core.costs.reconcile.reconciler import shared_reconciler

    mine = {booking.generation_id for booking in traced.emulator.charges}
    return shared_reconciler().flush(30, only=mine) == ()


class Talkative(Tracer):
    """One that fills the span with so much that the oldest attributes are dropped."""

    most = 0

    def _end(self, *_: Any, run_id: UUID, **_kwargs: Any) -> None:
        span = self.kept.pop(run_id)
        span.set_attributes({f"message.{n}": n for n in range(self.most)})
        span.end()

    on_llm_end = _end


@pytest.mark.parametrize("most", [90, 105, 108, 110, 112, 115, 120, 127, 128, 300])
def test_what_a_full_span_drops_is_on_one_below_it(openrouter_emulator: Emulator, most: int):
    Talkative.most = most
    traced = Traced(openrouter_emulator, Talkative)
    for _ in range(3):
        traced.model.invoke("Hello", traced.config)
    traced.exporter.flush()

    spans = traced.telemetry.spans
    for name in (PRICE, "operation.cost", "llm.cost.total", "gen_ai.usage.output_tokens"):
        found = [s.attributes[name] for s in spans if name in s.attributes]
        assert len(found) == 3, name
    assert len(traced.priced()) == 3
    runs = {s.context.span_id for s in spans if s.name == "model"}
    linked = {s.links[0].context.span_id for s in spans if s.links}
    assert linked in (set(), runs)
    assert (most >= 120) == bool(linked) or 100 < most < 120


def test_what_is_called_in_a_run_is_priced_below_its_span(traced: Traced):
    client = OpenRouterClient(observers=[traced.exporter])

    def step(text: str) -> str:
        client.chat.send(ASK, model=MODEL)
        client.chat.send(ASK, model=MODEL)
        return text

    RunnableLambda(step).invoke("Hello", traced.config)

    (chain,) = (span for span in traced.telemetry.spans if span.name == "chain")
    assert [span.parent.span_id for span in traced.priced()] == [chain.context.span_id] * 2


def test_spans_of_their_own_are_below_the_span_of_the_run(openrouter_emulator: Emulator):
    traced = Traced(openrouter_emulator, spans="call")
    traced.model.invoke("Hello", traced.config)

    (priced,) = traced.priced()
    (of_run,) = (span for span in traced.telemetry.spans if span.name == "model")
    assert priced.name == f"chat {MODEL}"
    assert priced.parent.span_id == of_run.context.span_id


def test_a_refused_call_leaves_the_span_to_the_next(traced: Traced):
    traced.emulator.fail_next(faults.rate_limited(), times=1)
    with traced.tracer.start_as_current_span("my calls"):
        with pytest.raises(OpenRouterError):
            traced.model.invoke("Hello")
        traced.model.invoke("Hello")
        traced.model.invoke("Hello")

    first, second = sorted(traced.priced(), key=lambda span: span.start_time)
    assert (first.name, second.name) == ("my calls", f"chat {MODEL}")
    assert "error.type" not in first.attributes
    assert second.parent.span_id == first.context.span_id


async def test_other_contexts_end_an_async_stream_in_peace(traced: Traced):
    """An async generator may be closed in another task than the one that began it."""
    stream: Any = traced.model.astream("Hello", traced.config)
    await asyncio.create_task(anext(stream))
    await asyncio.create_task(stream.aclose())
    await traced.model.ainvoke("Hello", traced.config)

    assert _looked_up(traced)
    assert sorted(traced.names()) == [f"chat {MODEL}", "model"]
