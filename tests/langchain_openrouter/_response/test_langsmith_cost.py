"""quirks.md B8: LangSmith reads the cost from the usage of a run; chunks must still add up."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.tracers import BaseTracer, LangChainTracer
from langchain_core.tracers.schemas import Run
from langsmith import Client

from openrouter_emulator import Emulator
from tests.langchain_openrouter.call_styles import ALL_WAYS, STREAMS, Ask, model


class Tracer(BaseTracer):
    """Keeps the runs as a tracer would send them."""

    def __init__(self) -> None:
        super().__init__(_schema_format="original+chat")
        self.runs: list[Run] = []

    def _persist_run(self, run: Run) -> None:
        self.runs.append(run)


def usage_of(run: Run) -> dict[str, Any]:
    message = (run.outputs or {})["generations"][0][0]["message"]
    return (
        message["kwargs"]["usage_metadata"] if isinstance(message, dict) else message.usage_metadata
    )


@ALL_WAYS
async def test_b8_the_run_carries_the_cost(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md B8."""
    tracer = Tracer()

    answer = await ask(model(langsmith_cost=True), "Hi", config={"callbacks": [tracer]})

    cost = answer.response_metadata["cost"]
    assert cost > 0
    assert usage_of(tracer.runs[0])["total_cost"] == pytest.approx(cost)


def test_b8_the_parts_are_given_where_they_make_up_the_total(openrouter_emulator: Emulator):
    """quirks.md B8."""
    usage: Any = model(langsmith_cost=True).invoke("Hi").usage_metadata

    assert usage["input_cost"] + usage["output_cost"] == pytest.approx(usage["total_cost"])


def test_b1_b8_with_a_key_of_ones_own_the_upstream_price_counts(openrouter_emulator: Emulator):
    """quirks.md B1 and B8."""
    openrouter_emulator.byok = True

    answer = model(langsmith_cost=True).invoke("Hi")

    usage: Any = answer.usage_metadata
    metadata = answer.response_metadata
    upstream = metadata["cost_details"]["upstream_inference_cost"]
    assert usage["total_cost"] == pytest.approx(metadata["cost"] + upstream)


@STREAMS
async def test_b8_chunks_add_up_in_the_users_hands(openrouter_emulator: Emulator, ask: Ask):
    """LangChain cannot add floats, so no chunk holds one: `ask` adds them all at once."""
    answer = await ask(model(langsmith_cost=True), "Hi")

    assert "total_cost" not in (answer.usage_metadata or {})
    assert answer.response_metadata["cost"] > 0


def test_b8_chunks_add_up_in_pairs(openrouter_emulator: Emulator):
    total = None
    for chunk in model(langsmith_cost=True).stream("Hi"):
        total = chunk if total is None else total + chunk

    assert total is not None
    assert total.usage_metadata


def test_b8_invoke_that_streams_shows_the_cost(openrouter_emulator: Emulator):
    """quirks.md B8: here LangChain adds the chunks up, twice over."""
    answer = model(langsmith_cost=True, streaming=True).invoke("Hi")

    assert type(answer) is AIMessage
    assert answer.usage_metadata["total_cost"] > 0  # type: ignore[index,typeddict-item]


def test_b8_events_end_with_the_cost(openrouter_emulator: Emulator):
    """quirks.md B8: v3 events."""
    stream = model(langsmith_cost=True).stream_events("Hi", version="v3")

    assert stream.output.usage_metadata["total_cost"] > 0


@ALL_WAYS
async def test_usage_is_whole_numbers_only_unless_asked_for(
    openrouter_emulator: Emulator, ask: Ask
):
    answer = await ask(model(), "Hi")

    assert {k for k in answer.usage_metadata or {} if k.endswith("cost")} == set()


# What is sent to LangSmith, by its own client.


INFO = {
    "version": "0.10",
    "batch_ingest_config": {
        "use_multipart_endpoint": False,
        "size_limit": 100,
        "size_limit_bytes": 20_971_520,
        "scale_up_nthreads_limit": 1,
        "scale_up_qsize_trigger": 100,
        "scale_down_nempty_trigger": 4,
    },
}


class Ingest(BaseHTTPRequestHandler):
    """The two endpoints of a LangSmith server that its client needs."""

    def do_GET(self):
        self._say(INFO)

    def do_POST(self):
        self.server.got.append(self.rfile.read(int(self.headers["Content-Length"])))
        self._say({})

    def _say(self, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args):
        """Keep quiet."""


class LangSmith:
    """LangSmith's own tracer, and the runs that arrive at its server."""

    def __init__(self) -> None:
        self._server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Ingest)
        self._server.got = []
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{self._server.server_port}"
        self._client = Client(api_url=url, api_key="ls-test")
        self.tracer = LangChainTracer(client=self._client)

    def close(self) -> dict[str, Any]:
        """Return the one run, its start and its end put together."""
        self._client.cleanup(timeout=20)
        self._server.shutdown()
        self._server.server_close()
        sent = [json.loads(body) for body in self._server.got]
        parts = [run for body in sent for run in (*body.get("post", ()), *body.get("patch", ()))]
        assert len({part["id"] for part in parts}) == 1
        return {name: value for part in parts for name, value in part.items() if value}


@ALL_WAYS
async def test_b8_langsmith_is_sent_the_cost(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md B8: the keys that LangSmith adds up, in the run's outputs as they cross the wire."""
    langsmith = LangSmith()

    await ask(model(langsmith_cost=True), "Hi", config={"callbacks": [langsmith.tracer]})
    run = langsmith.close()

    metadata = run["outputs"]["generations"][0][0]["message"]["kwargs"]["usage_metadata"]
    charged = float(openrouter_emulator.total_charged)
    assert charged > 0
    assert metadata["total_cost"] == pytest.approx(charged)
    assert metadata["input_cost"] + metadata["output_cost"] == pytest.approx(charged)
    assert metadata["total_tokens"] == metadata["input_tokens"] + metadata["output_tokens"] > 0


async def test_langsmith_is_sent_no_cost_unless_asked_for(openrouter_emulator: Emulator):
    langsmith = LangSmith()

    await model().ainvoke("Hi", config={"callbacks": [langsmith.tracer]})
    run = langsmith.close()

    metadata = run["outputs"]["generations"][0][0]["message"]["kwargs"]["usage_metadata"]
    assert {name for name in metadata if name.endswith("cost")} == set()
