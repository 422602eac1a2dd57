"""Money and generations: exact charges, credit that goes down, records that appear late."""

from __future__ import annotations

import time
from decimal import Decimal

import httpx2
import pytest

from openrouter_emulator import Reply, faults

MODEL = "openai/gpt-4o-mini"


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))


def test_cost_is_tokens_times_price(wire):
    usage = wire.ok("Hello")["usage"]

    expected = usage["prompt_tokens"] * Decimal("0.00000015")
    expected += usage["completion_tokens"] * Decimal("0.0000006")
    assert _exact(usage["cost"]) == expected
    details = usage["cost_details"]
    assert _exact(details["upstream_inference_prompt_cost"]) + _exact(
        details["upstream_inference_completions_cost"]
    ) == _exact(details["upstream_inference_cost"])


def test_books_agree_with_replies_keys_and_credits_to_the_last_digit(wire):
    shown = [
        wire.ok("Hello")["usage"],
        wire.stream("Hello again", model="anthropic/claude-haiku-4.5").usage,
        wire.ok("Search", plugins=[{"id": "web"}])["usage"],
        wire.post("/embeddings", {"model": "openai/text-embedding-3-small", "input": "x y"}).json()[
            "usage"
        ],
        wire.post(
            "/rerank", {"model": "cohere/rerank-v3.5", "query": "q", "documents": ["d"]}
        ).json()["usage"],
    ]
    total = sum(_exact(u["cost"]) for u in shown)

    assert [b.cost for b in wire.emulator.charges] == [_exact(u["cost"]) for u in shown]
    assert wire.emulator.total_charged == total
    assert _exact(wire.get("/key").json()["data"]["usage"]) == total
    credit = wire.get("/credits", key=wire.emulator.management_key).json()["data"]
    assert (_exact(credit["total_usage"]), credit["total_credits"]) == (total, 1000)


def test_the_record_agrees_with_the_reply(wire):
    answer = wire.chat("Hello", session_id="s1", user="u1", headers={"HTTP_Referer": "https://a.b"})
    body = answer.json()
    record = wire.get("/generation", id=body["id"]).json()["data"]

    assert record["total_cost"] == record["usage"] == body["usage"]["cost"]
    assert record["native_tokens_prompt"] == body["usage"]["prompt_tokens"]
    assert record["native_tokens_completion"] == body["usage"]["completion_tokens"]
    assert record["provider_name"] == body["provider"]
    assert (record["model"], record["finish_reason"]) == (body["model"], "stop")
    assert (record["streamed"], record["cancelled"], record["is_byok"]) == (False, False, False)
    assert (record["session_id"], record["external_user"]) == ("s1", "u1")
    assert record["http_referer"] == "https://a.b"
    assert record["created_at"].endswith("+00:00")


FIELDS = [
    "id",
    "request_id",
    "upstream_id",
    "created_at",
    "api_type",
    "model",
    "provider_name",
    "router",
    "streamed",
    "cancelled",
    "finish_reason",
    "native_finish_reason",
    "latency",
    "generation_time",
    "moderation_latency",
    "tokens_prompt",
    "tokens_completion",
    "native_tokens_prompt",
    "native_tokens_completion",
    "native_tokens_reasoning",
    "native_tokens_cached",
    "native_tokens_completion_images",
    "num_media_prompt",
    "num_media_completion",
    "num_input_audio_prompt",
    "num_search_results",
    "num_fetches",
    "web_search_engine",
    "usage",
    "total_cost",
    "cache_discount",
    "upstream_inference_cost",
    "is_byok",
    "service_tier",
    "provider_responses",
    "response_cache_source_id",
    "session_id",
    "preset_id",
    "workspace_id",
    "app_id",
    "external_user",
    "user_agent",
    "http_referer",
    "origin",
    "data_region",
]


@pytest.mark.parametrize("path", ["chat", "embeddings", "rerank"])
def test_the_record_has_every_field(wire, path):
    bodies = {
        "chat": (
            "/chat/completions",
            {"model": MODEL, "messages": [{"role": "user", "content": "x"}]},
        ),
        "embeddings": ("/embeddings", {"model": "openai/text-embedding-3-small", "input": "x"}),
        "rerank": ("/rerank", {"model": "cohere/rerank-v3.5", "query": "q", "documents": ["d"]}),
    }
    answer = wire.post(*bodies[path])
    record = wire.get("/generation", id=answer.json()["id"]).json()["data"]

    assert set(record) == set(FIELDS)
    assert record["api_type"] == {"chat": "completions"}.get(path, path)


def test_a_record_appears_after_the_delay_and_is_404_before(wire):
    """quirks.md B5: the record is not there when the answer ends."""
    wire.emulator.generation_delay_s = 0.25
    id = wire.ok()["id"]

    early = wire.get("/generation", id=id)
    assert (early.status_code, early.json()["error"]["message"]) == (
        404,
        f"Generation {id} not found",
    )
    time.sleep(0.3)
    assert wire.get("/generation", id=id).status_code == 200


def test_an_unknown_generation_is_404_and_a_missing_id_400(wire):
    assert wire.get("/generation", id="gen-x").status_code == 404
    assert wire.get("/generation").status_code == 400


def test_the_record_can_be_made_to_differ_from_the_reply(wire):
    wire.emulator.generation_cost_factor = Decimal("0.5")
    body = wire.ok()
    record = wire.get("/generation", id=body["id"]).json()["data"]

    assert _exact(record["total_cost"]) == _exact(body["usage"]["cost"]) / 2


def test_content_holds_prompt_and_answer(wire):
    body = wire.ok("Hello", model="openai/gpt-5.5")
    data = wire.get("/generation/content", id=body["id"]).json()["data"]

    assert data["input"]["messages"] == [{"role": "user", "content": "Hello"}]
    assert data["output"]["completion"] == "You said: Hello."
    assert data["output"]["reasoning"].startswith("The user says")
    wire.emulator.log_content = False
    assert wire.get("/generation/content", id=body["id"]).status_code == 403


def test_feedback_needs_a_management_key_and_a_generation(wire):
    body = {"generation_id": wire.ok()["id"], "category": "latency"}
    key = wire.emulator.management_key

    assert wire.post("/generation/feedback", body).status_code == 401
    answer = wire.post("/generation/feedback", body, key=key)
    assert answer.json() == {"data": {"success": True}}
    assert wire.post("/generation/feedback", {**body, "category": ""}, key=key).status_code == 400
    missing = {**body, "generation_id": "gen-x"}
    assert wire.post("/generation/feedback", missing, key=key).status_code == 404


def test_byok_costs_the_fee_and_reports_the_providers_bill(wire):
    """quirks.md B1: with BYOK the real spend is in cost_details."""
    wire.emulator.byok = True
    free = wire.ok()["usage"]
    wire.emulator.byok_fee = Decimal("0.05")
    fee = wire.ok()["usage"]

    upstream = _exact(free["cost_details"]["upstream_inference_cost"])
    assert (free["cost"], free["is_byok"]) == (0, True)
    assert upstream > 0
    assert _exact(fee["cost"]) == upstream * Decimal("0.05")
    key = wire.get("/key").json()["data"]
    assert _exact(key["byok_usage"]) == 2 * upstream


def _cut(wire, **body):
    """Read one event of a stream, leave, and give the charge."""
    url = wire.emulator.base_url + "/chat/completions"
    sent = {"model": MODEL, "messages": [{"role": "user", "content": "x"}], "stream": True, **body}
    with wire.http.stream("POST", url, json=sent, headers=wire.headers()) as answer:
        for line in answer.iter_lines():
            if line.startswith("data:"):
                break
    assert wire.emulator.wait_idle()
    (charge,) = wire.emulator.charges
    return charge


def test_a_cut_stream_is_charged_for_what_was_sent(wire):
    wire.emulator.chunk_gap_s = 0.02
    wire.emulator.script(Reply(pieces=["word "] * 100))
    charge = _cut(wire)

    assert charge.cancelled
    assert 0 < charge.completion_tokens < 60
    record = wire.get("/generation", id=charge.generation_id).json()["data"]
    assert (record["cancelled"], record["finish_reason"]) == (True, None)
    assert record["provider_responses"][-1]["status"] == 499
    assert _exact(record["total_cost"]) == charge.cost


def test_a_provider_that_does_not_stop_charges_in_full(wire):
    wire.emulator.chunk_gap_s = 0.02
    wire.emulator.script(Reply(pieces=["word "] * 100))
    charge = _cut(wire, model="google/gemini-3-flash-preview")

    assert charge.cancelled
    assert charge.completion_tokens >= 125


def test_the_books_are_written_before_the_last_event_is_read(wire):
    for _ in range(20):
        wire.stream()

    assert len(wire.emulator.charges) == 20


@pytest.mark.parametrize(
    "fault", [faults.midstream_error, faults.error_in_200, faults.error_in_choice]
)
@pytest.mark.parametrize("streamed", [False, True])
def test_failed_calls_are_booked_at_zero(wire, fault, streamed):
    wire.emulator.fail_next(fault())
    wire.chat(stream=streamed)
    assert wire.emulator.wait_idle()

    (charge,) = wire.emulator.charges
    assert (charge.cost, charge.failed) == (0, True)
    record = wire.get("/generation", id=charge.generation_id).json()["data"]
    assert (record["total_cost"], record["provider_responses"][-1]["status"]) == (0, 502)


def test_a_refused_call_is_not_in_the_books(wire):
    wire.emulator.fail_next(faults.rate_limited())
    wire.chat()

    assert wire.emulator.charges == []


def test_a_small_balance_is_402_with_both_numbers(wire):
    """quirks.md C2: without max_tokens the whole output limit must be affordable."""
    wire.emulator.state.total_credits = Decimal("0.006")
    answer = wire.chat()

    assert answer.status_code == 402
    message = answer.json()["error"]["message"]
    assert "requested up to 16384 tokens, but can only afford 10000" in message
    assert wire.ok(max_tokens=100)
    wire.emulator.state.total_credits = Decimal(1000)


def test_a_keys_own_limit_is_402_before_and_403_when_used_up(wire):
    key = wire.emulator.add_key("small", limit=Decimal("0.00001"))
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}

    assert wire.post("/chat/completions", body, key=key.secret).status_code == 402
    assert (
        wire.post("/chat/completions", {**body, "max_tokens": 8}, key=key.secret).status_code == 200
    )
    key.usage = Decimal("0.00001")
    answer = wire.post("/chat/completions", {**body, "max_tokens": 1}, key=key.secret)
    assert answer.status_code == 403
    assert "Key limit exceeded" in answer.json()["error"]["message"]
    remaining = wire.get("/key", key=key.secret).json()["data"]["limit_remaining"]
    assert remaining == 0


def test_free_models_are_limited_per_minute_with_the_reset_in_milliseconds(wire):
    """quirks.md C8: the free tier's reset is in milliseconds and there is no Retry-After."""
    wire.emulator.free_per_minute = 1
    model = "openai/gpt-oss-20b:free"
    assert wire.ok(model=model)["usage"]["cost"] == 0
    answer = wire.chat(model=model)

    assert answer.status_code == 429
    assert "retry-after" not in answer.headers
    reset = int(answer.headers["x-ratelimit-reset"])
    assert 0 < reset / 1000 - time.time() <= 60
    assert answer.json()["error"]["metadata"]["headers"]["X-RateLimit-Reset"] == str(reset)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/embeddings", {"model": "openai/text-embedding-3-small", "input": "x"}),
        ("/rerank", {"model": "cohere/rerank-v3.5", "query": "q", "documents": ["d"]}),
        ("/audio/speech", {"model": "openai/gpt-4o-mini-tts", "input": "x", "voice": "alloy"}),
        ("/images", {"model": "black-forest-labs/flux.2-pro", "prompt": "x"}),
    ],
)
def test_beside_chat_a_session_counts_in_the_header_alone(wire, path, body):
    def session(sent, **headers):
        answer = wire.post(path, sent, **headers)
        assert answer.status_code == 200, answer.text
        (record,) = [
            g.record for g in wire.emulator.state.generations.values() if g.id == last(wire)
        ]
        return record["session_id"]

    assert session({**body, "session_id": "s1"}) is None
    assert session(body, x_session_id="s2") == "s2"


def last(wire):
    return list(wire.emulator.state.generations)[-1]


def test_a_client_that_leaves_before_a_plain_answer_pays_in_full(wire):
    """Non-streaming requests cannot be cancelled."""
    wire.emulator.fail_next(faults.slow_first_event(0.3))
    with pytest.raises(httpx2.ReadTimeout):
        wire.http.post(
            wire.emulator.base_url + "/chat/completions",
            json={"model": MODEL, "messages": [{"role": "user", "content": "x"}]},
            headers=wire.headers(),
            timeout=0.1,
        )
    assert wire.emulator.wait_idle()

    (charge,) = wire.emulator.charges
    assert (charge.cancelled, charge.cost > 0) == (False, True)
