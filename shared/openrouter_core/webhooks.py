"""Webhooks that OpenRouter sends when a video or a batch ends: is the signature right, and what does it say?

Called by a web application with the raw body and the headers. No I/O.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from openrouter_core._call import ReplyInfo
from openrouter_core.config import Secret
from openrouter_core.errors import ConfigurationError, OpenRouterError, ResponseShapeError
from openrouter_core.wire._base import JsonValue, WireModel, read
from openrouter_core.wire._fields import UtcTime

__all__ = [
    "IDEMPOTENCY_HEADER",
    "SIGNATURE_HEADER",
    "WebhookEvent",
    "WebhookSignatureError",
    "idempotency_key",
    "sign",
    "verify",
]

SIGNATURE_HEADER = "X-OpenRouter-Signature"
IDEMPOTENCY_HEADER = "X-OpenRouter-Idempotency-Key"


class WebhookSignatureError(OpenRouterError):
    """The webhook is not OpenRouter's, was changed on its way, or is too old. Do not act on it."""


class WebhookEvent(WireModel):
    """What a webhook says."""

    type: str
    """E.g. "video.generation.completed"."""
    data: dict[str, JsonValue]
    """The job as JSON: `id`, `status` and what else its kind has."""
    created_at: UtcTime | None = None


def verify(
    body: bytes,
    headers: Mapping[str, str],
    *,
    secret: str | Secret,
    tolerance_s: float = 300.0,
    now_s: float | None = None,
) -> WebhookEvent:
    """Return what a webhook says, if its signature is right.

    The same event may come twice: remember its `X-OpenRouter-Idempotency-Key`.

    Args:
        body: The raw bytes; JSON that was parsed and written again does not match.
        headers: The headers, in any case.
        secret: The signing secret of the workspace.
        tolerance_s: How old, or how far ahead, the signature may be, in seconds.
        now_s: The present in epoch seconds; for tests.

    Raises:
        WebhookSignatureError: The signature is missing, wrong or too old.
        ConfigurationError: `secret` is empty: everybody could sign with that.
        ResponseShapeError: The body is signed, and is not an event as JSON.
    """
    key = secret.get_secret_value() if isinstance(secret, Secret) else secret
    if not key:
        raise ConfigurationError(
            "The webhook's secret is empty, so its signature proves nothing. Give the signing secret of "
            "the workspace; is its environment variable set?"
        )
    stamp, signatures = _parts(_header(headers, SIGNATURE_HEADER))
    wanted = sign(body, secret=key, timestamp=stamp)
    if not any(hmac.compare_digest(wanted, given) for given in signatures):
        raise WebhookSignatureError(
            "The webhook's signature does not match. Check the secret, and verify the raw body."
        )
    if abs((time.time() if now_s is None else now_s) - int(stamp)) > tolerance_s:
        raise WebhookSignatureError(
            f"The webhook's signature is not of the last {tolerance_s:g} s. Check the clock."
        )
    try:
        event = from_json(body)
    except ValueError as error:
        raise ResponseShapeError(f"The webhook's body is not JSON ({error}).") from error
    return read(WebhookEvent, event, ReplyInfo())


def sign(body: bytes, *, secret: str, timestamp: str) -> str:
    """Return the hexadecimal signature of a body at a time in epoch seconds."""
    message = timestamp.encode() + b"," + body
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _header(headers: Mapping[str, str], name: str) -> str:
    for given, value in headers.items():
        if given.lower() == name.lower():
            return value
    raise WebhookSignatureError(f"The webhook has no {name} header. Set a signing secret first.")


def _parts(header: str) -> tuple[str, list[str]]:
    """Read "t=1712345678,v1=ab12"; there may be several `v1` while a secret is being replaced."""
    pairs: list[tuple[str, str]] = []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        pairs.append((name, value))
    stamps = [value for name, value in pairs if name == "t" and value.isdecimal()]
    if not stamps:
        raise WebhookSignatureError(f"The {SIGNATURE_HEADER} header has no time (t=...).")
    return stamps[0], [value for name, value in pairs if name == "v1" and value.isascii()]


def idempotency_key(headers: Mapping[str, Any]) -> str:
    """Return what is the same when the same event is sent again."""
    return _header(headers, IDEMPOTENCY_HEADER)
