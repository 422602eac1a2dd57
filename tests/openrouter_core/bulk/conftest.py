"""A server that keeps books, and functions that ask it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

import pytest

from openrouter_core import AsyncOpenRouterClient
from tests.token_bucket import TokenBucketServer

Ask = Callable[[str], Awaitable[str]]


@pytest.fixture
def server() -> Iterator[TokenBucketServer]:
    with TokenBucketServer(1000, latency_s=0.005) as server:
        yield server


@pytest.fixture
def ask(server: TokenBucketServer) -> Ask:
    client = AsyncOpenRouterClient("sk-or-secret", base_url=server.url)

    async def ask(prompt: str) -> str:
        reply = await client.chat.send(
            [{"role": "user", "content": prompt}], model="openai/gpt-4o-mini", max_tokens=50
        )
        return reply.text

    return ask
