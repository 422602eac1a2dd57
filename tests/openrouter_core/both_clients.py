"""One test for both clients: the same few verbs, spoken by the sync and by the async one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient

MESSAGES = [{"role": "user", "content": "the secret prompt"}]


class Sync:
    """The blocking client, in a thread, so that the test's own loop stays free."""

    client_class = OpenRouterClient

    def __init__(self, base_url: str, **settings: Any) -> None:
        self.client = OpenRouterClient(**_quick(base_url, settings))

    async def send(self, **options: Any) -> Any:
        return await asyncio.to_thread(self.client.chat.send, MESSAGES, model="m", **options)

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        return await asyncio.to_thread(self.client.request, *args, **kwargs)

    async def read(self, stream: Any = None, **options: Any) -> tuple[list[Any], Any]:
        """Read a chat stream to its end; return the chunks and the stream."""
        stream = stream or self.client.chat.stream(MESSAGES, model="m", **options)
        return await asyncio.to_thread(list, stream), stream

    async def create_key(self, name: str) -> Any:
        return await asyncio.to_thread(self.client.keys.create, name=name)

    async def chunks_until_error(self, **options: Any) -> tuple[list[Any], BaseException]:
        stream = self.client.chat.stream(MESSAGES, model="m", **options)
        seen: list[Any] = []

        def pump() -> None:
            for chunk in stream:
                seen.append(chunk)  # noqa: PERF402  # kept when it raises

        try:
            await asyncio.to_thread(pump)
        except Exception as error:  # noqa: BLE001  # the test says which
            return seen, error
        pytest.fail("the stream raised nothing")

    async def first_of(self, **options: Any) -> Any:
        """Read one chunk, then leave the `with` block."""

        def pump() -> Any:
            with self.client.chat.stream(MESSAGES, model="m", **options) as stream:
                return next(stream)

        return await asyncio.to_thread(pump)

    async def close(self) -> None:
        self.client.close()


class Async:
    """The asyncio client."""

    client_class = AsyncOpenRouterClient

    def __init__(self, base_url: str, **settings: Any) -> None:
        self.client = AsyncOpenRouterClient(**_quick(base_url, settings))

    async def send(self, **options: Any) -> Any:
        return await self.client.chat.send(MESSAGES, model="m", **options)

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        return await self.client.request(*args, **kwargs)

    async def read(self, stream: Any = None, **options: Any) -> tuple[list[Any], Any]:
        stream = stream or self.client.chat.stream(MESSAGES, model="m", **options)
        return [chunk async for chunk in stream], stream

    async def create_key(self, name: str) -> Any:
        return await self.client.keys.create(name=name)

    async def chunks_until_error(self, **options: Any) -> tuple[list[Any], BaseException]:
        seen: list[Any] = []
        try:
            async for chunk in self.client.chat.stream(MESSAGES, model="m", **options):
                seen.append(chunk)  # noqa: PERF401  # kept when it raises
        except Exception as error:  # noqa: BLE001  # the test says which
            return seen, error
        pytest.fail("the stream raised nothing")

    async def first_of(self, **options: Any) -> Any:
        async with self.client.chat.stream(MESSAGES, model="m", **options) as stream:
            return await anext(stream)

    async def close(self) -> None:
        await self.client.aclose()


def _quick(base_url: str, settings: dict[str, Any]) -> dict[str, Any]:
    quick = {"api_key": "sk-or-test", "max_wait_s": 0.01, "timeout_s": 5.0}
    return {**quick, **settings, "base_url": base_url}


Connect = Callable[..., Any]
sync_and_async = pytest.mark.parametrize("connect", [Sync, Async], ids=["sync", "async"])
