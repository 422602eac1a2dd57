"""Webhooks: what is signed right is read, what is not is refused."""

from __future__ import annotations

import json

import pytest

from openrouter_core import ConfigurationError, ResponseShapeError, Secret
from openrouter_core.webhooks import (
    SIGNATURE_HEADER,
    WebhookSignatureError,
    idempotency_key,
    sign,
    verify,
)

BODY = json.dumps(
    {
        "type": "video.generation.completed",
        "created_at": "2026-08-01T00:00:00Z",
        "data": {"id": "job-1", "status": "completed"},
    }
).encode()
NOW = 1_785_000_000


def _headers(body: bytes = BODY, *, secret: str = "whsec", at: int = NOW) -> dict[str, str]:
    return {SIGNATURE_HEADER.lower(): f"t={at},v1={sign(body, secret=secret, timestamp=str(at))}"}


def test_the_signature_is_over_time_comma_body():
    import hashlib
    import hmac

    expected = hmac.new(b"whsec", b"1785000000," + BODY, hashlib.sha256).hexdigest()

    assert sign(BODY, secret="whsec", timestamp="1785000000") == expected


@pytest.mark.parametrize("secret", ["whsec", Secret("whsec")])
def test_a_right_signature_is_accepted(secret):
    event = verify(BODY, _headers(), secret=secret, now_s=NOW + 10)

    assert event.type == "video.generation.completed"
    assert event.data["id"] == "job-1"


def test_one_right_signature_among_several_is_enough():
    headers = _headers()
    headers[SIGNATURE_HEADER.lower()] += ",v1=0000"

    assert verify(BODY, headers, secret="whsec", now_s=NOW)


@pytest.mark.parametrize(
    ("body", "headers", "now_s", "says"),
    [
        pytest.param(BODY + b" ", _headers(), NOW, "does not match", id="changed body"),
        pytest.param(BODY, _headers(secret="x"), NOW, "does not match", id="other secret"),
        pytest.param(BODY, _headers(), NOW + 301, "last 300 s", id="too old"),
        pytest.param(BODY, _headers(), NOW - 301, "last 300 s", id="from the future"),
        pytest.param(BODY, {}, NOW, "no X-OpenRouter-Signature", id="no header"),
        pytest.param(BODY, {SIGNATURE_HEADER: "v1=ab"}, NOW, "no time", id="no time"),
        pytest.param(BODY, {SIGNATURE_HEADER: "t=x,v1=ab"}, NOW, "no time", id="bad time"),
        pytest.param(BODY, {SIGNATURE_HEADER: f"t={NOW}"}, NOW, "does not match", id="no v1"),
        pytest.param(
            BODY, {SIGNATURE_HEADER: f"t={NOW},v1=é"}, NOW, "does not match", id="not hex"
        ),
    ],
)
def test_anything_else_is_refused(body: bytes, headers: dict[str, str], now_s: float, says: str):
    with pytest.raises(WebhookSignatureError, match=says):
        verify(body, headers, secret="whsec", now_s=now_s)


def test_the_key_to_recognise_a_repeated_event_is_found_in_any_case():
    assert idempotency_key({"x-openrouter-idempotency-key": "job-1-completed"}) == "job-1-completed"


@pytest.mark.parametrize("secret", ["", Secret(""), None], ids=["text", "secret", "unset"])
def test_an_empty_secret_is_refused_even_where_it_signed(secret):
    with pytest.raises(ConfigurationError, match="secret is empty"):
        verify(BODY, _headers(secret=""), secret=secret, now_s=NOW)


def test_a_signed_body_that_is_not_json_is_refused_in_words():
    with pytest.raises(ResponseShapeError, match="not JSON"):
        verify(b"<html>", _headers(b"<html>"), secret="whsec", now_s=NOW)
