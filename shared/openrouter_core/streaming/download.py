"""Downloads: the bytes of a file, piece by piece. `ByteStream` and `AsyncByteStream` are twins."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator
from typing import Self

import httpx2

from openrouter_core._call import ReplyInfo
from openrouter_core.errors import StreamInterruptedError
from openrouter_core.streaming.inflate import aunpacked, unpacked
from openrouter_core.streaming.stream import what_broke


def _cut_download(error: httpx2.HTTPError, http: ReplyInfo) -> StreamInterruptedError:
    return StreamInterruptedError(
        f"The download is incomplete: {what_broke(error)}.",
        generation_id=http.generation_id,
        attempts=http.attempts,
    )


def _is_packed(response: httpx2.Response) -> bool:
    return "content-encoding" in response.headers


def _empty_download(http: ReplyInfo) -> StreamInterruptedError:
    return StreamInterruptedError(
        "The download is empty. Try again.",
        generation_id=http.generation_id,
        attempts=http.attempts,
    )


class _Download:
    """What a download and its generator share. They do not hold each other: a dropped download ends at once."""

    def __init__(
        self, opener: Callable[[], tuple[httpx2.Response, ReplyInfo]], *, may_be_empty: bool
    ) -> None:
        self._opener = opener
        self._may_be_empty = may_be_empty
        self.http = ReplyInfo()

    def run(self) -> Generator[bytes]:
        response, self.http = self._opener()
        try:
            yield b""  # for `__enter__`: only a generator that has begun closes what it reads
            is_empty = not self._may_be_empty
            packed = _is_packed(response)
            for piece in unpacked(response) if packed else response.iter_bytes():
                if piece:
                    is_empty = False
                    yield piece
            if is_empty:
                raise _empty_download(self.http)
        except httpx2.HTTPError as error:
            raise _cut_download(error, self.http) from error
        finally:
            response.close()


class ByteStream:
    """The bytes of a download, piece by piece. Use it in a `with` statement."""

    def __init__(
        self,
        opener: Callable[[], tuple[httpx2.Response, ReplyInfo]],
        *,
        may_be_empty: bool = True,
    ) -> None:
        self._download = _Download(opener, may_be_empty=may_be_empty)
        self._pieces = self._download.run()
        self._has_begun = False

    @property
    def http(self) -> ReplyInfo:
        """Status, headers and generation id, once the download has begun."""
        return self._download.http

    def __enter__(self) -> Self:
        if not self._has_begun:
            self._has_begun = True
            next(self._pieces, None)
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        self.__enter__()
        return self._pieces

    def read(self) -> bytes:
        """Return all the bytes."""
        return b"".join(self)

    def close(self) -> None:
        """Stop reading and give the connection back."""
        self._pieces.close()


class _AsyncDownload:
    """`_Download` for asyncio."""

    def __init__(
        self,
        opener: Callable[[], Awaitable[tuple[httpx2.Response, ReplyInfo]]],
        *,
        may_be_empty: bool,
    ) -> None:
        self._opener = opener
        self._may_be_empty = may_be_empty
        self.http = ReplyInfo()

    async def run(self) -> AsyncGenerator[bytes]:
        response, self.http = await self._opener()
        try:
            yield b""
            is_empty = not self._may_be_empty
            packed = _is_packed(response)
            async for piece in aunpacked(response) if packed else response.aiter_bytes():
                if piece:
                    is_empty = False
                    yield piece
            if is_empty:
                raise _empty_download(self.http)
        except httpx2.HTTPError as error:
            raise _cut_download(error, self.http) from error
        finally:
            await response.aclose()


class AsyncByteStream:
    """The bytes of a download, piece by piece. Use it in an `async with` statement."""

    def __init__(
        self,
        opener: Callable[[], Awaitable[tuple[httpx2.Response, ReplyInfo]]],
        *,
        may_be_empty: bool = True,
    ) -> None:
        self._download = _AsyncDownload(opener, may_be_empty=may_be_empty)
        self._pieces = self._download.run()
        self._has_begun = False

    @property
    def http(self) -> ReplyInfo:
        """Status, headers and generation id, once the download has begun."""
        return self._download.http

    async def __aenter__(self) -> Self:
        if not self._has_begun:
            self._has_begun = True
            await anext(self._pieces, None)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        await self.__aenter__()
        async for piece in self._pieces:
            yield piece

    async def read(self) -> bytes:
        """Return all the bytes."""
        return b"".join([piece async for piece in self])

    async def aclose(self) -> None:
        """Stop reading and give the connection back."""
        await self._pieces.aclose()
