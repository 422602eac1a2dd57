"""`Emulator.replay`: files of three forms, and which exchange answers a request."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from openrouter_core import OpenRouterClient
from tests.traffic import recordings

HOST = "https://openrouter.ai/api/v1"
MESSAGES = [{"role": "user", "content": "Hello"}]
BODY = {"model": "openai/gpt-4o-mini", "messages": MESSAGES}
ANSWER = {"id": "gen-1", "choices": [{"message": {"role": "assistant", "content": "Höre!"}}]}
SSE = (
    ': OPENROUTER PROCESSING\n\ndata: {"id":"gen-2","choices":[]}\n\n'
    'data: {"id":"gen-2","choices":[{"index":0,"delta":{"content":"A"}}]}\n\ndata: [DONE]\n\n'
)
PLAIN = {
    "request": {"method": "POST", "url": f"{HOST}/chat/completions", "body": BODY},
    "response": {
        "status": 200,
        "headers": {"X-Generation-Id": "gen-1", "Content-Length": "7", "Set-Cookie": "a=b"},
        "body": ANSWER,
    },
}
STREAM = {
    "request": {"method": "POST", "url": f"{HOST}/chat/completions", "body": {**BODY, "stream": True}},
    "response": {"status": 200, "headers": {"content-type": "text/event-stream"}, "sse": SSE},
}  # fmt: skip
REFUSED = {
    "request": {"method": "POST", "url": f"{HOST}/chat/completions", "body": BODY},
    "response": {
        "status": 429,
        "headers": {"retry-after": "7"},
        "body": {"error": {"code": 429, "message": "Slow down"}},
    },
}


@pytest.fixture
def written(tmp_path: Path):
    """Write a file and return its path."""

    def write(name: str, content: Any) -> Path:
        file = tmp_path / name
        text = yaml.safe_dump(content) if name.endswith("yaml") else json.dumps(content)
        file.write_text(text, "utf-8")
        return file

    return write


def test_status_headers_and_body_are_the_recorded_ones(wire, written):
    wire.emulator.replay(written("one.json", [PLAIN, REFUSED]))

    answer, refused = wire.chat(), wire.chat()
    assert (answer.status_code, answer.json()) == (200, ANSWER)
    assert answer.headers["x-generation-id"] == "gen-1"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert "set-cookie" not in answer.headers
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
    assert wire.emulator.charges == []
    assert wire.message()["content"] == "You said: Hello."


def test_a_stream_comes_byte_for_byte_and_only_where_a_stream_is_asked(wire, written):
    recording = wire.emulator.replay(written("two.json", [STREAM, PLAIN]))

    assert wire.chat().json() == ANSWER
    assert [exchange.is_streamed for exchange in recording.unused] == [True]
    assert wire.chat(stream=True).text == SSE
    assert recording.unused == []


def test_by_its_body_an_exchange_answers_an_equal_one_alone(wire, written):
    wire.emulator.replay(written("one.json", PLAIN), match="body", times=None)

    for _ in range(2):
        assert wire.message("Another")["content"] == "You said: Another."
        assert wire.chat().json() == ANSWER


def test_for_ever_means_in_turn(wire, written):
    wire.emulator.replay(written("one.json", [PLAIN, REFUSED]), times=None)

    assert [wire.chat().status_code for _ in range(4)] == [200, 429, 200, 429]


def test_keys_are_checked_and_reset_forgets(wire, written):
    wire.emulator.replay(written("one.json", PLAIN))

    assert wire.post("/chat/completions", BODY, key="sk-or-wrong").status_code == 401
    wire.emulator.reset()
    assert wire.message()["content"] == "You said: Hello."


def test_a_har_file_is_read(wire, written):
    zipped = base64.b64encode(json.dumps(ANSWER).encode()).decode()
    entry = {
        "request": {
            "method": "POST",
            "url": f"{HOST}/chat/completions",
            "headers": [{"name": "Authorization", "value": "Bearer sk-or-v1-secret"}],
            "postData": {"mimeType": "application/json", "text": json.dumps(BODY)},
        },
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"mimeType": "application/json", "text": zipped, "encoding": "base64"},
        },
    }
    elsewhere = {"request": {"method": "GET", "url": "https://example.com/x.png"}, "response": {"status": 200, "content": {}}}  # fmt: skip
    har = {"log": {"version": "1.2", "entries": [elsewhere, entry]}}
    recording = wire.emulator.replay(written("session.har", har), match="body")

    assert wire.chat().json() == ANSWER
    assert [exchange.path for exchange in recording.unused] == ["/x.png"]
    assert "sk-or-v1-secret" not in repr(recording.exchanges)


@pytest.mark.parametrize("name", ["cassette.yaml", "cassette.json"])
def test_a_cassette_of_vcrpy_is_read(wire, written, name):
    text = json.dumps(ANSWER, ensure_ascii=False)
    body: dict[str, Any] = {"string": text}
    headers = {"Content-Type": ["application/json"], "Content-Encoding": ["gzip"]}
    if name.endswith("yaml"):
        body = {"string": gzip.compress(text.encode())}
    interaction = {
        "request": {
            "method": "POST",
            "uri": f"{HOST}/chat/completions",
            "body": json.dumps(BODY),
            "headers": {},
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": headers,
            "body": body,
        },
    }
    wire.emulator.replay(written(name, {"version": 1, "interactions": [interaction]}), match="body")

    assert wire.chat().json() == ANSWER


CASSETTES = sorted((Path(__file__).resolve().parents[3] / "cassettes").rglob("*.yaml"))


@pytest.mark.parametrize("file", CASSETTES[::20], ids=lambda file: file.stem[:60])
def test_cassettes_of_this_project_are_read(wire, file):
    for exchange in wire.emulator.replay(file, match="body").exchanges:
        answer = wire.post(exchange.path, exchange.body)
        assert (answer.status_code, answer.content) == (exchange.status, exchange.content)


def test_a_recording_of_the_real_api_reads_the_same_through_the_client(wire, written):
    """Every recorded chat stream that ends well, as an exchange of its own."""
    files = [r for r in recordings.load_all() if r.is_chat and r.is_streamed and r.status == 200]
    if not files:
        pytest.skip(recordings.ABSENT)
    client = OpenRouterClient(wire.emulator.api_key, base_url=wire.emulator.base_url, max_retries=0)
    for recording in [r for r in files if '"error"' not in (r.sse or "")][::15]:
        exchange = {**STREAM, "response": {"status": 200, "sse": recording.sse}}
        wire.emulator.replay(written("real.json", exchange))
        with client.chat.stream(MESSAGES, model="openai/gpt-4o-mini") as stream:
            chunks = list(stream)
        assert chunks, recording.id
        assert len(wire.emulator.charges) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "has no exchanges. The emulator replays HAR files, cassettes of vcrpy"),
        ({"data": []}, "has no exchanges"),
        ([{"request": {"method": "GET"}, "response": {}}], "an exchange cannot be read"),
    ],
)
def test_a_file_in_another_form_is_refused_with_the_forms(emulator, written, content, message):
    with pytest.raises(ValueError, match=message):
        emulator.replay(written("wrong.json", content))
