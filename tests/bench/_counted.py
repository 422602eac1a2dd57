"""The work whose instructions are counted: `_instructions.py` runs it in a process under callgrind.

Callgrind writes what it counted so far to a file whenever the C library's `getppid` is called, and begins
anew: that is how this process separates what counts from what does not. Imports, the first calls and the
server, which is another process, do not count. Prints what each counted part was, in order.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

CALLS = 30
CHUNKS = 200
FIRST_CHUNKS = 20
"""Chunks that are read before counting starts; the answers are longer than both."""
OPENINGS = 15
MODEL = "bench/text"

_parts: list[tuple[str, int]] = []


@contextmanager
def counted(name: str, items: int) -> Iterator[None]:
    """Count what happens here, as that many items of that name."""
    _parts.append((name, items))
    os.getppid()
    yield
    os.getppid()


def start_counting() -> None:
    """Have callgrind count from now on: before, the process runs five times as fast."""
    order = ["vgdb", f"--pid={os.getpid()}", "instrumentation", "on"]
    with subprocess.Popen(order, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as vgdb:
        while vgdb.poll() is None:  # callgrind takes orders while instructions are executed
            pass
    if vgdb.returncode:
        sys.exit(f"vgdb ended with {vgdb.returncode}")


class Core:
    """The client, without a framework."""

    def __init__(self, url: str) -> None:
        from openrouter_core import AsyncOpenRouterClient, OpenRouterClient

        self._client = OpenRouterClient("sk-or-bench", base_url=url)
        self._aclient = AsyncOpenRouterClient("sk-or-bench", base_url=url)
        self._arguments: Any = {
            "messages": [{"role": "user", "content": "Count."}],
            "model": MODEL,
        }

    def call(self) -> object:
        return self._client.chat.send(**self._arguments)

    async def acall(self) -> object:
        return await self._aclient.chat.send(**self._arguments)

    def stream(self) -> Iterator[object]:
        return iter(self._client.chat.stream(**self._arguments))


class LangChain:
    """The chat model, as LangChain's users call it."""

    def __init__(self, url: str) -> None:
        from langchain_openrouter import ChatOpenRouter

        self._model = ChatOpenRouter(model=MODEL, api_key="sk-or-bench", base_url=url)

    def call(self) -> object:
        return self._model.invoke("Count.")

    async def acall(self) -> object:
        return await self._model.ainvoke("Count.")

    def stream(self) -> Iterator[object]:
        return self._model.stream("Count.")


class LlamaIndex:
    """The LLM, as LlamaIndex's users call it."""

    def __init__(self, url: str) -> None:
        from llama_index.core.llms import ChatMessage

        from llama_index_openrouter import OpenRouter

        self._llm = OpenRouter(model=MODEL, api_key="sk-or-bench", api_base=url)
        self._messages = [ChatMessage(role="user", content="Count.")]

    def call(self) -> object:
        return self._llm.chat(self._messages)

    async def acall(self) -> object:
        return await self._llm.achat(self._messages)

    def stream(self) -> Iterator[object]:
        return self._llm.stream_chat(self._messages)


SURFACES: dict[str, Callable[[str], Any]] = {
    "core": Core,
    "langchain": LangChain,
    "llama_index": LlamaIndex,
}


def count(surface: str, url: str) -> None:
    """Do all the work of one surface, first uncounted."""
    make = SURFACES[surface]
    reply, text, tools, short = (make(url + a) for a in ("reply", "text", "tool_call", "short"))
    with asyncio.Runner() as runner:
        for is_counting in (False, True):
            if is_counting:
                start_counting()
            _calls(reply.call)
            runner.run(_awaited(reply.acall))
            _chunks("text chunk", text.stream())
            _chunks("tool-call chunk", tools.stream())
            for _ in range(OPENINGS):
                _opening(short.stream)
            if not is_counting:
                _parts.clear()


def _calls(call: Callable[[], object]) -> None:
    call()
    with counted("call", CALLS):
        for _ in range(CALLS):
            call()


async def _awaited(call: Callable[[], Any]) -> None:
    await call()
    with counted("awaited call", CALLS):
        for _ in range(CALLS):
            await call()


def _chunks(name: str, stream: Iterator[object]) -> None:
    for _ in range(FIRST_CHUNKS):
        next(stream)
    with counted(name, CHUNKS):
        for _ in range(CHUNKS):
            next(stream)
    for _ in stream:
        pass


def _opening(stream: Callable[[], Iterator[object]]) -> None:
    with counted("opening a stream", 1):
        chunks = stream()
        next(chunks)
    for _ in chunks:
        pass


if __name__ == "__main__":
    gc.disable()  # when it runs depends on all that was ever allocated
    count(sys.argv[1], sys.argv[2])
    sys.stdout.write(json.dumps(_parts))
