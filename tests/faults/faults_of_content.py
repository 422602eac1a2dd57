"""Faults of what is said: other content than was asked for, odd errors and statuses, events out of order."""

from __future__ import annotations

import json

from tests.faults.playing import CHUNKED, Play, Played, chunked, fault

CONTENT, ENCODING, STATUS, HEADER, ERROR, EVENT, REDIRECT = (
    "other content or type",
    "encoding",
    "status or protocol",
    "header",
    "error body",
    "event",
    "redirect",
)
DEEP = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
REFUSED = b'{"error":{"code":402,"message":"No credit."}}'
PAGE = b"<html><head><style>p{}</style></head><body>Sign in</body></html>"


def _says(body: bytes, kind: str | None = None, *lines: str) -> Play:
    async def play(p: Played) -> None:
        await p.send(p.with_length(body, *lines, kind=kind))

    return play


# ------------------------------------------------------------------------- other content

_HTML, _JSON, _SSE = "text/html; charset=utf-8", "application/json", "text/event-stream"
for _name, _body, _kind, _but in (
    ("a login page", PAGE, _HTML, {"file": "either"}),
    ("a login page without a type", PAGE, "", {"download": "either"}),
    ("a login page as the right type", PAGE, None, {"download": "either"}),
    ("an error inside a 200", REFUSED, _JSON, {"file": "either"}),
    ("an empty body", b"", None, {"file": "either"}),
    ("plain text", b"Service is starting.", "text/plain", {"download": "either"}),
    ("JSON null", b"null", _JSON, {"file": "either"}),
    ("a JSON list", b"[1, 2]", _JSON, {"file": "either"}),
    ("a JSON number", b"5", _JSON, {"file": "either"}),
    ("an empty object", b"{}", _JSON, {"file": "either"}),
    ("JSON in UTF-16", '{"a": 1}'.encode("utf-16"), _JSON, {"file": "either"}),
    ("bytes that are not UTF-8", b'{"a": "\xff\xfe"}', _JSON, {"file": "either"}),
    ("deep JSON", DEEP, _JSON, {"file": "either"}),
    ("deep JSON with half a character", b'{"b":"\\ud800",' + DEEP[1:], _JSON, {"file": "either"}),
):
    fault(
        CONTENT,
        "error",
        name=_name,
        but=_but,  # type: ignore[arg-type]
        short=_name in {"a login page", "deep JSON", "an error inside a 200"},
    )(_says(_body, _kind))


@fault(CONTENT, "either")
async def events_for_what_is_not_streamed(p: Played) -> None:
    body = p.answer.body if p.answer.is_stream else b"data: " + p.answer.body[:50] + b"\n\n"
    await p.send(p.with_length(body, kind=_SSE))


@fault(CONTENT, "either")
async def another_type_on_the_right_body(p: Played) -> None:
    await p.send(p.with_length(kind="application/octet-stream"))


@fault(CONTENT, "right")
async def white_space_before_it(p: Played) -> None:
    padding = b"\n \n" if p.answer.kind == _JSON else b": \n\n" if p.answer.is_stream else b""
    await p.send(p.with_length(padding + p.answer.body))


# ------------------------------------------------------------------------- encodings

for _name, _encoding in {
    "brotli that nobody asked for": "br",
    "gzip that is none": "gzip",
    "gzip twice that is none": "gzip, gzip",
    "an unknown encoding": "foo",
}.items():

    @fault(
        ENCODING,
        "either" if "unknown" in _name or "brotli" in _name else "error",
        name=_name,
        but={"download": "error"},
    )
    async def _encoded(p: Played, encoding: str = _encoding) -> None:
        await p.send(p.with_length(None, f"content-encoding: {encoding}"))


# ------------------------------------------------------------------------- statuses and protocols

_REFUSALS = (400, 401, 402, 403, 404, 408, 409, 410, 413, 418, 422, 429, 500, 502, 503, 504, 520)
for _status in (*_REFUSALS, 529, 600, 999, 304, 300, 204, 205):

    @fault(STATUS, "error", name=f"status {_status}", short=_status in {402, 429, 503})
    async def _refuses(p: Played, status: int = _status) -> None:
        body = json.dumps({"error": {"code": status, "message": "No."}}).encode()
        if status in {204, 205, 304}:
            body = b""
        length = f"content-length: {len(body)}"
        await p.send(p.head(length, status=f"{status} X", kind=_JSON) + body)


for _name, _bytes in {
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "HTTP 0.9": b"<html>hello</html>",
    "HTTP 2": b"HTTP/2 200\r\ncontent-length: 2\r\n\r\n{}",
    "ICY": b"ICY 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    "a status that is text": b"HTTP/1.1 abc OK\r\ncontent-length: 2\r\n\r\n{}",
    "switching protocols": b"HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "zeros": b"\0" * 500,
    "an alert of TLS": b"\x15\x03\x01\x00\x02\x02\x46",
}.items():

    @fault(STATUS, "error", name=_name, timeout_s=2.0)
    async def _speaks(p: Played, body: bytes = _bytes) -> None:
        await p.send(body)
        p.writer.close()


# ------------------------------------------------------------------------- headers

for _name, _line, _wanted in (
    ("a header with NUL", "x-a: a\0b", "either"),
    ("a folded header", "x-a: a\r\n b", "either"),
    ("a header of 60 kB", "x-a: " + "v" * 60_000, "either"),
    ("a header of a megabyte", "x-a: " + "v" * 1_000_000, "error"),
    ("a header that is not ASCII", "x-a: h\u00e9\u4e2d", "either"),
    ("a header without a colon", "nonsense", "error"),
    ("two content types", "content-type: text/html", "either"),
    ("a generation id of a megabyte's worth", "x-generation-id: " + "g" * 50_000, "right"),
):

    @fault(HEADER, _wanted, name=_name)  # type: ignore[arg-type]
    async def _odd_header(p: Played, line: str = _line) -> None:
        await p.send(p.with_length(None, line))


for _wait in (
    "Wed, 21 Oct 2015 07:28:00 +999999999999999999999",
    "-5",
    "1e400",
    "soon",
    "31536000",
):

    @fault(HEADER, "error", name=f"Retry-After {_wait[:30]}")
    async def _asks_to_wait(p: Played, wait: str = _wait) -> None:
        lines = (f"content-length: {len(REFUSED)}", f"retry-after: {wait}")
        await p.send(p.head(*lines, status="429 X", kind=_JSON) + REFUSED)


# ------------------------------------------------------------------------- error bodies

_raw_deep = json.dumps({"error": {"code": 502, "metadata": {"raw": DEEP.decode()}}}).encode()
for _name, _body in {
    "deep error": b'{"error":' + DEEP + b"}",
    "deep error with half a character": b'{"error":{"message":"\\ud800","x":' + DEEP + b"}}",
    "deep text of a provider": _raw_deep,
    "an error code that is a superscript": b'{"error":{"code":"\xc2\xb2"}}',
    "an error code of 5,000 digits": b'{"error":{"code":"' + b"4" * 5000 + b'"}}',
    "a huge error code": b'{"error":{"code":' + b"4" * 4000 + b"}}",
    "a list as an error": b'{"error":[1]}',
    "a text as an error": b'{"error":"no"}',
    "null as an error": b'{"error":null,"id":5}',
    "an error of odd leaves": b'{"error":{"code":{},"message":[],"metadata":"x","type":5}}',
    "odd metadata": b'{"error":{"metadata":{"headers":[1],"raw":[2],"reasons":{},"error_type":1}}}',
    "a page of styles": b"<style>" * 30_000,
    "a page of open tags": b"<" * 200_000,
}.items():
    for _as in ("502", "200"):
        if _as == "200" and not _body.startswith(b'{"error"'):
            continue

        @fault(
            ERROR,
            "error" if _as == "502" or b"null" not in _body else "either",
            name=f"{_name} ({_as})",
            but={"file": "either"} if _as == "200" else {},
            short=_as == "502" and _name in {"a page of styles", "deep text of a provider"},
        )
        async def _says_why(p: Played, body: bytes = _body, status: str = _as) -> None:
            kind = _JSON if body.startswith(b"{") else _HTML
            length = f"content-length: {len(body)}"
            await p.send(p.head(length, status=f"{status} X", kind=kind) + body)


# ------------------------------------------------------------------------- redirects

for _name, _status, _to in (
    ("a redirect to itself", 307, ""),
    ("a redirect to itself by GET", 302, ""),
    ("a redirect to another host", 307, "http://127.0.0.2:9/x"),
    ("a redirect to a file", 301, "file:///etc/passwd"),
    ("a redirect to nonsense", 302, "http://[x"),
    ("a redirect to nowhere", 308, "\0"),
):

    @fault(REDIRECT, "error", name=_name)
    async def _redirects(p: Played, status: int = _status, to: str = _to) -> None:
        lines = (f"location: {to or '?'}", "content-length: 0")
        await p.send(p.head(*lines, status=f"{status} X"))


# ------------------------------------------------------------------------- events


def _events(*, change: str) -> Play:
    async def play(p: Played) -> None:
        events = list(p.answer.events)
        if not events:
            await p.send(p.with_length())
            return
        middle = len(events) // 2
        if change == "repeated":
            events[1:1] = events[:1]
        elif change == "swapped":
            events[middle], events[middle - 1] = events[middle - 1], events[middle]
        else:
            events[middle:middle] = [b"data: " + change.encode() + b"\n\n"]
        await p.send(p.head(CHUNKED) + p.in_chunks(events))

    return play


_NOT_STREAMED = {"streams": "either"}
for _name, _change, _wanted in (
    ("the first event twice", "repeated", "either"),
    ("two events swapped", "swapped", "either"),
    ("an event that is not JSON", "{oops", "error"),
    ("an event that is a list", "[1]", "error"),
    ("an event of odd leaves", '{"choices":[{"delta":5,"index":{}}],"type":[],"x":1}', "either"),
    ("an event of null", "null", "error"),
    ("an unknown event", '{"type":"tomorrow","data_of":"x"}', "right"),
    ("an empty event", "", "right"),
    ("a deep event", DEEP.decode(), "error"),
    ("an error in the stream", '{"error":{"code":502,"message":"no"}}', "error"),
):
    _which = {"streams": _wanted}
    fault(EVENT, "right", name=_name, but=_which)(_events(change=_change))  # type: ignore[arg-type]


@fault(EVENT, "right", but={"streams": "right"}, short=True)
async def comments_and_carriage_returns(p: Played) -> None:
    body = p.answer.body
    if p.answer.is_stream:
        body = b"\xef\xbb\xbf: hello\r\n\r\nretry: 5\r\nid: 1\r\n" + body.replace(b"\n", b"\r\n")
    await p.send(p.with_length(body))


@fault(EVENT, "right", but={"streams": "right"})
async def no_end_mark(p: Played) -> None:
    events = [event for event in p.answer.events if b"[DONE]" not in event]
    await p.send(p.head(CHUNKED) + p.in_chunks(events or None))


@fault(EVENT, "right", but={"streams": "right"})
async def all_events_in_one_packet_cut_anywhere(p: Played) -> None:
    body = p.answer.body
    pieces = [chunked(body[at : at + 7]) for at in range(0, min(len(body), 3000), 7)]
    await p.send(
        p.head(CHUNKED), *pieces, (chunked(body[3003:]) if body[3003:] else b"") + b"0\r\n\r\n"
    )
