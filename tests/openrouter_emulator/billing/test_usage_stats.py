"""Activity, analytics and datasets say what the charges say, to the last digit."""

from __future__ import annotations

from decimal import Decimal

import pytest


@pytest.fixture
def used(wire):
    """Some calls of different kinds; returns what they cost together."""
    wire.ok("One")
    wire.ok("Two", model="anthropic/claude-sonnet-4.5", reasoning={"effort": "low"}, user="u-1")
    wire.stream("Three", session_id="s-1")
    wire.post("/embeddings", {"model": "openai/text-embedding-3-small", "input": "Four"})
    wire.post("/rerank", {"model": "cohere/rerank-v3.5", "query": "a", "documents": ["a", "b"]})
    wire.emulator.wait_idle()
    return wire.emulator.total_charged


def _read(wire, path, **query):
    answer = wire.http.get(
        wire.emulator.base_url + path,
        params=query,
        headers=wire.headers(wire.emulator.management_key),
    )
    assert answer.status_code == 200, answer.text
    return answer


def _exact(answer, name):
    """The sum of a column, in the digits that were sent."""
    import json

    rows = json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)["data"]
    return sum((row[name] for row in rows), Decimal(0))


def test_activity_adds_up_to_the_books(wire, used):
    answer = _read(wire, "/activity")
    charges = wire.emulator.charges

    assert _exact(answer, "usage") == used
    assert _exact(answer, "requests") == len(charges) == 5
    assert _exact(answer, "prompt_tokens") == sum(b.prompt_tokens for b in charges)
    assert _exact(answer, "completion_tokens") == sum(b.completion_tokens for b in charges)


def test_activity_is_empty_where_nothing_was_used(wire, used):
    assert _read(wire, "/activity", date="2020-01-01").json()["data"] == []
    assert _read(wire, "/activity", api_key_hash="0" * 64).json()["data"] == []


def _query(wire, **body):
    return wire.post("/analytics/query", body, key=wire.emulator.management_key)


METRICS = ["request_count", "total_usage", "tokens_total"]


def test_analytics_adds_up_to_the_books(wire, used):
    (row,) = _query(wire, metrics=METRICS).json()["data"]["data"]

    assert Decimal(str(row["total_usage"])) == used
    assert row["request_count"] == 5
    assert row["tokens_total"] == sum(
        b.prompt_tokens + b.completion_tokens for b in wire.emulator.charges
    )


def test_groups_of_analytics_add_up_to_the_whole(wire, used):
    query = {"dimensions": ["model", "provider"], "granularity": "day"}
    rows = _query(wire, metrics=METRICS, **query).json()["data"]["data"]

    assert sum(Decimal(str(row["total_usage"])) for row in rows) == used
    assert {"date__day", "model", "provider"} <= set(rows[0])


def test_analytics_narrows_orders_and_cuts(wire, used):
    only = {"field": "model", "operator": "eq", "value": "openai/gpt-4o-mini"}
    narrowed = _query(wire, metrics=METRICS, filters=[only]).json()["data"]["data"]
    order = {"field": "total_usage", "direction": "desc"}
    query = {"dimensions": ["model"], "order_by": order, "limit": 2}
    cut = _query(wire, metrics=["total_usage"], **query).json()["data"]

    assert narrowed[0]["request_count"] == 2
    assert cut["data"][0]["model"].startswith("cohere/")
    assert cut["metadata"]["row_count"] == 2
    assert cut["metadata"]["truncated"] is True


@pytest.mark.parametrize(
    "body",
    [
        {"metrics": []},
        {"metrics": ["nonsense"]},
        {"metrics": METRICS, "dimensions": ["model", "user", "app"]},
        {"metrics": METRICS, "order_by": {"field": "user", "direction": "asc"}},
        {"metrics": METRICS, "time_range": {"start": "yesterday", "end": "today"}},
    ],
    ids=lambda b: list(b)[-1],
)
def test_a_query_that_makes_no_sense_is_refused(wire, used, body):
    assert _query(wire, **body).status_code == 400


def test_analytics_refuses_an_inference_key_with_403(wire):
    assert wire.get("/analytics/meta").status_code == 403


def test_rankings_and_shares_come_from_the_same_calls(wire, used):
    daily = wire.get("/datasets/rankings-daily").json()["data"]
    apps = wire.get("/datasets/app-rankings").json()["data"]
    tasks = wire.get("/classifications/task").json()["data"]
    tokens = sum(b.prompt_tokens + b.completion_tokens for b in wire.emulator.charges)

    assert sum(int(row["total_tokens"]) for row in daily) == tokens
    assert apps == [{**apps[0], "rank": 1, "total_tokens": str(tokens), "total_requests": 5}]
    (task,) = tasks["classifications"]
    assert sum(m["tag_token_share"] for m in task["models"]) == pytest.approx(1, abs=1e-4)


def test_the_cost_of_a_session_is_the_median_of_its_kind(wire):
    for session in ("a", "a", "b"):
        wire.ok("Hello", session_id=session)
    rows = wire.get("/datasets/session-cost").json()["data"]
    one = float(wire.emulator.charges[0].cost)

    assert {row["turn_range"]: row["median_session_cost_usd"] for row in rows} == {
        "2-9-turns": pytest.approx(2 * one),
        "1-turn": pytest.approx(one),
    }


def test_public_figures_take_either_kind_of_key(wire):
    key = wire.emulator.management_key

    assert wire.get("/benchmarks", key=key).status_code == 200
    assert wire.get("/datasets/rankings-daily", key=key).status_code == 200


def test_scores_are_the_same_every_time(wire):
    first, second = (wire.get("/benchmarks", source="design-arena").json() for _ in range(2))

    assert first["data"] == second["data"]
    assert {row["source"] for row in first["data"]} == {"design-arena"}
