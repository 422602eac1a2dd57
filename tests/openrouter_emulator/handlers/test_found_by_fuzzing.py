"""What Schemathesis found, each once: odd values are refused, and answers stay what the document allows."""

from __future__ import annotations

import pytest

DECIDER = {"model": "emulator/decider", "state": "x"}
GPT = "openai/gpt-4o-mini"
CLAUDE = {"model": "anthropic/claude-haiku-4.5", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]}  # fmt: skip
SOUND = {"model": "openai/gpt-4o-mini-transcribe"}


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/systemone", {**DECIDER, "questions": {"q": {"type": "choice", "instructions": "?", "criteria": {}}}}, "criteria"),
        ("/systemone", {**DECIDER, "questions": {}, "provider": [None]}, "provider"),
        ("/videos", {"model": "google/veo-3.1-fast", "provider": [None]}, "provider"),
        ("/images", {"model": "black-forest-labs/flux.2-pro", "prompt": "a", "provider": 5}, "provider"),
        ("/audio/speech", {"model": "openai/gpt-4o-mini-tts", "input": "a", "provider": "x"}, "provider"),
        ("/audio/transcriptions", {**SOUND, "input_audio": {"data": "úÕ", "format": "mp3"}}, "input_audio.data"),
        ("/messages", {**CLAUDE, "tools": "AAA"}, "tools"),
        ("/messages", {**CLAUDE, "fallbacks": [{}]}, "fallbacks.0.model"),
        ("/messages", {**CLAUDE, "messages": [{"role": "user", "content": ["x"]}]}, "messages.0.content.0"),
        ("/responses", {"model": GPT, "input": "x", "reasoning": "high"}, "reasoning"),
        ("/responses", {"model": GPT, "input": [{"role": "user", "content": ["x"]}]}, "input.0.content.0"),
        ("/responses", {"model": GPT, "input": [{"type": "function_call_output", "call_id": [], "output": ""}]}, "input.0.call_id"),
        ("/videos", {"model": "google/veo-3.1-fast", "prompt": "a", "callback_url": "http://\x17"}, "callback_url"),
        ("/videos", {"model": "google/veo-3.1-fast", "prompt": "a", "callback_url": "nowhere"}, "callback_url"),
        ("/presets/p/chat/completions", {"messages": [[]]}, "messages.0"),
        ("/responses", {"input": [{"type": []}]}, "input.0.type"),
    ],
)  # fmt: skip
def test_an_odd_value_is_refused_with_its_place(wire, path, body, place):
    answer = wire.post(path, body)

    assert answer.status_code == 400
    assert place in answer.json()["error"]["message"]


def test_a_provider_in_a_form_that_is_not_json_is_refused(wire):
    form = {"files": {"file": b"sound"}, "data": {**SOUND, "provider": "{"}}
    url = f"{wire.emulator.base_url}/audio/transcriptions"
    answer = wire.http.post(url, **form, headers=wire.headers())

    assert (answer.status_code, answer.json()["error"]["message"]) == (
        400,
        "provider: Must be JSON",
    )


def test_a_role_that_is_not_a_text_is_nobodys(wire):
    answer = wire.post("/presets/p/chat/completions", {"messages": [{"role": [], "content": {}}]})

    assert answer.status_code < 500


def test_an_id_that_is_not_a_text_names_nothing(wire):
    key = wire.emulator.management_key
    answer = wire.post("/guardrails", {"name": "a", "workspace_id": [None]}, key=key)

    assert answer.status_code == 404


def test_null_for_what_must_be_there_leaves_it_as_it_is(wire):
    key = wire.emulator.management_key
    made = wire.post("/workspaces", {"name": "A", "slug": "a"}, key=key).json()["data"]
    url = f"{wire.emulator.base_url}/workspaces/{made['id']}"
    body = {"name": None, "slug": None, "description": "new"}
    changed = wire.http.patch(url, json=body, headers=wire.headers(key)).json()["data"]

    assert [changed[name] for name in ("name", "slug", "description")] == ["A", "a", "new"]


def test_a_new_private_endpoint_is_a_draft(wire):
    key = wire.emulator.management_key
    body = {"model_permaslug": "openai/gpt-4o-mini", "provider_slug": "openai", "upstream_model_id": "m"}  # fmt: skip

    assert wire.post("/private-endpoints", body, key=key).json()["data"]["status"] == "draft"


def test_a_list_of_files_has_one_of_the_three_shapes(wire):
    assert wire.get("/files", provider="null").json()["_shape"] == "openrouter"


def test_an_empty_redirect_claims_no_content(wire):
    answer = wire.http.get(f"{wire.emulator.base_url}/tools/web_search", headers=wire.headers())

    assert (answer.status_code, answer.content) == (308, b"")
    assert "content-type" not in answer.headers


def test_a_text_that_begins_with_nul_stays_a_text(wire):
    answer = wire.chat("\x00 7", model="emulator/echo")

    assert answer.json()["choices"][0]["message"]["content"] == "\x00 7"
