"""Behind a gateway streams bring no usage unless they are asked for it; OpenRouter always sends it.

docs/quirks.md stream-usage.
"""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_core import ClientConfig
from openrouter_core.config import is_openrouter
from tests.adapters.answers import STREAMED, STREAMS, WHOLE, Answer, Read, chat_model
from tests.openrouter_core.wire_server import WireServer

pytestmark = pytest.mark.filterwarnings("ignore:.*in beta")

INCLUDE_USAGE = {"include_usage": True}


async def body_of(read: Any, *, streamed: bool = True, **settings: Any) -> dict[str, Any]:
    server = WireServer(Answer({"content": "Hi"}).script(streamed=streamed))
    try:
        await read(server, **settings)
    finally:
        server.stop()
    body: dict[str, Any] = server.requests[0].json
    return body


@STREAMS
async def test_a_stream_of_another_server_is_asked_for_the_usage(read: Read):
    assert (await body_of(read))["stream_options"] == INCLUDE_USAGE


@STREAMS
async def test_openrouter_is_not_asked(read: Read, stands_for_openrouter: None):
    assert "stream_options" not in await body_of(read)


@pytest.mark.parametrize("read", WHOLE)
async def test_a_call_is_not_asked(read: Read):
    assert "stream_options" not in await body_of(read, streamed=False)


@STREAMS
@pytest.mark.parametrize("options", [{"include_usage": False}, {"x": 1}])
async def test_what_the_user_says_is_sent_as_it_is(read: Read, options: Any):
    assert (await body_of(read, stream_options=options))["stream_options"] == options
    body = await body_of(read, extra_body={"stream_options": options})
    assert body["stream_options"] == options


@pytest.mark.parametrize("read", [way for way in STREAMED if way.__name__.startswith("langchain")])
async def test_langchain_does_not_ask_when_it_shows_no_usage(read: Read):
    assert "stream_options" not in await body_of(read, stream_usage=False)


async def test_langchain_asks_as_the_call_says():
    async def read(server: WireServer, usage: bool) -> None:
        model = chat_model(server, stream_usage=not usage)
        chunks = [chunk async for chunk in model.astream("Hi", stream_usage=usage)]
        assert (chunks[-1].usage_metadata is not None) is usage

    assert (await body_of(read, usage=True))["stream_options"] == INCLUDE_USAGE
    assert "stream_options" not in await body_of(read, usage=False)


@pytest.mark.parametrize(
    ("base_url", "is_own"),
    [
        (ClientConfig().base_url, True),
        ("https://eu.openrouter.ai/api/v1", True),
        ("https://OpenRouter.ai/api/v1", True),
        ("http://127.0.0.1:8000/v1", False),
        ("https://llm.example/openrouter.ai/v1", False),
        ("https://notopenrouter.ai/v1", False),
        ("https://openrouter.ai.example/v1", False),
    ],
)
def test_whose_server_a_base_url_is(base_url: str, is_own: bool):
    assert is_openrouter(base_url) is is_own
