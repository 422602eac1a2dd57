"""Every kind of call, of the core and of both adapters, sync and async: each returns what the user would see."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any, NamedTuple

from llama_index.core.llms import ChatMessage

from langchain_openrouter import ChatOpenRouter
from llama_index_openrouter import OpenRouter
from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from tests.faults.right_answers import SOUND, TEXT

MESSAGES = [{"role": "user", "content": "Hi"}]
Settings = dict[str, Any]


class Kind(NamedTuple):
    """One kind of call, in sync and async."""

    sync: Callable[[Settings], Any]
    awaited: Callable[[Settings], Any]
    right: Any
    group: str


def _core(name: str, describe: Callable[[Any], Any], right: Any, group: str) -> tuple[str, Kind]:
    """A call of the client; `describe` returns the value, a stream or a download of either client."""

    def sync(settings: Settings) -> Any:
        return _seen(_read(describe(OpenRouterClient(**settings))))

    async def awaited(settings: Settings) -> Any:
        return _seen(await _aread(describe(AsyncOpenRouterClient(**settings))))

    return name, Kind(sync, awaited, right, group)


def _read(answer: Any) -> Any:
    if hasattr(answer, "until_done"):
        with answer as stream:
            return stream.until_done()
    return answer.read() if hasattr(answer, "read") else answer


async def _aread(answer: Any) -> Any:
    if hasattr(answer, "until_done"):
        async with answer as stream:
            return await stream.until_done()
    return await (answer.read() if hasattr(answer, "read") else answer)


def _seen(value: Any) -> Any:
    """What the user is after in an answer."""
    for name in ("text", "generation_id", "filename"):
        if isinstance(getattr(value, name, None), str):
            return getattr(value, name)
    return value


def _upload() -> io.BytesIO:
    return io.BytesIO(b"x" * 300_000)


def _langchain(settings: Settings) -> ChatOpenRouter:
    return ChatOpenRouter(model="a/b", **settings)


def _llama_index(settings: Settings) -> Any:
    return OpenRouter(model="a/b", **settings)


async def _joined(stream: Any, of: Callable[[Any], Any]) -> str:
    return "".join([str(of(piece) or "") async for piece in stream])


async def _llama_index_stream(settings: Settings) -> str:
    stream = await _llama_index(settings).astream_chat([ChatMessage(content="Hi")])
    return await _joined(stream, lambda response: response.delta)


async def _llama_index_chat(settings: Settings) -> Any:
    return (await _llama_index(settings).achat([ChatMessage(content="Hi")])).message.content


async def _langchain_invoke(settings: Settings) -> Any:
    return (await _langchain(settings).ainvoke("Hi")).content


KINDS = dict(
    [
        _core("chat", lambda c: c.chat.send(MESSAGES, model="m"), TEXT, "JSON"),
        _core("chat stream", lambda c: c.chat.stream(MESSAGES, model="m"), TEXT, "chat stream"),
        _core("responses", lambda c: c.responses.stream("Hi", model="m"), TEXT, "other streams"),
        _core(
            "completions", lambda c: c.completions.stream("Hi", model="m"), TEXT, "other streams"
        ),
        _core(
            "messages",
            lambda c: c.messages.stream(MESSAGES, model="m", max_tokens=9),
            TEXT,
            "other streams",
        ),
        _core("images", lambda c: c.images.stream("Hi", model="m"), TEXT, "other streams"),
        _core("file", lambda c: c.files.download("f"), SOUND, "download"),
        _core(
            "speech",
            lambda c: c.audio.stream_speech("Hi", model="m", voice="v"),
            SOUND,
            "download",
        ),
        _core("speak", lambda c: c.audio.speak("Hi", model="m", voice="v"), SOUND, "download"),
        _core("video", lambda c: c.videos.download("job"), SOUND, "download"),
        _core("upload", lambda c: c.files.create(file=_upload()), TEXT, "upload"),
        _core(
            "transcribe",
            lambda c: c.audio.transcribe_file(_upload(), model="m", filename="a.mp3"),
            TEXT,
            "upload",
        ),
        _core("wait", lambda c: c.videos.wait("job", timeout_s=1.0), TEXT, "wait"),
        (
            "LangChain",
            Kind(
                lambda s: _langchain(s).invoke("Hi").content, _langchain_invoke, TEXT, "LangChain"
            ),
        ),
        (
            "LangChain stream",
            Kind(
                lambda s: "".join(str(chunk.content) for chunk in _langchain(s).stream("Hi")),
                lambda s: _joined(_langchain(s).astream("Hi"), lambda chunk: chunk.content),
                TEXT,
                "LangChain",
            ),
        ),
        (
            "LlamaIndex",
            Kind(
                lambda s: _llama_index(s).chat([ChatMessage(content="Hi")]).message.content,
                _llama_index_chat,
                TEXT,
                "LlamaIndex",
            ),
        ),
        (
            "LlamaIndex stream",
            Kind(
                lambda s: "".join(
                    response.delta or ""
                    for response in _llama_index(s).stream_chat([ChatMessage(content="Hi")])
                ),
                _llama_index_stream,
                TEXT,
                "LlamaIndex",
            ),
        ),
    ]
)
DOWNLOADS = frozenset({"file", "speech", "speak", "video"})


async def made(kind: Kind, settings: Settings, *, is_async: bool) -> Any:
    """Make a call: an async one here, a blocking one in a thread."""
    if is_async:
        return await kind.awaited(settings)
    return await asyncio.to_thread(kind.sync, settings)
