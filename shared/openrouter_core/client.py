"""The two clients: they carry out what the resources describe. One of the few files with I/O.

Both share everything but the `await`: requests and results are made in `_http.exchange`, retries are decided
in `_http.retry`, streams are read in `streaming.stream`. Clients are cheap; equal settings share connections.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from logging import INFO
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx2

from openrouter_core._call import Call, ReplyInfo, Route, StreamCall, StreamState
from openrouter_core._client.base import AsyncAttempt, Attempt, ClientBase, remember_origin
from openrouter_core._client.resource_set import ResourceSet
from openrouter_core._http import retry
from openrouter_core._http.exchange import build_request, is_file, may_be_any_file, result
from openrouter_core._http.own_client import auth_of, made_by
from openrouter_core._http.pool import async_pool_for, pool_for
from openrouter_core._http.redirects import MOST_REDIRECTS, redirected
from openrouter_core._http.response import (
    aiter_body,
    aread_refusal,
    aread_until,
    check_http_client,
    empty_body,
    is_event_stream,
    iter_body,
    open_stream,
    raise_for_status,
    raise_not_a_file,
    raw_route,
    read_refusal,
    read_unstreamed,
    read_until,
    reply_info,
)
from openrouter_core._json import as_dict
from openrouter_core._logging import log_answer, log_request, requests, set_up
from openrouter_core.errors import OpenRouterError
from openrouter_core.streaming.download import AsyncByteStream, ByteStream
from openrouter_core.streaming.raw import RawAccumulator
from openrouter_core.streaming.reader import Reader, goes_on
from openrouter_core.streaming.stream import AsyncStream, Opened, Stream

if TYPE_CHECKING:
    from openrouter_core.observers.observed import ObservedCall

T = TypeVar("T")
S = TypeVar("S", bound="StreamState[Any]")


set_up()


class OpenRouterClient(ClientBase, ResourceSet["OpenRouterClient"]):
    """The OpenRouter API, one blocking call at a time. Thread-safe.

    Resources are attributes: `client.chat.send(...)`, `client.models.list()`.
    """

    def close(self) -> None:
        """Close idle connections, unless another client uses them too. The client can go on."""
        key = self._leave_pool()
        if key is not None:
            pool_for(key).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send any request with this client's key, retries and errors; return the parsed JSON.

        Args:
            path: Below the base URL, e.g. "/credits".
        """
        call: Call[Any] = Call(object, query=query or {}, json=json, headers=headers or {})
        return self.perform(raw_route(method, path), call)

    def stream(
        self, method: str, path: str, *, json: object, headers: Mapping[str, str] | None = None
    ) -> Stream[dict[str, Any], RawAccumulator]:
        """Send any request whose answer is an event stream; events are dicts, as received."""
        call: StreamCall[dict[str, Any], RawAccumulator] = StreamCall(
            RawAccumulator, dict, json=json, headers=headers or {}
        )
        return self.open(raw_route(method, path, answers="sse"), call)

    def perform(self, route: Route, call: Call[T], /) -> T:
        """Carry out a described call. The resources' methods end here."""
        try:
            with self._watched(route, call) as observed:
                value, data, info = retry.run(
                    self.config,
                    route,
                    call,
                    partial(self._once, route, call, observed),
                    observed.attempt_failed if observed else None,
                )
                if observed:
                    observed.done(data, info)
            return value
        except OpenRouterError as error:
            remember_origin(error.generation_id, self.config)
            other = None if call.otherwise is None else call.otherwise(error)
            if other is None:
                raise
        return self.perform(route, other)

    def open(self, route: Route, call: StreamCall[T, S], /) -> Stream[T, S]:
        """Describe a stream; it is sent when it is entered or iterated."""
        return Stream(partial(self._opened, route, call))

    def download(self, route: Route, call: Call[bytes], /) -> ByteStream:
        """Describe a download; it is sent when it is entered or iterated."""
        return ByteStream(
            lambda: self._downloading(route, call), may_be_empty=may_be_any_file(route)
        )

    @staticmethod
    def _check_http_client(http_client: Any) -> None:
        check_http_client(http_client, httpx2.Client)

    def _send(
        self,
        route: Route,
        call: Call[Any] | StreamCall[Any, Any],
        observed: ObservedCall | None,
    ) -> httpx2.Response:
        request = build_request(self.config, route, call, self._usual_headers)
        send = (
            pool_for(self._pool_key or self._pool()).handle_request
            if self._http_client is None
            else self._own_send(call)
        )
        is_logged = requests.isEnabledFor(INFO)
        if is_logged:
            log_request(request)
        response = send(request)
        for _ in range(MOST_REDIRECTS if response.status_code // 100 == 3 else 0):
            following = redirected(request, response)
            if following is None:
                break
            response.close()
            request, response = following, send(following)
        if is_logged:
            log_answer(request, response)
        if observed:
            observed.response_headers = response.headers
        return response

    def _own_send(
        self, call: Call[Any] | StreamCall[Any, Any]
    ) -> Callable[[httpx2.Request], httpx2.Response]:
        """How the user's own HTTP client sends."""
        client: httpx2.Client = self._http_client
        keeps_timeout = self._has_own_timeout(call)

        def send(request: httpx2.Request) -> httpx2.Response:
            made = made_by(client, request, keeps_timeout=keeps_timeout)
            return client.send(made, stream=True, **auth_of(made))

        return send

    def _once(
        self, route: Route, call: Call[T], observed: ObservedCall | None, number: int
    ) -> tuple[T, Any, ReplyInfo]:
        with Attempt(number, self.config) as attempt:
            response = attempt.response = self._send(route, call, observed)
            timeouts = self.config.timeouts if call.timeout_s is None else self._timeouts(call)
            if response.status_code >= 300:
                body = read_refusal(response, timeouts)
            else:
                body = read_until(response, attempt.start + timeouts.answer_s)
            response.close()
            info = reply_info(response, number, attempt.start)
            value, data = result(route, call, body, info)
            if route.key == "inference":
                made = info.generation_id or as_dict(data).get("id")
                remember_origin(made, self.config, number)
            return value, data, info

    def _opened(self, route: Route, call: StreamCall[T, S]) -> Opened[T, S]:
        with self._watched(route, call) as observed:
            opened = retry.run(
                self.config,
                route,
                call,
                partial(self._open_once, route, call, observed),
                observed.attempt_failed if observed else None,
            )
            made = opened.http.generation_id or opened.state.summary.get("id")
            remember_origin(made, self.config)
            if observed:
                observed.first_event(opened.state, opened.http)
                opened.observed = observed
        return opened

    def _open_once(
        self, route: Route, call: StreamCall[T, S], observed: ObservedCall | None, number: int
    ) -> Opened[T, S]:
        with Attempt(number, self.config) as attempt:
            response = attempt.response = self._send(route, call, observed)
            info = reply_info(response, number, attempt.start)
            timeouts = self._timeouts(call)
            reader = Reader(timeouts)
            if info.status_code >= 300:
                raise_for_status(read_refusal(response, timeouts), info, call.json)
            if not is_event_stream(info):
                content = read_until(response, attempt.start + timeouts.answer_s)
                return read_unstreamed(response, content, iter(()), info, call, reader)
            state = call.state()
            body = iter_body(response, info.headers)
            for data in body:
                payloads = reader.feed(data)
                if payloads:
                    goes_on(response)
                    return open_stream(response, body, reader, state, payloads, info)
            return open_stream(response, iter(()), reader, state, reader.end(), info)

    def _downloading(self, route: Route, call: Call[bytes]) -> tuple[httpx2.Response, ReplyInfo]:
        with self._watched(route, call) as observed:
            response, info = retry.run(
                self.config,
                route,
                call,
                partial(self._download_once, route, call, observed),
                observed.attempt_failed if observed else None,
            )
            if observed:
                observed.done(None, info)
        return response, info

    def _download_once(
        self, route: Route, call: Call[bytes], observed: ObservedCall | None, number: int
    ) -> tuple[httpx2.Response, ReplyInfo]:
        with Attempt(number, self.config) as attempt:
            response = attempt.response = self._send(route, call, observed)
            info = reply_info(response, number, attempt.start)
            if info.status_code >= 300:
                raise_for_status(read_refusal(response, self._timeouts(call)), info)
            if not is_file(route, info):
                raise_not_a_file(read_refusal(response, self._timeouts(call)), info)
            goes_on(response)
            return response, info


class AsyncOpenRouterClient(ClientBase, ResourceSet["AsyncOpenRouterClient"]):
    """The OpenRouter API for asyncio. Works in any event loop, also in several one after another.

    Resources are attributes: `await client.chat.send(...)`, `async for chunk in client.chat.stream(...)`.
    """

    async def aclose(self) -> None:
        """Close this loop's idle connections, unless another client uses them too. It can go on."""
        key = self._leave_pool()
        if key is not None:
            await (await async_pool_for(key)).aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send any request with this client's key, retries and errors; return the parsed JSON.

        Args:
            path: Below the base URL, e.g. "/credits".
        """
        call: Call[Any] = Call(object, query=query or {}, json=json, headers=headers or {})
        return await self.perform(raw_route(method, path), call)

    def stream(
        self, method: str, path: str, *, json: object, headers: Mapping[str, str] | None = None
    ) -> AsyncStream[dict[str, Any], RawAccumulator]:
        """Send any request whose answer is an event stream; events are dicts, as received."""
        call: StreamCall[dict[str, Any], RawAccumulator] = StreamCall(
            RawAccumulator, dict, json=json, headers=headers or {}
        )
        return self.open(raw_route(method, path, answers="sse"), call)

    async def perform(self, route: Route, call: Call[T], /) -> T:
        """Carry out a described call. The resources' methods end here."""
        try:
            with await self._watched_async(route, call) as observed:
                value, data, info = await retry.run_async(
                    self.config,
                    route,
                    call,
                    partial(self._once, route, call, observed),
                    observed.attempt_failed if observed else None,
                )
                if observed:
                    observed.done(data, info)
            return value
        except OpenRouterError as error:
            remember_origin(error.generation_id, self.config)
            other = None if call.otherwise is None else call.otherwise(error)
            if other is None:
                raise
        return await self.perform(route, other)

    def open(self, route: Route, call: StreamCall[T, S], /) -> AsyncStream[T, S]:
        """Describe a stream; it is sent when it is entered or iterated."""
        return AsyncStream(partial(self._opened, route, call))

    def download(self, route: Route, call: Call[bytes], /) -> AsyncByteStream:
        """Describe a download; it is sent when it is entered or iterated."""
        return AsyncByteStream(
            lambda: self._downloading(route, call), may_be_empty=may_be_any_file(route)
        )

    @staticmethod
    def _check_http_client(http_client: Any) -> None:
        check_http_client(http_client, httpx2.AsyncClient)

    async def _send(
        self,
        route: Route,
        call: Call[Any] | StreamCall[Any, Any],
        observed: ObservedCall | None,
    ) -> httpx2.Response:
        request = build_request(self.config, route, call, self._usual_headers)
        send = (
            (await async_pool_for(self._pool_key or self._pool())).handle_async_request
            if self._http_client is None
            else self._own_send(call)
        )
        is_logged = requests.isEnabledFor(INFO)
        if is_logged:
            log_request(request)
        response = await send(request)
        for _ in range(MOST_REDIRECTS if response.status_code // 100 == 3 else 0):
            following = redirected(request, response)
            if following is None:
                break
            await response.aclose()
            request, response = following, await send(following)
        if is_logged:
            log_answer(request, response)
        if observed:
            observed.response_headers = response.headers
        return response

    def _own_send(
        self, call: Call[Any] | StreamCall[Any, Any]
    ) -> Callable[[httpx2.Request], Coroutine[Any, Any, httpx2.Response]]:
        """How the user's own HTTP client sends."""
        client: httpx2.AsyncClient = self._http_client
        keeps_timeout = self._has_own_timeout(call)

        async def send(request: httpx2.Request) -> httpx2.Response:
            made = made_by(client, request, keeps_timeout=keeps_timeout)
            return await client.send(made, stream=True, **auth_of(made))

        return send

    async def _once(
        self, route: Route, call: Call[T], observed: ObservedCall | None, number: int
    ) -> tuple[T, Any, ReplyInfo]:
        async with AsyncAttempt(number, self.config) as attempt:
            response = attempt.response = await self._send(route, call, observed)
            timeouts = self.config.timeouts if call.timeout_s is None else self._timeouts(call)
            if response.status_code >= 300:
                body = await aread_refusal(response, timeouts)
            else:
                body = await aread_until(response, attempt.start + timeouts.answer_s)
            await response.aclose()
            info = reply_info(response, number, attempt.start)
            value, data = result(route, call, body, info)
            if route.key == "inference":
                made = info.generation_id or as_dict(data).get("id")
                remember_origin(made, self.config, number)
            return value, data, info

    async def _opened(self, route: Route, call: StreamCall[T, S]) -> Opened[T, S]:
        with await self._watched_async(route, call) as observed:
            opened = await retry.run_async(
                self.config,
                route,
                call,
                partial(self._open_once, route, call, observed),
                observed.attempt_failed if observed else None,
            )
            made = opened.http.generation_id or opened.state.summary.get("id")
            remember_origin(made, self.config)
            if observed:
                observed.first_event(opened.state, opened.http)
                opened.observed = observed
        return opened

    async def _open_once(
        self, route: Route, call: StreamCall[T, S], observed: ObservedCall | None, number: int
    ) -> Opened[T, S]:
        async with AsyncAttempt(number, self.config) as attempt:
            response = attempt.response = await self._send(route, call, observed)
            info = reply_info(response, number, attempt.start)
            timeouts = self._timeouts(call)
            reader = Reader(timeouts)
            if info.status_code >= 300:
                raise_for_status(await aread_refusal(response, timeouts), info, call.json)
            if not is_event_stream(info):
                content = await aread_until(response, attempt.start + timeouts.answer_s)
                return read_unstreamed(response, content, empty_body(), info, call, reader)
            state = call.state()
            body = aiter_body(response, info.headers)
            async for data in body:
                payloads = reader.feed(data)
                if payloads:
                    goes_on(response)
                    return open_stream(response, body, reader, state, payloads, info)
            return open_stream(response, empty_body(), reader, state, reader.end(), info)

    async def _downloading(
        self, route: Route, call: Call[bytes]
    ) -> tuple[httpx2.Response, ReplyInfo]:
        with await self._watched_async(route, call) as observed:
            response, info = await retry.run_async(
                self.config,
                route,
                call,
                partial(self._download_once, route, call, observed),
                observed.attempt_failed if observed else None,
            )
            if observed:
                observed.done(None, info)
        return response, info

    async def _download_once(
        self, route: Route, call: Call[bytes], observed: ObservedCall | None, number: int
    ) -> tuple[httpx2.Response, ReplyInfo]:
        async with AsyncAttempt(number, self.config) as attempt:
            response = attempt.response = await self._send(route, call, observed)
            info = reply_info(response, number, attempt.start)
            if info.status_code >= 300:
                raise_for_status(await aread_refusal(response, self._timeouts(call)), info)
            if not is_file(route, info):
                raise_not_a_file(await aread_refusal(response, self._timeouts(call)), info)
            goes_on(response)
            return response, info
