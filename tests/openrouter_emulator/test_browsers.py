"""CORS: pages of any origin may call the API, and nothing else."""

from __future__ import annotations

import pytest

PAGE = {"Origin": "https://app.example"}
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,x-title"}  # fmt: skip


@pytest.mark.parametrize("path", ["/chat/completions", "/models", "/no/such/path"])
def test_the_question_before_a_request_is_answered_without_a_key(wire, path):
    answer = wire.http.request("OPTIONS", wire.emulator.base_url + path, headers=PAGE | PREFLIGHT)

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "authorization,x-title"
    assert wire.emulator.requests == []


def test_a_page_on_the_web_may_ask_a_machine_of_its_user(wire):
    headers = PAGE | PREFLIGHT | {"Access-Control-Request-Private-Network": "true"}
    answer = wire.http.request("OPTIONS", f"{wire.emulator.base_url}/models", headers=headers)

    assert answer.headers["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize("stream", [False, True])
def test_answers_streams_and_refusals_can_be_read_by_a_page(wire, stream):
    for answer in (
        wire.chat(stream=stream, headers=PAGE),
        wire.chat(model="none", stream=stream, headers=PAGE),
        wire.post("/chat/completions", {}, key="sk-or-wrong", **PAGE),
    ):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-expose-headers"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


def test_programs_are_not_told_of_it(wire):
    assert not [h for h in wire.chat().headers if h.startswith("access-control")]


def test_the_consent_page_is_not_for_other_pages(wire):
    answer = wire.http.get(f"{wire.emulator.origin}/auth", headers=PAGE)

    assert not [h for h in answer.headers if h.startswith("access-control")]
