"""Sends the webhooks of jobs, signed as the API signs them. I/O; called by the handlers of jobs."""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid

import httpx2

from openrouter_emulator.planned_response import JsonObject, dumps
from openrouter_emulator.validation.checks import refuse

_TIMEOUT_S = 5.0


def check_url(value: object, where: str) -> None:
    """An address that can be called."""
    try:
        url = httpx2.URL(value) if isinstance(value, str) else None
    except httpx2.InvalidURL:
        url = None
    if url is None or url.scheme not in {"http", "https"} or not url.host:
        refuse(where, "Must be a URL")


async def send(url: str, event: JsonObject, *, secret: str | None) -> None:
    """POST an event once; a receiver that does not answer is left alone."""
    body = dumps(event)
    headers = {
        "content-type": "application/json",
        "X-OpenRouter-Idempotency-Key": str(uuid.uuid4()),
    }
    if secret is not None:
        headers["X-OpenRouter-Signature"] = signature(body, secret, at=int(time.time()))
    async with httpx2.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as http:
        try:
            await http.post(url, content=body, headers=headers)
        except httpx2.TransportError:
            return


def signature(body: bytes, secret: str, *, at: int) -> str:
    """The value of the header: `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>,<body>">`."""
    digest = hmac.new(secret.encode(), f"{at},".encode() + body, hashlib.sha256)
    return f"t={at},v1={digest.hexdigest()}"
