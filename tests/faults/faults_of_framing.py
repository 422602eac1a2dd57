"""Faults of HTTP itself: odd but valid framing, cuts, stalls, trickles, endless answers."""

from __future__ import annotations

import gzip
import zlib
from functools import cache

from tests.faults.playing import CHUNKED, Played, chunked, fault

STALL_S = 0.8
ODD, CUT, STALL, TRICKLE, ENDLESS = (
    "odd but valid",
    "cut or wrong length",
    "stall",
    "trickle",
    "endless or huge",
)
GZIP = "content-encoding: gzip"


# ------------------------------------------------------------------------- odd but valid


@fault(ODD, "right", short=True)
async def plain(p: Played) -> None:
    await p.send(p.with_length())


@fault(ODD, "right", short=True)
async def in_chunks(p: Played) -> None:
    await p.send(p.head(CHUNKED) + p.in_chunks())


@fault(ODD, "right")
async def chunk_extensions_and_trailers(p: Played) -> None:
    pieces = b"".join(b"%x;a=b\r\n%s\r\n" % (len(piece), piece) for piece in p.pieces)
    await p.send(p.head(CHUNKED, "trailer: x-a") + pieces + b"0;last\r\nx-a: b\r\n\r\n")


@fault(ODD, "right")
async def http_1_0(p: Played) -> None:
    await p.send(p.with_length().replace(b"HTTP/1.1", b"HTTP/1.0"))
    p.writer.close()


@fault(ODD, "right", short=True)
async def until_close(p: Played) -> None:
    await p.send(p.head("connection: close") + p.answer.body)
    p.writer.close()


@fault(ODD, "right", short=True)
async def byte_by_byte(p: Played) -> None:
    whole = p.with_length()
    await p.send(*(whole[at : at + 1] for at in range(min(2000, len(whole)))), whole[2000:])


@fault(ODD, "right")
async def interim_answers(p: Played) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"
    await p.send(interim, interim, p.with_length())


@fault(ODD, "right")
async def a_hundred_headers(p: Played) -> None:
    await p.send(p.with_length(None, *(f"x-{n}: {'v' * 50}" for n in range(80))))


@fault(ODD, "right")
async def odd_capitals(p: Played) -> None:
    whole = p.with_length(None, kind=p.answer.kind.upper() + ";charset=UTF-8")
    await p.send(whole.replace(b"content-", b"CoNTeNT-"))


@fault(ODD, "right", short=True)
async def compressed(p: Played) -> None:
    await p.send(p.with_length(gzip.compress(p.answer.body), GZIP))


@fault(ODD, "right")
async def compressed_in_pieces(p: Played) -> None:
    packer = zlib.compressobj(wbits=31)
    pieces = [packer.compress(x) + packer.flush(zlib.Z_SYNC_FLUSH) for x in p.pieces]
    await p.send(p.head(GZIP, CHUNKED), p.in_chunks([*pieces, packer.flush()]))


@fault(ODD, "right")
async def raw_deflate(p: Played) -> None:
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(p.answer.body) + packer.flush()
    await p.send(p.with_length(packed, "content-encoding: deflate"))


@fault(ODD, "right")
async def slow_pieces(p: Played) -> None:
    await p.send(p.head(CHUNKED), *map(chunked, p.pieces), b"0\r\n\r\n", every_s=0.05)


@fault(ODD, "either")
async def closed_afterwards(p: Played) -> None:
    """Without a word: who takes the connection in the same moment has sent into the void, and one try is one."""
    await p.send(p.with_length())
    p.writer.close()


@fault(ODD, "right")
async def stray_bytes_behind_it(p: Played) -> None:
    await p.send(p.with_length() + b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")


# ------------------------------------------------------------------------- cuts


@fault(CUT, "error", short=True)
async def cut_before_the_status(p: Played) -> None:
    p.writer.close()


@fault(CUT, "error")
async def cut_in_the_status(p: Played) -> None:
    await p.send(b"HTTP/1.1 20")
    p.writer.close()


@fault(CUT, "error")
async def cut_in_the_headers(p: Played) -> None:
    await p.send(b"HTTP/1.1 200 OK\r\ncontent-type: appl")
    p.writer.close()


@fault(CUT, "error", but={"download": "error"})
async def cut_behind_the_headers(p: Played) -> None:
    await p.send(p.head("content-length: 500"))
    p.writer.close()


@fault(CUT, "error", short=True)
async def cut_in_the_body(p: Played) -> None:
    whole = p.with_length()
    await p.send(whole[: -len(p.answer.body) // 2])
    p.writer.close()


@fault(CUT, "error", but={"streams": "either"})
async def cut_before_the_last_bytes(p: Played) -> None:
    """A stream may have had all that matters."""
    await p.send(p.with_length()[:-40])
    p.writer.close()


@fault(CUT, "error", but={"download": "either"})
async def cut_without_a_length(p: Played) -> None:
    """What a download of no known length cannot notice."""
    await p.send(p.head() + p.answer.body[: len(p.answer.body) // 2])
    p.writer.close()


@fault(CUT, "error", short=True)
async def reset_in_the_body(p: Played) -> None:
    await p.send(p.with_length()[: -len(p.answer.body) // 2])
    p.reset()


@fault(CUT, "error")
async def reset_before_the_status(p: Played) -> None:
    p.reset()


@fault(CUT, "error", but={"streams": "either"}, timeout_s=STALL_S)
async def a_length_too_long(p: Played) -> None:
    await p.send(p.head(f"content-length: {len(p.answer.body) + 9}") + p.answer.body)
    p.writer.close()


@fault(CUT, "error", but={"download": "either"})
async def a_length_too_short(p: Played) -> None:
    body = p.answer.body
    await p.send(p.head(f"content-length: {len(body) // 2}") + body)
    p.writer.close()


for _name, _length in {
    "a negative length": "content-length: -5",
    "a length that is text": "content-length: many",
    "two lengths": "content-length: 5\r\ncontent-length: 6",
}.items():

    @fault(CUT, "error", name=_name)
    async def _odd_length(p: Played, line: str = _length) -> None:
        await p.send(p.head(line) + p.answer.body)
        p.writer.close()


@fault(CUT, "either")
async def a_length_and_chunks(p: Played) -> None:
    await p.send(p.head("content-length: 7", CHUNKED) + p.in_chunks())


@fault(CUT, "error")
async def a_chunk_of_no_number(p: Played) -> None:
    await p.send(p.head(CHUNKED) + b"zz\r\n" + p.answer.body)
    p.writer.close()


@fault(CUT, "error")
async def a_chunk_that_is_huge(p: Played) -> None:
    await p.send(p.head(CHUNKED) + b"f" * 30 + b"\r\n" + p.answer.body)
    p.writer.close()


@fault(CUT, "error", but={"streams": "either"})
async def chunks_without_an_end(p: Played) -> None:
    await p.send(p.head(CHUNKED) + p.in_chunks()[:-5])
    p.writer.close()


@fault(CUT, "error", short=True)
async def compression_that_is_cut_off(p: Played) -> None:
    packed = gzip.compress(p.answer.body)
    await p.send(p.with_length(packed[: len(packed) // 2], GZIP))


# ------------------------------------------------------------------------- stalls


@fault(STALL, "error", timeout_s=STALL_S, short=True)
async def silence(p: Played) -> None:
    await p.hang()


@fault(STALL, "error", timeout_s=STALL_S)
async def silence_in_the_headers(p: Played) -> None:
    await p.send(b"HTTP/1.1 200 OK\r\ncontent-")
    await p.hang()


@fault(STALL, "error", timeout_s=STALL_S)
async def silence_behind_the_headers(p: Played) -> None:
    await p.send(p.head(f"content-length: {len(p.answer.body)}"))
    await p.hang()


@fault(STALL, "error", timeout_s=STALL_S, short=True)
async def silence_in_the_body(p: Played) -> None:
    await p.send(p.with_length()[: -len(p.answer.body) // 2])
    await p.hang()


@fault(STALL, "error", but={"streams": "either"}, timeout_s=STALL_S)
async def silence_before_the_end(p: Played) -> None:
    """A stream has had its end mark; all else lacks nine bytes."""
    await p.send(p.head(f"content-length: {len(p.answer.body) + 9}") + p.answer.body)
    await p.hang()


# ------------------------------------------------------------------------- trickles


for _name, (_begin, _piece) in {
    "header lines that trickle": (b"HTTP/1.1 200 OK\r\n", b"x-more: 1\r\n"),
    "bytes of a header that trickle": (b"HTTP/1.1 200 OK\r\nx-more: ", b"1"),
    "interim answers that trickle": (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
}.items():

    @fault(TRICKLE, "error", timeout_s=STALL_S, name=_name, short="interim" in _name)
    async def _trickles(p: Played, begin: bytes = _begin, piece: bytes = _piece) -> None:
        await p.send(begin)
        await p.send_for_ever(piece, 0.1)


@fault(TRICKLE, "error", timeout_s=STALL_S, but={"download": "either"})
async def white_space_that_trickles(p: Played) -> None:
    """A download that goes on, however slowly, goes on."""
    await p.send(p.head(CHUNKED, kind="application/json"))
    await p.send_for_ever(chunked(b" "), 0.1)


@fault(TRICKLE, "error", timeout_s=STALL_S, but={"download": "either"})
async def comments_that_trickle(p: Played) -> None:
    await p.send(p.head(CHUNKED))
    await p.send_for_ever(chunked(b": OPENROUTER PROCESSING\n\n"), 0.1)


@fault(TRICKLE, "error", timeout_s=STALL_S, but={"streams": "right", "download": "either"})
async def comments_behind_the_answer(p: Played) -> None:
    await p.send(p.head(CHUNKED) + p.in_chunks()[:-5])
    await p.send_for_ever(chunked(b": more\n\n"), 0.1)


@fault(TRICKLE, "error", timeout_s=STALL_S, short=True)
async def an_error_that_trickles(p: Played) -> None:
    await p.send(p.head("content-length: 9999", status="502 No", kind="text/html"))
    await p.send_for_ever(b"x", 0.1)


@fault(TRICKLE, "error", timeout_s=STALL_S, but={"file": "either"})
async def a_page_that_trickles(p: Played) -> None:
    await p.send(p.head("content-length: 9999", kind="text/html"))
    await p.send_for_ever(b"x", 0.1)


@fault(TRICKLE, "error", timeout_s=STALL_S, but={"download": "either"})
async def empty_blocks_of_gzip(p: Played) -> None:
    packer = zlib.compressobj(wbits=31)
    await p.send(p.head(CHUNKED, GZIP) + chunked(packer.flush(zlib.Z_FULL_FLUSH)))
    await p.send_for_ever(chunked(packer.flush(zlib.Z_FULL_FLUSH) or b"\0\0\0\xff\xff"), 0.1)


# ------------------------------------------------------------------------- endless and huge

MEGABYTE = b"x" * 2**20


@fault(ENDLESS, "error", timeout_s=STALL_S)
async def headers_without_end(p: Played) -> None:
    await p.send(b"HTTP/1.1 200 OK\r\n")
    await p.send_for_ever(b"x-more: " + b"v" * 8000 + b"\r\n", 0.001)


@fault(ENDLESS, "error", timeout_s=STALL_S)
async def interim_answers_without_end(p: Played) -> None:
    await p.send_for_ever(b"HTTP/1.1 102 Processing\r\n\r\n" * 100, 0.001)


@fault(ENDLESS, "error", timeout_s=STALL_S, large=True, but={"download": "either"})
async def a_body_without_end(p: Played) -> None:
    await p.send(p.head() + b"[")
    if p.answer.kind == "application/json" or p.answer.is_stream:
        await p.send_for_ever(MEGABYTE, 0.002)
    await p.send(*[MEGABYTE] * 50)  # a download of any size is what the user asked for
    p.writer.close()


@fault(ENDLESS, "error", timeout_s=STALL_S, but={"download": "either"})
async def comments_without_end(p: Played) -> None:
    await p.send(p.head(CHUNKED))
    await p.send_for_ever(chunked(b": comment\n\n" * 500), 0.002)


@fault(ENDLESS, "error", timeout_s=3.0, large=True)
async def an_error_without_end(p: Played) -> None:
    await p.send(p.head(status="502 No", kind="text/html"))
    await p.send_for_ever(MEGABYTE, 0.002)


@fault(ENDLESS, "right", large=True, timeout_s=30.0, but={"wait": "either"})
async def a_hundred_megabytes_before_it(p: Played) -> None:
    """White space before JSON, a comment of one line before events."""
    body = p.answer.body
    if p.answer.is_stream:
        await p.send(p.head("connection: close"), b":", *[MEGABYTE] * 100, b"\n\n", body)
    elif p.answer.kind == "application/json":
        await p.send(p.head("connection: close"), *[b" " * 2**20] * 100, body)
    else:
        await p.send(p.with_length())
    p.writer.close()


@cache
def _bomb() -> bytes:
    """Made where it is sent: it takes a second."""
    return gzip.compress(b" " * 300_000_000, 9)


@fault(ENDLESS, "error", large=True, timeout_s=30.0, short=True)
async def a_gzip_bomb(p: Played) -> None:
    await p.send(p.with_length(_bomb(), GZIP))


@fault(ENDLESS, "error", large=True, timeout_s=30.0)
async def a_gzip_bomb_as_an_error(p: Played) -> None:
    head = p.head(GZIP, f"content-length: {len(_bomb())}", status="502 No", kind="text/html")
    await p.send(head + _bomb())
