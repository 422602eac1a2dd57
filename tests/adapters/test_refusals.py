"""What an error says of the answer that brought it, in both adapters and in all ways."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_core import (
    ConfigurationError,
    OpenRouterClient,
    OpenRouterError,
    RateLimitError,
    UnprocessableError,
)
from tests.adapters.answers import ALL_WAYS, Read
from tests.openrouter_core.wire_server import WireServer, reply

pytestmark = pytest.mark.filterwarnings("ignore:.*in beta")

ASK = [{"role": "user", "content": "Hi"}]
BUSY = (
    b"HTTP/1.1 429 X\r\ncontent-type: application/json\r\nx-ratelimit-limit: 5\r\ncf-ray: abc\r\n"
    b"content-length: 2\r\n\r\n{}"
)
OF_FASTAPI = {"detail": [{"loc": ["body", "model"], "msg": "Field required", "type": "missing"}]}


async def refused(read: Read, script: Any) -> OpenRouterError:
    server = WireServer(script)
    try:
        with pytest.raises(OpenRouterError) as caught:
            await read(server)
    finally:
        server.stop()
    return caught.value


@ALL_WAYS
async def test_an_error_has_the_status_and_headers_of_its_answer(read: Read):
    error = await refused(read, [BUSY])

    assert isinstance(error, RateLimitError)
    assert error.http is not None
    assert error.http.status_code == 429
    assert (error.http.headers["x-ratelimit-limit"], error.http.headers["cf-ray"]) == ("5", "abc")


@ALL_WAYS
async def test_the_words_of_a_gateway_made_with_fastapi_are_told(read: Read):
    error = await refused(read, reply(OF_FASTAPI, status=422))

    assert isinstance(error, UnprocessableError)
    assert "body.model: Field required" in str(error)


@pytest.mark.parametrize(
    "ask",
    [
        lambda client, **more: client.chat.send(ASK, model="a/b", **more),
        lambda client, **more: client.responses.create("Hi", model="a/b", **more),
        lambda client, **more: client.messages.create(
            model="a/b", max_tokens=5, messages=ASK, **more
        ),
        lambda client, **more: client.completions.create("Hi", model="a/b", **more),
    ],
    ids=["chat", "responses", "messages", "completions"],
)
@pytest.mark.parametrize("more", [{"stream": True}, {"extra_body": {"stream": True}}], ids=repr)
def test_a_stream_is_not_asked_for_where_a_whole_answer_is_read(ask: Any, more: dict[str, Any]):
    server = WireServer(reply({}))
    try:
        with pytest.raises(ConfigurationError, match=r"\.stream\(\.\.\.\)"):
            ask(OpenRouterClient("k", base_url=server.base_url), **more)
        assert server.requests == []
    finally:
        server.stop()
