"""Costs as OpenTelemetry sees them: the SDK's own in-memory exporter and metric reader, a real socket."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from decimal import Decimal
from pathlib import Path

import pytest

pytest.importorskip("opentelemetry.sdk", reason="needs opentelemetry-sdk")

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.costs import cost_labels
from openrouter_core.costs.exporters import OpenTelemetryCostExporter
from openrouter_core.errors import ConfigurationError, OpenRouterError
from openrouter_emulator import faults
from tests.openrouter_core.costs.exporting import ASK, MODEL, Telemetry
from tests.openrouter_core.costs.factories import call

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def telemetry():
    made = Telemetry()
    yield made
    made.close()


def exporter(telemetry, **options) -> OpenTelemetryCostExporter:
    return OpenTelemetryCostExporter(
        tracer_provider=telemetry.tracers, meter_provider=telemetry.meters, **options
    )


def client(emulator, observer) -> OpenRouterClient:
    return OpenRouterClient(
        emulator.api_key, base_url=emulator.base_url, observers=[observer], max_retries=0
    )


def test_b7_a_call_is_a_client_span_with_its_cost(emulator, telemetry):
    """quirks.md B7."""
    with telemetry.tracers.get_tracer("program").start_as_current_span("agent") as around:
        result = client(emulator, exporter(telemetry)).chat.send(ASK, model=MODEL)

    span = next(s for s in telemetry.spans if s.name != "agent")
    attributes = dict(span.attributes)
    assert span.parent.span_id == around.get_span_context().span_id
    assert (span.name, span.kind.name) == (f"chat {MODEL}", "CLIENT")
    assert attributes["gen_ai.operation.name"] == "chat"
    assert attributes["gen_ai.provider.name"] == "openrouter"
    assert attributes["gen_ai.request.model"] == MODEL
    assert attributes["gen_ai.response.model"] == result.raw["model"]
    assert attributes["gen_ai.response.id"] == result.raw["id"]
    assert attributes["gen_ai.usage.input_tokens"] == result.raw["usage"]["prompt_tokens"]
    assert attributes["gen_ai.usage.output_tokens"] == result.raw["usage"]["completion_tokens"]
    assert (
        attributes["gen_ai.usage.cost"]
        == attributes["operation.cost"]
        == float(emulator.total_charged)
    )
    assert span.end_time > span.start_time


def test_metrics_add_up_to_what_was_charged(emulator, telemetry):
    watched = client(emulator, exporter(telemetry))
    for _ in range(3):
        watched.chat.send(ASK, model=MODEL)
    list(watched.chat.stream(ASK, model=MODEL))
    assert emulator.wait_idle()

    (usd,) = telemetry.points("operation.cost")
    tokens = telemetry.points("gen_ai.client.token.usage")
    (seconds,) = telemetry.points("gen_ai.client.operation.duration")

    assert usd.count == seconds.count == 4
    assert usd.sum == pytest.approx(float(emulator.total_charged), rel=1e-12)
    assert {p.attributes["gen_ai.token.type"]: p.count for p in tokens} == {"input": 4, "output": 4}
    assert usd.attributes["gen_ai.request.model"] == MODEL


def test_b6_a_cut_stream_is_written_when_its_price_is_known(emulator, telemetry, reconciler):
    """quirks.md B6."""
    with client(emulator, exporter(telemetry, reconciler=reconciler)).chat.stream(
        ASK, model=MODEL
    ) as stream:
        next(iter(stream))
    assert telemetry.spans == ()
    assert emulator.wait_idle()

    assert reconciler.flush(20) == ()

    (span,) = telemetry.spans
    assert span.attributes["operation.cost"] == float(emulator.total_charged) > 0
    assert (span.end_time - span.start_time) / 1e9 < 10


def test_a_failed_call_says_its_error(emulator, telemetry):
    emulator.fail_next(faults.rate_limited(), times=1)
    with pytest.raises(OpenRouterError):
        client(emulator, exporter(telemetry)).chat.send(ASK, model=MODEL)

    (span,) = telemetry.spans
    assert span.attributes["error.type"] == "RateLimitError"
    assert span.status.status_code.name == "ERROR"
    assert "operation.cost" not in span.attributes
    assert telemetry.points("operation.cost") == []


async def test_attributes_go_to_the_span_around_on_request(emulator, telemetry):
    observer = exporter(telemetry, spans="current")
    made = AsyncOpenRouterClient(emulator.api_key, base_url=emulator.base_url, observers=[observer])
    with telemetry.tracers.get_tracer("program").start_as_current_span("my call"):
        await made.chat.send(ASK, model=MODEL)
    await made.aclose()

    (span,) = telemetry.spans
    assert span.name == "my call"
    assert span.attributes["operation.cost"] == float(emulator.total_charged)


async def test_a_call_in_no_span_gets_one_of_its_own(emulator, telemetry):
    """Of instrumentations whose spans are not current where the call is made: its price was nowhere."""
    observer = exporter(telemetry, spans="current")
    made = AsyncOpenRouterClient(emulator.api_key, base_url=emulator.base_url, observers=[observer])
    await made.chat.send(ASK, model=MODEL)
    await made.aclose()

    (span,) = telemetry.spans
    assert span.name == f"chat {MODEL}"
    assert span.attributes["operation.cost"] == float(emulator.total_charged)


def test_labels_and_byok_parts_are_written(telemetry):
    usage = {"cost": 0.01, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.2}}
    observer = exporter(telemetry)
    with cost_labels(run="nightly", tags=["a", "b"], session="s-1"):
        ticket = observer.admit(None)
    observer.completed(call(usage=usage), ticket)

    attributes = telemetry.spans[0].attributes
    assert attributes["operation.cost"] == float(Decimal("0.21"))
    assert (attributes["openrouter.cost.charged"], attributes["openrouter.cost.upstream"]) == (
        0.01,
        0.2,
    )
    assert (attributes["openrouter.run"], attributes["openrouter.tags"]) == ("nightly", ("a", "b"))
    assert attributes["gen_ai.conversation.id"] == "s-1"


def test_a_span_says_why_the_answer_ended(emulator, telemetry):
    watched = client(emulator, exporter(telemetry))
    watched.chat.send(ASK, model=MODEL)
    watched.chat.send(ASK, model=MODEL, max_tokens=1)
    list(watched.chat.stream(ASK, model=MODEL, max_tokens=1))
    watched.messages.create(messages=ASK, model=MODEL, max_tokens=1)
    list(watched.messages.stream(messages=ASK, model=MODEL, max_tokens=1))
    list(watched.completions.stream(prompt="Hello", model=MODEL))

    reasons = [span.attributes.get("gen_ai.response.finish_reasons") for span in telemetry.spans]
    assert reasons == [
        ("stop",),
        ("length",),
        ("length",),
        ("max_tokens",),
        ("max_tokens",),
        ("stop",),
    ]


def test_a_stream_counts_in_the_time_to_its_first_chunk(emulator, telemetry):
    watched = client(emulator, exporter(telemetry))
    watched.chat.send(ASK, model=MODEL)
    list(watched.chat.stream(ASK, model=MODEL))

    (first,) = telemetry.points("gen_ai.client.operation.time_to_first_chunk")
    (span,) = (s for s in telemetry.spans if s.attributes.get("gen_ai.request.stream"))
    assert first.count == 1
    assert first.sum == span.attributes["gen_ai.response.time_to_first_chunk"]


def test_metrics_carry_the_labels_that_are_asked_for(telemetry):
    observer = exporter(telemetry, spans="none", labels=("run", "tag"))
    plain = exporter(telemetry, spans="none")
    for tags in (["b", "a"], ["a", "b"], []):
        with cost_labels(run="nightly", tags=tags, user="ann"):
            for watching in (observer, plain):
                watching.completed(call(cost=1), watching.admit(None))

    points = telemetry.points("operation.cost")
    found = {
        (p.attributes.get("openrouter.run"), p.attributes.get("openrouter.tag")): p.sum
        for p in points
    }
    assert found == {(None, None): 3, ("nightly", "a,b"): 2, ("nightly", None): 1}
    assert not any("openrouter.user" in p.attributes for p in points)


@pytest.mark.parametrize("labels", [("team",), "run"], ids=str)
def test_labels_that_do_not_exist_are_refused(telemetry, labels):
    with pytest.raises(ConfigurationError, match="'run', 'tag', 'session', 'user'"):
        exporter(telemetry, labels=labels)


def test_openinference_finds_prompt_and_completion(emulator, telemetry):
    client(emulator, exporter(telemetry)).chat.send(ASK, model=MODEL)

    attributes = telemetry.spans[0].attributes
    parts = attributes["llm.cost.prompt"], attributes["llm.cost.completion"]
    assert all(part > 0 for part in parts)
    assert sum(parts) == pytest.approx(attributes["llm.cost.total"])
    assert attributes["llm.cost.total"] == attributes["gen_ai.usage.cost"]


def test_no_prompt_and_no_key_is_written(emulator, telemetry):
    client(emulator, exporter(telemetry)).chat.send(ASK, model=MODEL)

    written = telemetry.spans[0].to_json()
    assert "days of the week" not in written
    assert emulator.api_key not in written


def test_metrics_alone_write_no_span(emulator, telemetry):
    client(emulator, exporter(telemetry, spans="none")).chat.send(ASK, model=MODEL)

    assert telemetry.spans == ()
    assert len(telemetry.points("operation.cost")) == 1


class BrokenTracers:
    """A tracer provider whose tracers fail."""

    def get_tracer(self, *_args, **_options):
        return self

    def start_span(self, *_args, **_options):
        raise RuntimeError("broken")


def test_a_tracer_that_fails_does_not_fail_the_call(emulator, telemetry, caplog):
    broken = OpenTelemetryCostExporter(
        tracer_provider=BrokenTracers(), meter_provider=telemetry.meters
    )

    assert client(emulator, broken).chat.send(ASK, model=MODEL).raw["choices"]
    assert broken.flush()
    assert "the call itself is not affected" in caplog.text


@pytest.mark.parametrize(
    ("name", "library", "extra"),
    [
        ("OpenTelemetryCostExporter", "opentelemetry", "otel"),
        ("LangfuseCostExporter", "langfuse", "langfuse"),
    ],
)
def test_without_its_library_an_exporter_says_what_to_install(name, library, extra):
    program = (
        "import sys; sys.modules[sys.argv[1]] = None\n"
        f"from openrouter_core.costs.exporters import {name}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, library],
        env={"PYTHONPATH": "shared"},
        check=False,
        capture_output=True,
        text=True,
    )

    assert f"{name} needs {library}, which is not installed" in done.stderr
    assert f"pip install '.[{extra}]'" in done.stderr


class SlowTracers(BrokenTracers):
    """A tracer provider whose tracers take their time."""

    def start_span(self, *_args, **_options):
        time.sleep(0.2)
        raise RuntimeError("broken")


def test_a_slow_tracer_keeps_nobody_waiting(telemetry):
    slow = OpenTelemetryCostExporter(tracer_provider=SlowTracers(), meter_provider=telemetry.meters)

    started_s = time.perf_counter()
    slow.completed(call(cost=1), slow.admit(None))
    waited_s = time.perf_counter() - started_s

    assert waited_s < 0.1
    assert not slow.flush(0.05)
    assert slow.flush(10)


def test_every_call_is_written_before_the_program_ends(tmp_path):
    program = """
        import sys
        sys.path[:0] = [sys.argv[1], sys.argv[1] + "/shared"]
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
        from openrouter_core.costs import CostLedger
        tracers = TracerProvider()
        tracers.add_span_processor(
            BatchSpanProcessor(ConsoleSpanExporter(formatter=lambda span: span.name + chr(10)))
        )
        from openrouter_core.costs.exporters import OpenTelemetryCostExporter
        from tests.openrouter_core.costs.factories import call
        exporter = OpenTelemetryCostExporter(tracer_provider=tracers)
        for _ in range(100):
            exporter.completed(call(cost=1), exporter.admit(None))
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program), str(ROOT)],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
    )

    assert done.stdout.splitlines() == ["chat openai/gpt-x"] * 100
