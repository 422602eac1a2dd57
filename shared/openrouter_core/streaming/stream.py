"""Streams: pump a response through the decoder, close early, never end in silence.

`Stream` and `AsyncStream` are twins; what they share is in `Reader`, `_Pump` and the `StreamState` of the
endpoint. A stream opens when `open` is called, when it is entered or first iterated, and is retried until its
first event.
"""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterator,
)
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

import httpx2

from openrouter_core._call import ReplyInfo, StreamState
from openrouter_core.errors import OpenRouterError, StreamError, StreamInterruptedError
from openrouter_core.observers.generation_names import name_generation
from openrouter_core.streaming.accumulator import NewText
from openrouter_core.streaming.reader import (
    AFTER_END_MARK_S,
    MOST_AFTER_END_MARK,
    Reader,
    ends_within,
)

if TYPE_CHECKING:
    from types import AsyncGeneratorType

    from openrouter_core.observers.observed import ObservedCall

T = TypeVar("T")
S = TypeVar("S", bound="StreamState[Any]")


@dataclass(slots=True, eq=False)
class Opened(Generic[T, S]):
    """A stream whose first event has arrived."""

    response: httpx2.Response
    body: Any
    """The rest of the body: an iterator of bytes, sync or async."""
    reader: Reader
    state: S
    first: T
    payloads: list[bytes]
    """Payloads that came with the first one."""
    http: ReplyInfo
    observed: ObservedCall | None


class _Pump(Generic[T, S]):
    """What a stream and its generator share. They do not hold each other: a dropped stream ends at once."""

    opened: Opened[T, S] | None = None
    was_opened = False
    """The generator then yields the first event twice: only one that has begun closes what it reads."""
    _closed = False
    _error: OpenRouterError | None = None

    def _leftovers(self, opened: Opened[T, S]) -> Iterator[T]:
        """What the end of the body holds. Half an event behind a whole answer takes nothing away."""
        for payload in opened.reader.end():
            try:
                event = opened.state.feed(payload)
            except StreamInterruptedError:
                if not opened.state.is_complete:
                    raise
                return
            yield event

    def _broken(self, opened: Opened[T, S], error: StreamError) -> StreamError:
        """Complete a failure with what the headers told, and remember it for the observers."""
        for failure in (error, getattr(error, "cause_error", None)):
            if failure is not None:
                failure.generation_id = failure.generation_id or opened.http.generation_id
                failure.attempts = opened.http.attempts
                failure.http = opened.http
        self._error = error
        return error

    def name_generation(self, error: BaseException | None) -> None:
        """Let what ends the block of a stream say which generation it ended, e.g. a cancellation."""
        if error is not None and self.opened is not None:
            made = self.opened.http.generation_id or self.opened.state.summary.get("id")
            name_generation(error, made)

    def _report(self, opened: Opened[T, S]) -> None:
        if opened.observed is None:
            return
        if opened.state.is_complete and self._error is None:
            opened.observed.done(opened.state.summary, opened.http, streamed=True)
        else:
            opened.observed.interrupted(opened.state.summary, opened.http, self._error)


class _SyncPump(_Pump[T, S]):
    """Opens, reads and closes."""

    def __init__(self, opener: Callable[[], Opened[T, S]]) -> None:
        self.opener = opener

    def run(self) -> Generator[T]:
        opened = self.opened = self.opened or self.opener()
        state, feed, read = opened.state, opened.state.feed, opened.reader.feed
        try:
            if self.was_opened:
                yield opened.first
            yield opened.first
            for payload in opened.payloads:
                yield feed(payload)
            for data in self._pieces(opened):
                for payload in read(data):
                    yield feed(payload)
            yield from self._leftovers(opened)
            state.finish(is_marked=opened.reader.decoder.done)
        except httpx2.HTTPError as error:
            if not state.is_complete:
                raise self._broken(opened, state.interrupted(what_broke(error))) from error
        except StreamError as error:
            self._broken(opened, error)
            raise
        finally:
            self.close()

    @staticmethod
    def _pieces(opened: Opened[T, S]) -> Iterator[bytes]:
        """The body up to the end mark, for what follows may never end.

        It is read on for a moment: a connection is used again only behind it.
        """
        decoder, more = opened.reader.decoder, 0
        if not decoder.done:
            for data in opened.body:
                yield data
                if decoder.done:
                    break
        if decoder.done and ends_within(opened.response, AFTER_END_MARK_S):
            with suppress(httpx2.HTTPError):
                for data in opened.body:
                    more += len(data)
                    if more > MOST_AFTER_END_MARK:
                        break

    def abort(self) -> None:
        """End a stream that another thread reads: it wakes up to an interrupted stream."""
        if self.opened is not None:
            self.opened.response.close()

    def close(self) -> None:
        opened = self.opened
        if opened is None or self._closed:
            return
        self._closed = True
        try:
            opened.response.close()
        finally:
            self._report(opened)


class _AsyncPump(_Pump[T, S]):
    """`_SyncPump` with awaits."""

    def __init__(self, opener: Callable[[], Awaitable[Opened[T, S]]]) -> None:
        self.opener = opener

    async def run(self) -> AsyncGenerator[T]:
        opened = self.opened = self.opened or await self.opener()
        state, feed, read = opened.state, opened.state.feed, opened.reader.feed
        try:
            if self.was_opened:
                yield opened.first
            yield opened.first
            for payload in opened.payloads:
                yield feed(payload)
            async for data in self._pieces(opened):
                for payload in read(data):
                    yield feed(payload)
            for event in self._leftovers(opened):
                yield event
            state.finish(is_marked=opened.reader.decoder.done)
        except httpx2.HTTPError as error:
            if not state.is_complete:
                raise self._broken(opened, state.interrupted(what_broke(error))) from error
        except StreamError as error:
            self._broken(opened, error)
            raise
        finally:
            await self.close()

    @staticmethod
    async def _pieces(opened: Opened[T, S]) -> AsyncIterator[bytes]:
        """The body up to the end mark; see `_SyncPump`."""
        decoder, more = opened.reader.decoder, 0
        if not decoder.done:
            async for data in opened.body:
                yield data
                if decoder.done:
                    break
        if decoder.done and ends_within(opened.response, AFTER_END_MARK_S):
            with suppress(httpx2.HTTPError):
                async for data in opened.body:
                    more += len(data)
                    if more > MOST_AFTER_END_MARK:
                        break

    async def abort(self) -> None:
        """End a stream that another task reads: it wakes up to an interrupted stream."""
        if self.opened is not None:
            await self.opened.response.aclose()

    async def close(self) -> None:
        opened = self.opened
        if opened is None or self._closed:
            return
        self._closed = True
        try:
            await opened.response.aclose()
        finally:
            self._report(opened)


class _StreamBase(Generic[T, S]):
    """What a stream tells, sync or async."""

    _shared: _Pump[T, S]

    @property
    def so_far(self) -> S:
        """What has arrived, put together. Available once the stream is open."""
        if self._shared.opened is None:
            raise OpenRouterError(_NOT_OPEN)
        return self._shared.opened.state

    @property
    def http(self) -> ReplyInfo:
        """Status, headers and generation id. Available once the stream is open."""
        if self._shared.opened is None:
            raise OpenRouterError(_NOT_OPEN)
        return self._shared.opened.http


_NOT_OPEN = "The stream is not open yet. Call open(), enter it with `with`, or iterate it."


class Stream(_StreamBase[T, S]):
    """Events of a call, one by one. Iterate it, or use it in a `with` statement to close it early.

    Raises while iterating:
        MidStreamError: The server reported a failure; what had arrived is on the error.
        StreamInterruptedError: The stream ended or went silent before the answer was complete.
    """

    def __init__(self, opener: Callable[[], Opened[T, S]]) -> None:
        self._pump = self._shared = _SyncPump(opener)
        self._events = self._pump.run()

    def __iter__(self) -> Iterator[T]:
        return self._events

    def __next__(self) -> T:
        return next(self._events)

    def open(self) -> Self:
        """Send the request and wait for the first event. A stream that is open stays as it is.

        Returns:
            The stream itself; close it, or read it to its end.

        Raises:
            OpenRouterError: The call was refused or failed before its first event, retries included.
        """
        if self._pump.opened is None:
            self._pump.opened = self._pump.opener()
            self._pump.was_opened = True
            next(self._events, None)
        return self

    def __enter__(self) -> Self:
        return self if self._pump.opened else self.open()

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._pump.name_generation(error)
        self.close()

    def close(self) -> None:
        """Stop reading and give the connection back. Safe to call twice, and from another thread.

        Who reads it in another thread gets a `StreamInterruptedError`.
        """
        try:
            self._events.close()
        except ValueError:  # the generator is running: another thread reads
            self._pump.abort()
        else:
            self._pump.close()

    @property
    def text_stream(self) -> Iterator[str]:
        """The answer's text, piece by piece, as it comes; read to the end it is `so_far.partial_text`.

        What comes with the text (reasoning, tool calls, usage) is in `so_far`.
        """
        new = NewText()
        for event in self._events:
            if text := new.of(self.so_far.text_in(event)):
                yield text
        if text := new.rest(self.so_far.partial_text):
            yield text

    def until_done(self) -> S:
        """Read the stream to its end and return what it adds up to."""
        for _ in self._events:
            continue
        return self.so_far


class AsyncStream(_StreamBase[T, S]):
    """Events of a call, one by one, in `async for`; use it in an `async with` statement to close it early.

    Raises while iterating:
        MidStreamError: The server reported a failure; what had arrived is on the error.
        StreamInterruptedError: The stream ended or went silent before the answer was complete.
    """

    def __init__(self, opener: Callable[[], Awaitable[Opened[T, S]]]) -> None:
        self._pump = self._shared = _AsyncPump(opener)
        self._events = cast("AsyncGeneratorType[T, None]", self._pump.run())

    def __aiter__(self) -> AsyncIterator[T]:
        return self._events

    async def __anext__(self) -> T:
        return await anext(self._events)

    async def open(self) -> Self:
        """Send the request and wait for the first event; see `Stream.open`."""
        if self._pump.opened is None:
            self._pump.opened = await self._pump.opener()
            self._pump.was_opened = True
            await anext(self._events, None)
        return self

    async def __aenter__(self) -> Self:
        return self if self._pump.opened else await self.open()

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._pump.name_generation(error)
        await self.aclose()

    async def aclose(self) -> None:
        """Stop reading and give the connection back. Safe to call twice, and from another task.

        Who reads it in another task gets a `StreamInterruptedError`.
        """
        if self._events.ag_running:  # another task reads, or the end of the loop closes
            await self._pump.abort()
            return
        await self._pump.close()
        # Has nothing to wait for any more, so the `aclose` at the end of a loop does not meet it.
        await self._events.aclose()

    @property
    async def text_stream(self) -> AsyncIterator[str]:
        """The answer's text, piece by piece, as it comes; see `Stream.text_stream`."""
        new = NewText()
        async for event in self._events:
            if text := new.of(self.so_far.text_in(event)):
                yield text
        if text := new.rest(self.so_far.partial_text):
            yield text

    async def until_done(self) -> S:
        """Read the stream to its end and return what it adds up to."""
        async for _ in self._events:
            continue
        return self.so_far


def what_broke(error: httpx2.HTTPError) -> str:
    if isinstance(error, httpx2.TimeoutException):
        return "no data came for longer than the stream's timeout"
    if isinstance(error, httpx2.DecodingError):
        return f"it cannot be read on. {error}"
    return f"the connection broke ({type(error).__name__})"
