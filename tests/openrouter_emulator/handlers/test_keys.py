"""Which key may do what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

CHAT = {"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "x"}]}


def test_no_key_is_401(wire):
    answer = wire.http.post(wire.emulator.base_url + "/chat/completions", json=CHAT)

    assert answer.status_code == 401
    assert answer.json()["error"] == {"message": "Missing Authentication header", "code": 401}


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic x", "Bearer"])
def test_a_wrong_key_is_401(wire, header):
    url = wire.emulator.base_url + "/chat/completions"

    assert wire.http.post(url, json=CHAT, headers={"Authorization": header}).status_code == 401


def test_disabled_and_expired_keys_are_401(wire):
    disabled = wire.emulator.add_key("a", disabled=True)
    expired = wire.emulator.add_key("b", expires_at=datetime.now(UTC) - timedelta(seconds=1))
    alive = wire.emulator.add_key("c", expires_at=datetime.now(UTC) + timedelta(hours=1))

    got = [wire.get("/key", key=k.secret).status_code for k in (disabled, expired, alive)]
    assert got == [401, 401, 200]


def test_management_endpoints_refuse_an_inference_key(wire):
    assert wire.get("/credits").status_code == 401
    assert wire.get("/credits", key=wire.emulator.management_key).status_code == 200


def test_inference_refuses_a_management_key(wire):
    key = wire.emulator.management_key

    assert wire.post("/chat/completions", CHAT, key=key).status_code == 403


def test_the_current_key_tells_its_kind(wire):
    kinds = [
        wire.get("/key", key=k).json()["data"]["is_management_key"]
        for k in (wire.emulator.api_key, wire.emulator.management_key)
    ]

    assert kinds == [False, True]


def test_the_current_key_shows_its_label_but_never_itself(wire):
    answer = wire.get("/key")
    label = answer.json()["data"]["label"]

    assert wire.emulator.api_key not in answer.text
    assert label == f"{wire.emulator.api_key[:12]}...{wire.emulator.api_key[-3:]}"
