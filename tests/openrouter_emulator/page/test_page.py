"""The page at `/`: what it shows, what it hides, whom it answers, and how it looks in a browser."""

from __future__ import annotations

import base64
import html
import json
import re

import httpx2
import pytest

from openrouter_emulator import Reply, faults
from tests.openrouter_emulator.browser import ABSENT, CHROMIUM, browser

PIXELS = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"pixels" * 60).decode()
DATA_URL = f"data:image/png;base64,{PIXELS}"
GPT = "openai/gpt-4o-mini"


def page(wire, path: str = "/", **headers: str) -> httpx2.Response:
    return wire.http.get(wire.emulator.origin + path, headers=headers)


def shown(wire, path: str = "/") -> str:
    """The text of the page."""
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page(wire, path).text))


# ---------------------------------------------------------------- what it shows


def test_before_the_first_request_it_says_so(wire):
    assert "No request has come yet." in shown(wire)
    assert "Nothing was refused." in shown(wire, "/?show=refused")


def test_it_shows_request_answer_status_and_cost_the_latest_first(wire):
    wire.chat("The first question")
    answer = wire.chat("The second question", temperature=0.25).json()

    text = shown(wire)
    assert text.index("The second question") < text.index("The first question")
    assert '"temperature": 0.25' in text
    assert answer["id"] in text
    assert f"${answer['usage']['cost']:.10f}".rstrip("0") in text
    assert "All (2)" in text


def test_it_keeps_two_hundred(wire):
    for at in range(203):
        wire.get("/models/count", number=at)

    text = page(wire).text
    assert text.count("<details") == 200
    assert "number=202" in text
    assert "number=2<" not in text


def test_a_stream_is_shown_as_its_text_and_its_events(wire):
    wire.emulator.script(Reply(pieces=["An ans", "wer in", " pieces"]))
    wire.chat(stream=True)

    text = shown(wire)
    assert "An answer in pieces" in text
    assert '"object":"chat.completion.chunk"' in text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"model": "openai/gpt-9"}, "OpenRouter says: openai/gpt-9 is not a valid model ID"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a b", "schema": {"type": "object"}}}},
            "OpenAI says (rule openai.names of the dialects): Invalid 'response_format.json_schema.name'",
        ),
        (
            {"model": f"{GPT}!rate_limited"},
            "The fault rate_limited was asked for. DeepInfra says: ",
        ),
    ],
)  # fmt: skip
def test_it_says_what_was_refused_by_whom_and_why(wire, body, reason):
    wire.chat(**body)
    wire.ok("fine")

    assert reason in shown(wire)
    assert "Refused (1)" in shown(wire)
    assert "fine" not in shown(wire, "/?show=refused")
    assert reason in shown(wire, "/?show=refused")


def test_an_answer_that_was_cut_off_is_marked(wire):
    wire.emulator.fail_next(faults.cut_midstream())
    with pytest.raises(httpx2.RemoteProtocolError):
        wire.chat(stream=True)
    wire.emulator.wait_idle()

    assert "200, cut off" in shown(wire)


def test_an_address_beside_the_api_is_shown_with_where_the_api_is(wire):
    wire.http.post(f"{wire.emulator.origin}/chat/completions", json={})

    assert "Nothing is served here: the API is below /api/v1." in shown(wire)


def test_the_page_itself_is_in_no_log(wire):
    page(wire)
    page(wire)

    assert wire.emulator.requests == []
    assert "All (0)" in shown(wire)


def test_reset_empties_it(wire):
    wire.ok()
    wire.emulator.reset()

    assert "All (0)" in shown(wire)


# ---------------------------------------------------------------- what it hides


def secrets_of(wire) -> list[tuple[str, httpx2.Response]]:
    """(secret, answer): what must not be seen, each sent or received in another way."""
    key, emulator = wire.emulator.api_key, wire.emulator
    managed = {"key": emulator.management_key}
    image = [{"type": "image_url", "image_url": {"url": DATA_URL}}]
    made = wire.post("/keys", {"name": "new"}, **managed)
    emulator.script(Reply(pieces=["sk-or-", "v1-", "spoken", "-key-0123"]))
    streamed = wire.chat(stream=True)
    emulator.script(Reply(pieces=["see data:image/", "gif;base64,", "R0lGOD", "lhAQABAIAAA"]))
    painted = wire.chat(stream=True)
    return [
        (key, wire.chat(f"My key is {key}, keep it.")),
        (key, wire.chat("hi", user=key, metadata={key: "as a name"})),
        (key, wire.http.get(f"{emulator.base_url}/models?key={key}")),
        (key, wire.http.get(f"{emulator.base_url}/{key}/x")),
        (key, wire.chat(model=key)),
        ("sk-ant-secret-of-another", wire.chat("Use sk-ant-secret-of-another please")),
        ("0123abcd4567", wire.chat("Authorization: Bearer 0123abcd4567")),
        (made.json()["key"], made),
        ("provider-secret", wire.post("/byok", {"provider": "openai", "key": "provider-secret"}, **managed)),
        ("vault-secret", wire.http.put(f"{emulator.base_url}/vault/secrets/x", json={"value": "vault-secret", "hosts": ["a.b"]}, headers=wire.headers())),
        ("tool-password", wire.chat("hi", tools=[], extra={"password": "tool-password"})),
        ("broken-secret", wire.http.post(f"{emulator.base_url}/chat/completions", content=b'{"api_key": "broken-secret", oops', headers={**wire.headers(), "Content-Type": "application/json"})),
        ("spoken-key-0123", streamed),
        ("lhAQABAIAAA", painted),
        (PIXELS[40:80], wire.chat([{"role": "user", "content": image}])),
        (PIXELS[40:80], wire.chat(f"{DATA_URL} is a picture", model="emulator/echo")),
        (PIXELS[40:80], wire.chat(f"{DATA_URL} is a picture", model="emulator/echo", stream=True)),
        (PIXELS[40:80], wire.chat("x" * 70_000 + DATA_URL)),
        ("iVBORw0KGgo", wire.post("/images", {"model": "google/gemini-2.5-flash-image", "prompt": "A cat"})),
        ("iVBORw0KGgo", wire.chat("A cat", model="google/gemini-2.5-flash-image", stream=True)),
    ]  # fmt: skip


def test_no_key_credential_or_data_url_is_ever_shown(wire):
    secrets = secrets_of(wire)

    for path in ("/", "/?show=refused"):
        text = page(wire, path).text
        assert [secret for secret, _ in secrets if secret in text] == []
        assert re.findall(r"data:\w+/[\w;=-]+,", html.unescape(text)) == []
        assert "authorization" not in text.lower().replace("authorization: [hidden]", "")
    assert wire.emulator.api_key not in page(wire).text


def test_what_was_hidden_is_said(wire):
    wire.chat(
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": DATA_URL}}]}]
    )

    assert f"[data URL, image/png, {len(DATA_URL):,} characters]" in shown(wire)


def test_other_fields_are_not_hidden(wire):
    wire.chat("Where is the key?", max_tokens=7, prompt_cache_key="cache-me")

    text = shown(wire)
    assert "Where is the key?" in text
    assert '"max_tokens": 7' in text
    assert '"prompt_tokens": ' in text


HOSTILE = "</pre><script>document.title='owned'</script><img src=x onerror=alert(1)>\"'&"


def test_everything_is_escaped(wire):
    wire.chat(HOSTILE, headers={"X-Title": "<b>title</b>"}, **{HOSTILE: HOSTILE})
    wire.chat(model=HOSTILE)
    wire.http.get(f"{wire.emulator.origin}/api/v1/%3Cscript%3E?a=%3Cscript%3E")
    wire.http.request("GET", f"{wire.emulator.origin}/<script>")

    text = page(wire).text
    assert re.findall(r"<(?:script|img|b>title)", text) == []
    assert "&lt;script&gt;" in text


# ---------------------------------------------------------------- whom it answers


def test_under_another_name_there_is_no_page(wire):
    wire.chat("A private prompt")
    answer = page(wire, host="rebound.example")

    assert answer.status_code == 403
    assert "A private prompt" not in answer.text
    assert "open it under http://127.0.0.1 or http://localhost" in answer.text


def test_other_pages_cannot_read_or_frame_it_and_it_runs_nothing(wire):
    answer = page(wire, Origin="https://app.example")

    assert not [h for h in answer.headers if h.startswith("access-control")]
    assert answer.headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert wire.http.post(f"{wire.emulator.origin}/").status_code == 405


# ---------------------------------------------------------------- in a browser


@pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1100], ids=["phone", "desktop"])
def test_a_person_opens_an_exchange_and_reads_it(wire, tmp_path, width, dark):
    wire.chat("A question " + "without-a-space" * 40)
    wire.chat(HOSTILE, model="openai/gpt-9")
    with browser(tmp_path / "profile") as tab:
        tab.show(f"{wire.emulator.origin}/", width=width, dark=dark)
        assert tab.ask("document.querySelectorAll('details').length") == 2
        assert tab.ask("document.querySelectorAll('pre')[0].checkVisibility()") is False
        tab.click("details:nth-of-type(2) summary")
        assert tab.ask("document.querySelectorAll('details')[1].open") is True
        assert "A question" in tab.ask(
            "document.querySelectorAll('details[open] pre')[0].innerText"
        )
        assert tab.ask("document.documentElement.scrollWidth") <= width
        assert tab.ask("document.title") == "OpenRouter emulator"
        page_is_dark, text_is_dark = (
            _is_dark(tab, "body", p) for p in ("backgroundColor", "color")
        )
        assert (page_is_dark, text_is_dark) == (dark, not dark)
        tab.click("nav a:nth-of-type(2)")
        tab.show(f"{wire.emulator.origin}/?show=refused", width=width, dark=dark)
        assert tab.ask("document.querySelectorAll('details').length") == 1
        assert "is not a valid model ID" in tab.ask("document.querySelector('.why').innerText")


def _is_dark(tab, selector: str, name: str) -> bool:
    element = f"getComputedStyle(document.querySelector({json.dumps(selector)}))"
    rgb = [int(n) for n in re.findall(r"\d+", tab.ask(f"{element}.{name}"))[:3]]
    return sum(rgb) < 3 * 128
