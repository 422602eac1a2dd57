"""A rate limit inside a 200 stream: its reset stands in `metadata.headers`, as in a refusal (quirks.md C8)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from openrouter_core import MidStreamError, RateLimitError
from tests.openrouter_core.both_clients import Connect, sync_and_async
from tests.openrouter_core.wire_server import WireServer, chunk, sse, stream_of

Serve = Callable[..., WireServer]


def _limited(in_s: float) -> dict[str, Any]:
    reset = str(int((time.time() + in_s) * 1000))
    metadata = {"headers": {"X-RateLimit-Limit": "20", "X-RateLimit-Reset": reset}}
    return {"error": {"code": 429, "message": "Rate limit exceeded", "metadata": metadata}}


@sync_and_async
async def test_c8_a_reset_in_the_first_event_is_waited_for(serve: Serve, connect: Connect) -> None:
    server = serve(sse(_limited(1.5)), sse(*stream_of("Hel", "lo")))
    started = time.monotonic()

    _, stream = await connect(server.base_url, max_wait_s=10).read()

    assert stream.so_far.text == "Hello"
    assert time.monotonic() - started > 1
    assert len(server.requests) == 2


@sync_and_async
async def test_c8_a_daily_limit_in_the_first_event_fails_at_once(
    serve: Serve, connect: Connect
) -> None:
    server = serve(sse(_limited(7200)))

    with pytest.raises(RateLimitError, match="longer than max_wait_s") as refused:
        await connect(server.base_url, max_wait_s=10).read()

    assert refused.value.retry_after == pytest.approx(7200, abs=60)
    assert len(server.requests) == 1


@sync_and_async
async def test_c8_a_limit_in_the_middle_says_until_when(serve: Serve, connect: Connect) -> None:
    server = serve(sse(chunk("Hel"), _limited(7200)))

    seen, error = await connect(server.base_url, max_wait_s=10).chunks_until_error()

    assert isinstance(error, MidStreamError)
    assert isinstance(error, RateLimitError)
    assert (len(seen), error.partial_text) == (1, "Hel")
    assert error.retry_after == pytest.approx(7200, abs=60)
    assert len(server.requests) == 1
