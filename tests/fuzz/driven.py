"""The core and both adapters on answers that no socket brings: each returns the text that the user gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx2
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from llama_index.core.llms import ChatMessage

from langchain_openrouter import ChatOpenRouter
from llama_index_openrouter import OpenRouter
from openrouter_core import OpenRouterClient

MESSAGES = [{"role": "user", "content": "Hi"}]
Answer = Callable[[httpx2.Request], httpx2.Response]
_answer: dict[str, httpx2.Response] = {}


def _transport() -> httpx2.Client:
    return httpx2.Client(transport=httpx2.MockTransport(lambda request: _answer["now"]))


_HTTP = _transport()
_SETTINGS: dict[str, Any] = {"api_key": "k", "http_client": _HTTP, "max_retries": 0}
CLIENT = OpenRouterClient(**_SETTINGS)
LANGCHAIN = ChatOpenRouter(model="a/b", **_SETTINGS)
LANGCHAIN_V1 = ChatOpenRouter(model="a/b", output_version="v1", **_SETTINGS)
LLAMA_INDEX: Any = OpenRouter(model="a/b", **_SETTINGS)


def answers(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
    """Have the next call answered by JSON, or by bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = {"content-type": "application/json", **(headers or {})}
    _answer["now"] = httpx2.Response(status, headers=kind, stream=httpx2.ByteStream(content))


def streams(events: list[Any]) -> None:
    """Have the next call answered by a stream."""
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    answers(body.encode(), headers={"content-type": "text/event-stream"})


# ------------------------------------------------------------------------- whole answers


def core() -> str:
    reply = CLIENT.chat.send(MESSAGES, model="a/b")
    _look_at(reply)
    return str(reply.text)


def _look_at(reply: Any) -> None:
    """All that an answer offers."""
    for name in dir(type(reply)):
        if not name.startswith(("_", "model_")):
            value = getattr(reply, name)
            assert value is not reply


def langchain(model: ChatOpenRouter = LANGCHAIN) -> str:
    message = model.invoke("Hi")
    assert isinstance(message, AIMessage)
    assert message.content_blocks is not None
    _goes_back(model, message)
    return str(message.text)


def langchain_v1() -> str:
    return langchain(LANGCHAIN_V1)


def _goes_back(model: ChatOpenRouter, message: AIMessage) -> None:
    """The answer is a turn of the next request."""
    model.get_num_tokens_from_messages([HumanMessage("Hi")])
    answers(PLAIN)
    model.invoke([HumanMessage("Hi"), message, HumanMessage("And?")])


PLAIN = {
    "id": "gen-2",
    "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "Yes."}}],
}


def llama_index() -> str:
    message = LLAMA_INDEX.chat([ChatMessage(content="Hi")]).message
    answers(PLAIN)
    LLAMA_INDEX.chat([ChatMessage(content="Hi"), message, ChatMessage(content="And?")])
    return str(message.content)


# ------------------------------------------------------------------------- streams


def core_stream() -> str:
    state = CLIENT.chat.stream(MESSAGES, model="a/b").until_done()
    assert state.result() is not None
    assert isinstance(state.reasoning_details or [], list)
    return state.text


def langchain_stream(model: ChatOpenRouter = LANGCHAIN) -> str:
    whole: AIMessageChunk | None = None
    for chunk in model.stream("Hi"):
        assert chunk.content_blocks is not None
        whole = chunk if whole is None else whole + chunk  # type: ignore[assignment]
    assert whole is not None
    assert whole.content_blocks is not None
    return str(whole.text)


def langchain_stream_v1() -> str:
    return langchain_stream(LANGCHAIN_V1)


def llama_index_stream() -> str:
    return "".join(
        response.delta or "" for response in LLAMA_INDEX.stream_chat([ChatMessage(content="Hi")])
    )


WHOLE = [core, langchain, langchain_v1, llama_index]
STREAMED = [core_stream, langchain_stream, langchain_stream_v1, llama_index_stream]
OTHERS: dict[str, Callable[[], Any]] = {
    "/responses": lambda: CLIENT.responses.stream("Hi", model="m").until_done(),
    "/messages": lambda: CLIENT.messages.stream(MESSAGES, model="m", max_tokens=9).until_done(),
    "/completions": lambda: CLIENT.completions.stream("Hi", model="m").until_done(),
    "/images": lambda: CLIENT.images.stream("Hi", model="m").until_done(),
}
