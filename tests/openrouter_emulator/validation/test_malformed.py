"""Bodies that are no JSON, the wrong JSON or a broken form are refused in the API's envelope, never answered with 500."""

from __future__ import annotations

import httpx2
import pytest

from openrouter_emulator import ToolCall
from openrouter_emulator.registry import bound

DEEP = b"[" * 100_000
HALF = b'{"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "\\ud83d"}]}'
BODIES = {
    "nothing": b"",
    "not JSON": b"{nope",
    "not UTF-8": b'{"model": "\xff\xfe"}',
    "deep": DEEP,
    "a list": b"[1]",
    "null": b"null",
    "a text": b'"text"',
    "a number": b"7",
    "NaN": b'{"model": NaN}',
    "a huge number": b'{"model": ' + b"9" * 10_000 + b"}",
    "nulls": b'{"model": null, "messages": null, "input": null, "prompt": null, "name": null}',
    "numbers": b'{"model": 1, "messages": 2, "input": 3, "prompt": 4, "name": 5, "stream": 6}',
    "objects": b'{"model": {}, "messages": {}, "input": {}, "prompt": {}, "name": {}, "file": {}}',
    "lists of lists": b'{"model": [[]], "messages": [[]], "input": [[[]]], "prompt": [[]], "tools": [[]]}',
    "half a character": HALF,
}
FORMS = {
    "without a boundary": ("multipart/form-data", b"--x\r\n\r\n"),
    "cut off": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"'),
    "of nothing": ("multipart/form-data; boundary=x", b""),
    "of garbage": ("application/x-www-form-urlencoded", b"%%%=\xff&&=;"),
    "with a text for a file": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--x--\r\n',
    ),
}  # fmt: skip
SENT = [b for b in bound() if b.route.method in {"POST", "PUT", "PATCH"}]


def _send(wire, entry, content: bytes, kind: str) -> httpx2.Response:
    path = entry.route.path.replace("{", "").replace("}", "")
    base = wire.emulator.base_url if entry.route.base == "v1" else wire.emulator.origin
    managed = entry.route.key == "management"
    key = wire.emulator.management_key if managed else wire.emulator.api_key
    headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
    return wire.http.request(entry.route.method, base + path, content=content, headers=headers)


@pytest.mark.usefixtures("collector_waits")
@pytest.mark.parametrize("name", BODIES)
def test_no_endpoint_breaks_on_a_body(wire, name):
    answers = {e.route.path: _send(wire, e, BODIES[name], "application/json") for e in SENT}

    assert [path for path, answer in answers.items() if answer.status_code >= 500] == []
    refusal = answers["/chat/completions"]
    assert refusal.status_code == (200 if name == "half a character" else 400)
    assert name == "half a character" or refusal.json()["error"]["code"] == 400


@pytest.mark.parametrize("name", FORMS)
def test_no_endpoint_breaks_on_a_form(wire, name):
    kind, content = FORMS[name]
    answers = {e.route.path: _send(wire, e, content, kind) for e in SENT}

    assert [path for path, answer in answers.items() if answer.status_code >= 500] == []
    assert answers["/files"].status_code == 400


def test_half_a_character_is_answered_as_javascript_would_write_it(wire):
    (entry,) = (e for e in SENT if e.route.path == "/chat/completions")

    answer = _send(wire, entry, HALF, "application/json").json()

    assert "\ufffd" in answer["choices"][0]["message"]["content"]
    assert wire.emulator.last.content == HALF


def test_a_broken_query_or_path_is_refused_too(wire):
    for path in (
        "/models?limit=x&offset=-1",
        "/generation?id=%ff",
        "/keys/%00",
        "/models/a/b%ff/endpoints",
    ):
        for key in (wire.emulator.api_key, wire.emulator.management_key):
            answer = wire.http.get(wire.emulator.base_url + path, headers=wire.headers(key))
            assert answer.status_code < 500, path


def test_numbers_that_json_does_not_have_are_refused_wherever_they_stand(wire):
    (entry,) = (e for e in SENT if e.route.path == "/chat/completions")
    good = (
        b'{"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "x"}], "y": 1}'
    )

    assert _send(wire, entry, good, "application/json").status_code == 200
    for number in (b"NaN", b"Infinity", b"-Infinity"):
        body = good.replace(b"1}", number + b"}")
        assert _send(wire, entry, body, "application/json").status_code == 400


DEEP = '{"a":' * 30_000 + "1" + "}" * 30_000


@pytest.mark.usefixtures("collector_waits")
def test_arguments_that_are_nested_too_deeply_are_refused(wire):
    function = {"name": "f", "arguments": DEEP}
    turn = {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": function}]}  # fmt: skip
    item = {"type": "function_call", "call_id": "c", "name": "f", "arguments": DEEP}

    chat = wire.chat([{"role": "user", "content": "x"}, turn])
    responses = wire.post("/responses", {"model": "openai/gpt-4o-mini", "input": [item]})

    assert (chat.status_code, responses.status_code) == (400, 400), responses.text


@pytest.mark.usefixtures("collector_waits")
def test_arguments_of_a_script_that_are_nested_too_deeply_are_no_crash(wire):
    wire.emulator.script(ToolCall("f", DEEP))
    messages = [{"role": "user", "content": "x"}]
    body = {"model": "anthropic/claude-sonnet-4.5", "max_tokens": 9999, "messages": messages}

    answer = wire.post("/messages", body)

    assert answer.status_code == 200
    assert answer.json()["content"][0]["input"] == {}
