"""Calls over a real socket: what arrives, what is retried, what is said when it fails. By both clients."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from openrouter_core import (
    ConfigurationError,
    ConnectionFailedError,
    EdgeTimeoutError,
    IncompleteBodyError,
    PaymentRequiredError,
    ProviderOverloadedError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    Timeouts,
)
from tests.openrouter_core.both_clients import Connect, sync_and_async
from tests.openrouter_core.wire_server import (
    ANSWER,
    CUT,
    HANG,
    RESET,
    WireServer,
    answer,
    head,
    refusal,
    reply,
)

Serve = Callable[..., WireServer]


@sync_and_async
async def test_an_answer_is_the_json_that_was_sent(serve: Serve, connect: Connect) -> None:
    body = answer("22\u00b0C", brand_new={"a": None}, service_tier="standard")
    server = serve(reply(body, X_Generation_Id="gen-h"))

    result = await connect(server.base_url).send(temperature=0.5)

    assert result.raw == body
    assert result.text == "22\u00b0C"
    assert (result.http.status_code, result.http.attempts) == (200, 1)
    assert result.http.generation_id == "gen-h"
    assert result.http.headers["content-type"] == "application/json"
    assert server.requests[0].json == {
        "messages": [{"role": "user", "content": "the secret prompt"}],
        "model": "m",
        "temperature": 0.5,
    }


@sync_and_async
async def test_h6_extra_body_headers_and_query_reach_the_wire(
    serve: Serve, connect: Connect
) -> None:
    """quirks.md H6: per call, as they are."""
    server = serve(ANSWER)

    await connect(server.base_url).send(
        extra_body={"new": [1, None]}, extra_headers={"X-A": "b"}, extra_query={"q": True}
    )

    (request,) = server.requests
    assert request.json["new"] == [1, None]
    assert request.header("x-a") == ["b"]
    assert request.target == "/api/v1/chat/completions?q=true"


@sync_and_async
async def test_j7_any_path_can_be_asked(serve: Serve, connect: Connect) -> None:
    """quirks.md J7: with key and JSON; braces in a path are nothing special."""
    server = serve(reply({"data": 1}))

    result = await connect(server.base_url).request(
        "patch", "/new/{x}?a=1", query={"b": 2}, json=[3]
    )

    (request,) = server.requests
    assert result == {"data": 1}
    assert (request.method, request.json) == ("PATCH", [3])
    assert request.target == "/api/v1/new/%7Bx%7D?a=1&b=2"
    assert request.header("authorization") == ["Bearer sk-or-test"]


# ------------------------------------------------------------------------- failures


@sync_and_async
async def test_c1_an_error_in_a_200_is_retried_by_its_code(serve: Serve, connect: Connect) -> None:
    """quirks.md C1: as if the code were the status."""
    hidden = reply({"error": {"code": 502, "message": "Upstream."}, "user_id": "u"})
    server = serve(hidden, hidden, ANSWER)

    result = await connect(server.base_url).send()

    assert result.http.attempts == 3


@sync_and_async
async def test_c1_an_error_in_a_choice_raises_its_type(serve: Serve, connect: Connect) -> None:
    """quirks.md C1: recorded with partial content and usage beside it."""
    body = answer("part")
    body["choices"][0] |= {"error": {"code": 429, "message": "Slow."}, "finish_reason": None}
    server = serve(reply(body))

    with pytest.raises(RateLimitError) as caught:
        await connect(server.base_url, max_retries=0).send()

    assert caught.value.generation_id == "gen-1-abc"


@sync_and_async
async def test_c2_a_402_is_sent_once(serve: Serve, connect: Connect) -> None:
    """quirks.md C2: with the figures, and no retry."""
    message = "You requested up to 65536 tokens, but can only afford 2451."
    server = serve(refusal(402, message))

    with pytest.raises(PaymentRequiredError) as caught:
        await connect(server.base_url).send()

    assert (caught.value.requested, caught.value.affordable) == (65536, 2451)
    assert len(server.requests) == 1


@sync_and_async
@pytest.mark.parametrize(("max_retries", "sent"), [(0, 1), (1, 2), (2, 3)])
async def test_c6_the_requests_that_are_sent(
    serve: Serve, connect: Connect, max_retries: int, sent: int
) -> None:
    """quirks.md C6: counted at the server."""
    server = serve(refusal(503))

    with pytest.raises(ProviderOverloadedError) as caught:
        await connect(server.base_url, max_retries=max_retries).send()

    assert len(server.requests) == sent
    assert caught.value.attempts == sent


@sync_and_async
async def test_c7_padding_before_the_body_is_allowed(serve: Serve, connect: Connect) -> None:
    """quirks.md C7: white space keeps long calls open."""
    (whole,) = reply(answer())
    front, _, body = whole.partition(b"\r\n\r\n")
    length = len(body) + 6
    front = b"\r\n".join(
        line for line in front.split(b"\r\n") if not line.startswith(b"content-length")
    )
    server = serve(
        [front + b"\r\ncontent-length: %d\r\n\r\n" % length, b"\n  ", 0.02, b" \n ", body]
    )

    assert (await connect(server.base_url).send()).text == "Hi"


@sync_and_async
async def test_c7_an_empty_body_is_retried(serve: Serve, connect: Connect) -> None:
    """quirks.md C7: transport, not JSON."""
    server = serve(reply(b""), reply(b'{"id": "gen'), ANSWER)

    assert (await connect(server.base_url).send()).http.attempts == 3

    server = serve(reply(b"   ", X_Generation_Id="gen-h"))
    with pytest.raises(IncompleteBodyError) as caught:
        await connect(server.base_url, max_retries=0).send()
    assert caught.value.generation_id == "gen-h"


@sync_and_async
async def test_c8_a_short_reset_is_waited_for(serve: Serve, connect: Connect) -> None:
    """quirks.md C8: quoted in milliseconds in the body."""
    reset = str(int(time.time() * 1000) + 150)
    server = serve(refusal(429, metadata={"headers": {"X-RateLimit-Reset": reset}}), ANSWER)
    start = time.time()

    result = await connect(server.base_url, max_wait_s=5.0).send()

    assert result.http.attempts == 2
    assert time.time() >= int(reset) / 1000 - 0.01
    assert time.time() - start < 2


@sync_and_async
async def test_c8_a_daily_limit_fails_at_once(serve: Serve, connect: Connect) -> None:
    """quirks.md C8: and says when it ends."""
    server = serve(refusal(429, X_RateLimit_Reset=str(int(time.time() * 1000) + 7_200_000)))

    with pytest.raises(RateLimitError, match=r"until \d{4}-\d\d-\d\d .* UTC") as caught:
        await connect(server.base_url, max_wait_s=5.0).send()

    assert len(server.requests) == 1
    assert caught.value.retry_after == pytest.approx(7200, abs=5)


@sync_and_async
@pytest.mark.parametrize(
    "script",
    [[HANG], [head(200, content_length="50"), HANG], [head(200, content_length="50"), b"{", HANG]],
    ids=["no-head", "no-body", "half-a-body"],
)
async def test_c9_a_silent_server_times_out(serve: Serve, connect: Connect, script: Any) -> None:
    """quirks.md C9: whatever part is missing; and it is a TimeoutError too."""
    server = serve(script)
    start = time.perf_counter()

    with pytest.raises(RequestTimeoutError) as caught:
        await connect(server.base_url, timeout_s=0.15, max_retries=0).send()

    assert isinstance(caught.value, TimeoutError)
    assert time.perf_counter() - start < 1.0


@sync_and_async
async def test_c9_padding_does_not_hold_the_clock(serve: Serve, connect: Connect) -> None:
    """quirks.md C9: white space that never ends is no answer."""
    server = serve([head(200, content_length="9999"), *[b" ", 0.02] * 200])
    start = time.perf_counter()

    with pytest.raises(RequestTimeoutError):
        await connect(server.base_url, timeout_s=0.15, max_retries=0).send()

    assert time.perf_counter() - start < 1.0


@sync_and_async
async def test_c9_a_timeout_of_one_call_wins(serve: Serve, connect: Connect) -> None:
    """quirks.md C9: `timeout_s=` per call."""
    server = serve([HANG])

    with pytest.raises(RequestTimeoutError):
        await connect(server.base_url, timeout_s=30, max_retries=0).send(timeout_s=0.1)


@sync_and_async
async def test_b6_a_cut_answer_keeps_the_generation_id(serve: Serve, connect: Connect) -> None:
    """quirks.md B6: the header came before the cut."""
    cut = [head(200, content_length="50", X_Generation_Id="gen-h"), b'{"id"', CUT]
    server = serve(cut)

    with pytest.raises(ConnectionFailedError) as caught:
        await connect(server.base_url, max_retries=0).send()

    assert caught.value.generation_id == "gen-h"


@sync_and_async
@pytest.mark.parametrize("ending", [CUT, RESET])
async def test_a_broken_connection_is_retried(serve: Serve, connect: Connect, ending: str) -> None:
    cut = [head(200, content_length="50"), b'{"id"', ending]
    server = serve([ending], cut, ANSWER)

    assert (await connect(server.base_url).send()).http.attempts == 3


@sync_and_async
async def test_nobody_listening_is_a_connection_error(connect: Connect) -> None:
    with pytest.raises(ConnectionFailedError, match="could not be reached") as caught:
        await connect("http://127.0.0.1:9/api/v1", max_retries=1).send()

    assert isinstance(caught.value, ConnectionError)
    assert caught.value.attempts == 2


@sync_and_async
async def test_c13_the_providers_words_are_the_message(serve: Serve, connect: Connect) -> None:
    """quirks.md C13: and neither key nor prompt is shown."""
    metadata = {"provider_name": "Azure", "raw": '{"error":{"message":"tools: empty array"}}'}
    server = serve(refusal(400, "Provider returned error", metadata=metadata))

    with pytest.raises(Exception, match=r"^\[Azure\] tools: empty array") as caught:
        await connect(server.base_url).send()

    assert not any(s in repr(caught.value) for s in ("sk-or-test", "secret prompt"))


@sync_and_async
@pytest.mark.parametrize(("status", "kind"), [(502, ServerError), (524, EdgeTimeoutError)])
async def test_c16_an_html_page_keeps_its_status(
    serve: Serve, connect: Connect, status: int, kind: type[Exception]
) -> None:
    """quirks.md C16: and is retried by it."""
    server = serve(reply(b"<html><h1>Bad gateway</h1>", status, kind="text/html"))

    with pytest.raises(kind, match="Bad gateway"):
        await connect(server.base_url, max_retries=1).send()

    assert len(server.requests) == 2


@sync_and_async
async def test_a_redirect_is_said_and_not_followed(serve: Serve, connect: Connect) -> None:
    """The key must not travel to another address."""
    server = serve(reply(b"", 301, location="http://127.0.0.1:9/"))

    with pytest.raises(Exception, match="301") as caught:
        await connect(server.base_url).send()

    assert getattr(caught.value, "status_code", None) == 301
    assert len(server.requests) == 1


@sync_and_async
async def test_a_compressed_answer_is_read(serve: Serve, connect: Connect) -> None:
    server = serve(reply(answer("zip " * 500), zipped=True))

    assert (await connect(server.base_url).send()).text == "zip " * 500


@sync_and_async
async def test_a_broken_compression_is_a_connection_error(serve: Serve, connect: Connect) -> None:
    server = serve(reply(b"not gzip at all", content_encoding="gzip"))

    with pytest.raises(ConnectionFailedError):
        await connect(server.base_url, max_retries=0).send()


@sync_and_async
async def test_a_wrong_argument_sends_nothing(serve: Serve, connect: Connect) -> None:
    server = serve(ANSWER)

    for wrong in (
        {"temperature": float("nan")},
        {"extra_headers": {"X": "a\nb"}},
        {"timeout_s": 0},
    ):
        with pytest.raises(ConfigurationError):
            await connect(server.base_url).send(**wrong)

    assert server.connections == 0


@sync_and_async
@pytest.mark.parametrize("status", [502, None], ids=["502", "cut"])
async def test_a_call_that_creates_is_not_sent_twice(
    serve: Serve, connect: Connect, status: int | None
) -> None:
    """Creating a key twice would make two keys."""
    server = serve(refusal(status) if status else [CUT])

    with pytest.raises((ServerError, ConnectionFailedError)):
        await connect(server.base_url).create_key("x")

    assert len(server.requests) == 1


@sync_and_async
async def test_options_of_a_changed_client(serve: Serve, connect: Connect) -> None:
    server = serve(refusal(503))
    caller = connect(server.base_url, headers={"X-A": "old"})
    caller.client = caller.client.with_options(
        max_retries=1, timeout_s=Timeouts(answer_s=3), headers={"x-a": "new"}
    )

    with pytest.raises(ProviderOverloadedError):
        await caller.send()

    assert len(server.requests) == 2
    assert server.requests[0].header("X-A") == ["new"]
    with pytest.raises(ConfigurationError):
        caller.client.with_options(max_retries=-1)
    with pytest.raises(ConfigurationError):
        caller.client.with_options(headers={"X": "a\nb"})
