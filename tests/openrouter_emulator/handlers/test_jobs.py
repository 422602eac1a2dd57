"""Videos and batches: they go on by being looked at, and are booked when they end; videos call their webhook."""

from __future__ import annotations

import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from openrouter_core import webhooks

VIDEO = {"model": "google/veo-3.1-fast", "prompt": "A cat", "duration": 4}


def _look(wire, path, times):
    return [wire.get(path).json() for _ in range(times)]


# ---------------------------------------------------------------- videos


def test_a_video_is_made_by_looking_at_it(wire):
    wire.emulator.polls_until_done = 3
    made = wire.post("/videos", VIDEO)
    job = made.json()

    seen = _look(wire, f"/videos/{job['id']}", 4)

    assert (made.status_code, job["status"]) == (202, "pending")
    assert [s["status"] for s in seen] == ["in_progress", "in_progress", "completed", "completed"]
    assert seen[-1]["usage"]["cost"] == 0.6
    assert wire.http.get(job["polling_url"], headers=wire.headers()).json() == seen[-1]


def test_a_video_is_booked_once_when_it_is_done(wire):
    job = wire.post("/videos", VIDEO).json()
    assert wire.emulator.charges == []

    seen = _look(wire, f"/videos/{job['id']}", 3)

    assert wire.emulator.total_charged == Decimal("0.6")
    record = wire.get("/generation", id=seen[-1]["generation_id"]).json()["data"]
    assert (record["api_type"], record["total_cost"]) == ("video", 0.6)


def test_the_bytes_come_after_the_end(wire):
    job = wire.post("/videos", VIDEO).json()
    early = wire.get(f"/videos/{job['id']}/content")
    _look(wire, f"/videos/{job['id']}", 2)

    content = wire.get(f"/videos/{job['id']}/content")

    assert early.status_code == 409
    assert content.headers["content-type"] == "video/mp4"
    assert content.content[4:8] == b"ftyp"
    assert wire.get("/videos/unknown").status_code == 404


@pytest.mark.parametrize("end", ["failed", "cancelled", "expired"])
def test_a_video_that_fails_costs_nothing(wire, end):
    wire.emulator.jobs_end = end
    job = wire.post("/videos", VIDEO).json()

    assert _look(wire, f"/videos/{job['id']}", 2)[-1]["status"] == end
    assert wire.emulator.total_charged == 0


def test_a_webhook_is_sent_once_and_its_signature_holds(wire):
    """Verified by the client's own check, which shares no code with the emulator."""
    heard: list[tuple[dict[str, str], bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            """Keep the test output clean."""

    receiver = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        wire.emulator.webhook_secret = "the-secret"
        url = f"http://127.0.0.1:{receiver.server_port}/hook"
        job = wire.post("/videos", {**VIDEO, "callback_url": url}).json()
        _look(wire, f"/videos/{job['id']}", 3)
    finally:
        receiver.shutdown()
        thread.join()
        receiver.server_close()

    ((headers, body),) = heard
    event = webhooks.verify(body, headers, secret="the-secret")
    assert event.type == "video.generation.completed"
    assert event.data["id"] == job["id"]


# ---------------------------------------------------------------- batches


def _chat(n):
    return {"custom_id": str(n), "body": {"messages": [{"role": "user", "content": f"Say {n}"}]}}


BATCH = {"endpoint": "/v1/chat/completions", "model": "openai/gpt-4o-mini"}


def _batches(wire, method="GET", path="", body=None):
    url = f"{wire.emulator.base_url}/batches{path}"
    return wire.http.request(method, url, json=body, headers=wire.headers())


def _done(wire, body):
    made = _batches(wire, "POST", "", body)
    assert made.status_code == 202, made.text
    seen = [_batches(wire, "GET", f"/{made.json()['id']}").json() for _ in range(2)]
    return made.json(), seen


def test_a_batch_ends_with_a_result_for_each_request(wire):
    made, seen = _done(wire, {**BATCH, "requests": [_chat(1), _chat(2)]})

    assert [made["status"], *(s["status"] for s in seen)] == [
        "validating", "in_progress", "completed",
    ]  # fmt: skip
    results = {r["custom_id"]: r["response"]["body"] for r in seen[-1]["results"]}
    texts = {n: body["choices"][0]["message"]["content"] for n, body in results.items()}
    assert texts == {"1": "You said: Say 1.", "2": "You said: Say 2."}
    assert seen[-1]["request_counts"] == {"total": 2, "completed": 2, "failed": 0}


def test_a_batch_costs_half_and_is_booked_with_ids_of_its_own(wire):
    whole = Decimal(str(wire.ok("Say 1")["usage"]["cost"]))
    wire.emulator.reset()

    _, seen = _done(wire, {**BATCH, "requests": [_chat(1)]})

    assert wire.emulator.total_charged == whole / 2
    assert Decimal(str(seen[-1]["usage"]["cost"])) == whole / 2
    assert wire.emulator.charges[0].generation_id.startswith("gen-batch-")


@pytest.mark.parametrize(
    ("endpoint", "model", "body"),
    [
        ("/v1/responses", "openai/gpt-4o-mini", {"input": "x"}),
        ("/v1/messages", "openai/gpt-4o-mini", {"messages": [{"role": "user", "content": "x"}]}),
        ("/v1/embeddings", "openai/text-embedding-3-small", {"input": "x"}),
    ],
)
def test_every_endpoint_of_a_batch_is_answered(wire, endpoint, model, body):
    request = {"custom_id": "1", "body": body}

    _, seen = _done(wire, {"endpoint": endpoint, "model": model, "requests": [request]})

    assert seen[-1]["results"][0]["response"]["status_code"] == 200
    assert seen[-1]["usage"]["prompt_tokens"] > 0


def test_a_request_that_fails_leaves_the_others_alone(wire):
    wrong = {"custom_id": "2", "body": {"messages": []}}

    _, seen = _done(wire, {**BATCH, "requests": [_chat(1), wrong]})

    assert seen[-1]["request_counts"] == {"total": 2, "completed": 1, "failed": 1}
    assert [r["error"] is None for r in seen[-1]["results"]] == [True, False]


PICTURE = {"type": "image_url", "image_url": {"url": "https://x"}}


@pytest.mark.parametrize(
    "body",
    [
        {"requests": [_chat(1)], **BATCH},
        {**BATCH, "requests": []},
        {**BATCH, "requests": [_chat(1), _chat(1)]},
        {**BATCH, "requests": [{"custom_id": "1", "body": {"model": "openai/gpt-5.5"}}]},
        {**BATCH, "requests": [{"custom_id": "1", "body": {"messages": [{"content": [PICTURE]}]}}]},
        {**BATCH, "endpoint": "/v1/images", "requests": [_chat(1)]},
    ],
    ids=["order", "empty", "twice", "model", "media", "endpoint"],
)
def test_a_batch_that_the_api_does_not_take_is_refused(wire, body):
    assert _batches(wire, "POST", "", body).status_code == 400


def test_a_batch_is_removed_after_its_end_only(wire):
    made = _batches(wire, "POST", "", {**BATCH, "requests": [_chat(1)]}).json()
    path = f"/{made['id']}"
    running = _batches(wire, "DELETE", path).status_code
    for _ in range(2):
        _batches(wire, "GET", path)

    assert running == 409
    assert _batches(wire, "DELETE", path).json()["deletion"] == {"openrouter": "deleted"}
    assert _batches(wire, "GET", path).status_code == 404


def test_batches_are_listed_newest_first_without_results(wire):
    made = [_done(wire, {**BATCH, "requests": [_chat(n)]})[0]["id"] for n in range(2)]

    listed = _batches(wire, "GET", "?limit=1").json()
    rest = _batches(wire, "GET", f"?after={listed['last_id']}").json()

    assert [row["id"] for row in listed["data"] + rest["data"]] == made[::-1]
    assert (listed["has_more"], rest["has_more"]) == (True, False)
    assert listed["data"][0]["results"] is None
