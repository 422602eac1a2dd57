"""Compressed bodies, piece by piece: one that is cut off or grows out of all proportion is an error. Pure.

zlib alone takes a body that lacks its end for whole, and 4.6 MB that unpack to 2 GB as they come.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import httpx2

_SUPPORTED = frozenset({"gzip", "deflate"})
MOST_RATIO = 100
"""JSON and text shrink to a tenth or a fiftieth; what unpacks to more was made to fill the memory."""
ALWAYS_ALLOWED = 64 * 2**20
"""Bytes that any body may unpack to."""
_PIECE = 2**20
_GZIP = b"\x1f\x8b"
_ANY_HEADER = zlib.MAX_WBITS | 32
"""Has zlib tell gzip from deflate."""
_NO_HEADER = -zlib.MAX_WBITS
"""What some servers mean by deflate."""


class _Inflater:
    """Unpacks one body."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_ANY_HEADER)
        self._came = self._made = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` unpacks to, in pieces of a megabyte at most.

        Raises:
            httpx2.RemoteProtocolError: It is damaged.
            httpx2.DecodingError: It was made to fill the memory.
        """
        try:
            yield from self._unpacked(data)
        except zlib.error as error:
            raise httpx2.RemoteProtocolError("The compressed body is damaged.") from error

    def end(self) -> None:
        """Accept the end of the body.

        Raises:
            httpx2.RemoteProtocolError: It is cut off.
        """
        if self._came and not self._zlib.eof:
            raise httpx2.RemoteProtocolError("The compressed body is cut off.")

    def _unpacked(self, data: bytes) -> Iterator[bytes]:
        is_first, self._came = not self._came, self._came + len(data)
        while True:
            if self._zlib.eof:
                if not data.startswith(_GZIP):
                    return  # padding
                self._zlib = zlib.decompressobj(_ANY_HEADER)  # a gzip file may have several parts
            try:
                piece = self._zlib.decompress(data, _PIECE)
            except zlib.error:
                if not is_first:
                    raise
                self._zlib = zlib.decompressobj(_NO_HEADER)
                piece = self._zlib.decompress(data, _PIECE)
            is_first = False
            self._count(len(piece))
            yield piece  # also an empty one: who reads may look at the clock
            data = self._zlib.unconsumed_tail or self._zlib.unused_data
            if not data and len(piece) < _PIECE:
                return

    def _count(self, size: int) -> None:
        self._made += size
        if self._made > max(ALWAYS_ALLOWED, MOST_RATIO * self._came):
            raise httpx2.DecodingError(
                f"The compressed body unpacks to more than {MOST_RATIO} times its size."
            )


def unpacked(response: httpx2.Response) -> Iterator[bytes]:
    """The body of a compressed response as it arrives. A piece may be empty.

    Raises:
        httpx2.HTTPError: It broke, is damaged, or was made to fill the memory.
    """
    if response.headers["content-encoding"].strip().lower() in _SUPPORTED:
        return _inflated(iter(cast("Any", response.stream)))
    return response.iter_bytes()


def aunpacked(response: httpx2.Response) -> AsyncIterator[bytes]:
    """`unpacked` of an async response."""
    if response.headers["content-encoding"].strip().lower() in _SUPPORTED:
        return _ainflated(aiter(cast("Any", response.stream)))
    return response.aiter_bytes()


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    inflater = _Inflater()
    for data in pieces:
        yield from inflater.feed(data)
    inflater.end()


async def _ainflated(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    inflater = _Inflater()
    async for data in pieces:
        for piece in inflater.feed(data):
            yield piece
    inflater.end()
