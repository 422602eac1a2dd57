"""Costs as Langfuse gets them: its own library, sending to a local server."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

pytest.importorskip("langfuse", reason="needs langfuse (extra [langfuse])")

from langfuse import Langfuse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider

from openrouter_core import OpenRouterClient
from openrouter_core.costs.exporters import LangfuseCostExporter
from openrouter_core.costs.exporters.worker import worker
from openrouter_core.errors import OpenRouterError
from openrouter_emulator import faults
from tests.openrouter_core.costs.exporting import ASK, MODEL

_TYPE = "langfuse.observation.type"
_COST = "langfuse.observation.cost_details"
_USAGE = "langfuse.observation.usage_details"
_MODEL = "langfuse.observation.model.name"


class Ingest(BaseHTTPRequestHandler):
    """The endpoint of a Langfuse server that takes observations in."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.got.append(body)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args):
        """Keep quiet."""


@dataclass
class Observation:
    """A span as it arrived at the server."""

    span: Any

    @property
    def attributes(self) -> dict[str, str]:
        return {a.key: a.value.string_value for a in self.span.attributes}

    @property
    def usd(self) -> float:
        return json.loads(self.attributes[_COST])["total"]


class Langfuses:
    """A Langfuse client, and what it sent to its server."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Ingest)
        self._server.got = []
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.client = Langfuse(
            public_key=f"pk-lf-{key}",
            secret_key="sk-lf-test",
            base_url=f"http://127.0.0.1:{self._server.server_port}",
            tracer_provider=TracerProvider(),
        )

    @property
    def observations(self) -> dict[str, Observation]:
        assert worker.flush(10)
        self.client.flush()
        return {
            span.name: Observation(span)
            for body in self._server.got
            for group in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in group.scope_spans
            for span in scope.spans
        }

    def close(self) -> None:
        self.client.shutdown()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def langfuse(request):
    made = Langfuses(request.node.name)
    yield made
    made.close()


def client(emulator, observer) -> OpenRouterClient:
    return OpenRouterClient(
        emulator.api_key, base_url=emulator.base_url, observers=[observer], max_retries=0
    )


def test_b7_a_call_inside_a_generation_gives_it_its_cost(emulator, langfuse):
    """quirks.md B7."""
    watched = client(emulator, LangfuseCostExporter(langfuse.client))

    with langfuse.client.start_as_current_observation(name="answer", as_type="generation"):
        result = watched.chat.send(ASK, model=MODEL)

    (span,) = langfuse.observations.values()
    used = json.loads(span.attributes[_USAGE])
    assert span.span.name == "answer"
    assert span.usd == float(emulator.total_charged)
    assert span.attributes[_MODEL] == result.raw["model"]
    assert used["total"] == result.raw["usage"]["total_tokens"]
    assert sum(used.values()) == 2 * used["total"]


def test_any_other_call_is_a_generation_of_its_own(emulator, langfuse):
    watched = client(emulator, LangfuseCostExporter(langfuse.client))

    with langfuse.client.start_as_current_observation(name="agent", as_type="agent"):
        watched.chat.send(ASK, model=MODEL)

    found = langfuse.observations
    own = found["openrouter sendChatCompletionRequest"]
    assert own.attributes[_TYPE] == "generation"
    assert own.span.parent_span_id == found["agent"].span.span_id
    assert own.usd == float(emulator.total_charged)
    assert _COST not in found["agent"].attributes


def test_a_second_call_inside_a_generation_is_not_lost(emulator, langfuse):
    watched = client(emulator, LangfuseCostExporter(langfuse.client))

    with langfuse.client.start_as_current_observation(name="twice", as_type="generation"):
        watched.chat.send(ASK, model=MODEL)
        watched.chat.send(ASK, model=MODEL)

    found = langfuse.observations
    assert len(found) == 2
    assert sum(one.usd for one in found.values()) == pytest.approx(float(emulator.total_charged))


def test_b6_the_price_of_a_cut_stream_follows(emulator, langfuse, reconciler):
    """quirks.md B6."""
    watched = client(emulator, LangfuseCostExporter(langfuse.client, reconciler=reconciler))

    with (
        langfuse.client.start_as_current_observation(name="cut", as_type="generation"),
        watched.chat.stream(ASK, model=MODEL) as stream,
    ):
        next(iter(stream))
    assert emulator.wait_idle()
    assert reconciler.flush(20) == ()

    found = langfuse.observations
    late = found["openrouter sendChatCompletionRequest"]
    assert late.span.parent_span_id == found["cut"].span.span_id
    assert late.usd == float(emulator.total_charged) > 0


def test_a_failed_call_is_marked_and_costs_nothing(emulator, langfuse):
    emulator.fail_next(faults.rate_limited(), times=1)
    with pytest.raises(OpenRouterError):
        client(emulator, LangfuseCostExporter(langfuse.client)).chat.send(ASK, model=MODEL)

    (span,) = langfuse.observations.values()
    assert span.attributes["langfuse.observation.level"] == "ERROR"
    assert _COST not in span.attributes


def test_no_prompt_is_written(emulator, langfuse):
    client(emulator, LangfuseCostExporter(langfuse.client)).chat.send(ASK, model=MODEL)

    (span,) = langfuse.observations.values()
    assert "days of the week" not in str(span.span)


def test_b7_langfuses_handler_for_langchain_shows_the_cost(emulator, langfuse):
    """quirks.md B7: the handler itself forwards tokens only."""
    pytest.importorskip("langchain", reason="Langfuse's handler needs langchain")
    from langchain_core.messages import HumanMessage
    from langfuse.langchain import CallbackHandler

    from langchain_openrouter import ChatOpenRouter

    model = ChatOpenRouter(
        model=MODEL,
        api_key=emulator.api_key,
        base_url=emulator.base_url,
        observers=[LangfuseCostExporter(langfuse.client)],
    )
    handler = CallbackHandler(public_key=f"pk-lf-{langfuse.key}")
    list(model.stream([HumanMessage("Hello")], config={"callbacks": [handler]}))

    (one,) = langfuse.observations.values()
    assert one.attributes[_TYPE] == "generation"
    assert one.usd == float(emulator.total_charged)
