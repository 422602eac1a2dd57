"""Event loops end without a word on stderr, whatever was left open in them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage

from llama_index_openrouter import OpenRouter
from openrouter_emulator import Emulator, Reply
from tests.llama_index_openrouter.factories import MakeLlm

HI = [ChatMessage("Hi")]


async def broken_off(llm: OpenRouter) -> None:
    async for _ in await llm.astream_chat(HI):
        break


async def dropped(llm: OpenRouter) -> None:
    stream: Any = await llm.astream_chat(HI)
    await anext(stream)


async def kept(llm: OpenRouter) -> None:
    stream: Any = await llm.astream_chat(HI)
    await anext(stream)
    KEPT.append(stream)


async def closed(llm: OpenRouter) -> None:
    stream: Any = await llm.astream_chat(HI)
    await anext(stream)
    await stream.aclose()


async def complete_broken_off(llm: OpenRouter) -> None:
    async for _ in await llm.astream_complete("Hi"):
        break


async def core_dropped(llm: OpenRouter) -> None:
    stream = llm.async_client.chat.stream([{"role": "user", "content": "Hi"}], model=llm.model)
    await anext(stream)


async def core_closed_twice(llm: OpenRouter) -> None:
    stream = llm.async_client.chat.stream([{"role": "user", "content": "Hi"}], model=llm.model)
    await anext(stream)
    await asyncio.gather(stream.aclose(), stream.aclose())


KEPT: list[Any] = []


@pytest.mark.parametrize(
    "leave",
    [broken_off, dropped, kept, closed, complete_broken_off, core_dropped, core_closed_twice],
)
def test_a_stream_that_is_left_ends_with_its_loop_in_silence(
    openrouter_emulator: Emulator,
    make_llm: MakeLlm,
    leave: Callable[[OpenRouter], Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
):
    openrouter_emulator.chunk_gap_s = 0.005
    openrouter_emulator.script(Reply("word " * 300))
    complaints: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context))
        await leave(make_llm("anthropic/claude-haiku-4.5"))

    asyncio.run(main())
    KEPT.clear()

    assert complaints == []
    openrouter_emulator.wait_idle()  # the connection is closed


_NOTEBOOK = """
import asyncio
import nest_asyncio
nest_asyncio.apply()
from llama_index.core.async_utils import asyncio_run
from llama_index_openrouter import OpenRouter

llm = OpenRouter("openai/gpt-4o-mini")

async def cell():
    for _ in range(2):
        asyncio_run(llm.acomplete("Hi"))

asyncio.run(cell())
"""


def test_a_notebook_with_nest_asyncio_shows_no_tracebacks(openrouter_emulator: Emulator):
    """LlamaIndex then asks in a loop of its own, closes it and leaves the rest to the collector."""
    done = subprocess.run(
        [sys.executable, "-c", _NOTEBOOK], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert [r.path for r in openrouter_emulator.requests].count("/chat/completions") == 2
