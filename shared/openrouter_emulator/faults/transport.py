"""Failures of the transport: stalls, cut connections, bodies that are empty, cut, late or padded.

`after` is the share of the answer's events (0 to 1) that arrives before the trouble begins.
"""

from __future__ import annotations

from openrouter_emulator.drafts import COMMENT, Cut, Draft, Part, Pause
from openrouter_emulator.faults._fault import Fault, before_share

_PADDING = b"\n         \n"


def stall_silent(after: float = 0.5) -> Fault:
    """Send part of a stream, then nothing, with the connection open. Plain answers never begin."""

    def rewrite(draft: Draft) -> Draft:
        before = before_share(draft, after) if draft.streamed else []
        return draft.but(parts=[*before, Pause()])

    return Fault("stall_silent", rewrite)


def stall_comments(after: float = 0.5, *, every_s: float = 0.05) -> Fault:
    """Send part of a stream, then keep-alive comments for ever. Plain answers get padding for ever."""

    def rewrite(draft: Draft) -> Draft:
        if not draft.streamed:
            return draft.but(parts=[_PADDING, Pause(filler=_PADDING, every_s=every_s)])
        stall = Pause(filler=COMMENT, every_s=every_s)
        return draft.but(parts=[*before_share(draft, after), stall])

    return Fault("stall_comments", rewrite)


def slow_first_event(seconds: float = 1.0) -> Fault:
    """Headers and one comment at once, the first event late."""

    def rewrite(draft: Draft) -> Draft:
        lead: list[Part] = [COMMENT] if draft.streamed else []
        return draft.but(parts=[*lead, Pause(seconds), *draft.parts])

    return Fault("slow_first_event", rewrite)


def slow_gap(seconds: float = 1.0, after: float = 0.5) -> Fault:
    """A silence in the middle of a stream, after which it goes on."""

    def rewrite(draft: Draft) -> Draft:
        before = before_share(draft, after)
        return draft.but(parts=[*before, Pause(seconds), *draft.parts[len(before) :]])

    return Fault("slow_gap", rewrite)


def cut_before_headers() -> Fault:
    """Close the connection without any answer. Nothing ran, nothing is charged."""
    return Fault("cut_before_headers", lambda _draft: Draft([Cut()]), preempts=True)


def cut_midstream(after: float = 0.5) -> Fault:
    """Close the connection between two events; plain answers are cut in their JSON."""

    def rewrite(draft: Draft) -> Draft:
        if not draft.streamed:
            return _cut_body(draft)
        return draft.but(parts=[*before_share(draft, after), Cut()])

    return Fault("cut_midstream", rewrite)


def cut_mid_event(after: float = 0.5) -> Fault:
    """Close the connection inside an event, half of its JSON sent."""

    def rewrite(draft: Draft) -> Draft:
        if not draft.streamed:
            return _cut_body(draft)
        before = before_share(draft, after)
        return draft.but(parts=[*before, *_half(draft, len(before)), Cut()])

    return Fault("cut_mid_event", rewrite)


def _half(draft: Draft, at: int) -> list[Part]:
    part = draft.parts[at] if at < len(draft.parts) else b""
    if isinstance(part, Pause | Cut):
        return []
    whole = draft.frame(part)
    return [whole[: len(whole) // 2]]


def _cut_body(draft: Draft) -> Draft:
    part = draft.parts[0]
    assert not isinstance(part, Pause | Cut)
    whole = draft.frame(part)
    return draft.but(parts=[whole[: len(whole) // 2], Cut()], declared_length=len(whole))


def cut_in_body() -> Fault:
    """Announce the full length of a JSON body, send half of it and close the connection."""

    def rewrite(draft: Draft) -> Draft:
        if draft.streamed:
            return draft.but(parts=[*before_share(draft, 0.5), Cut()])
        return _cut_body(draft)

    return Fault("cut_in_body", rewrite)


def truncated_json() -> Fault:
    """A complete HTTP answer whose JSON stops half-way."""

    def rewrite(draft: Draft) -> Draft:
        body = b"".join(draft.frame(p) for p in draft.parts if not isinstance(p, Pause | Cut))
        kind = draft.content_type or ("text/event-stream" if draft.streamed else None)
        return draft.but(parts=[body[: len(body) // 2]], streamed=False, content_type=kind)

    return Fault("truncated_json", rewrite)


def empty_body() -> Fault:
    """200 with nothing in it."""

    def rewrite(draft: Draft) -> Draft:
        kind = "text/event-stream" if draft.streamed else "application/json"
        return draft.but(parts=[b""], streamed=False, content_type=kind)

    return Fault("empty_body", rewrite)


def padded_body() -> Fault:
    """Whitespace before the JSON, sent while the answer is worked on. Streams get comments."""

    def rewrite(draft: Draft) -> Draft:
        padding = COMMENT if draft.streamed else _PADDING
        return draft.but(parts=[padding, padding, Pause(0.01), padding, *draft.parts])

    return Fault("padded_body", rewrite)


def torn_bytes(size: int = 7) -> Fault:
    """The same bytes, but in writes of a few bytes that split lines, events and characters."""

    def rewrite(draft: Draft) -> Draft:
        body = b"".join(draft.frame(p) for p in draft.parts if not isinstance(p, Pause | Cut))
        parts: list[Part] = []
        for at in range(0, len(body), size):
            parts += [body[at : at + size], Pause(0.0)]
        return draft.but(parts=parts, content_type="text/event-stream" if draft.streamed else None)

    return Fault("torn_bytes", rewrite)


def no_done() -> Fault:
    """A complete stream without `[DONE]`."""

    def rewrite(draft: Draft) -> Draft:
        kept = [p for p in draft.parts if not (isinstance(p, bytes) and b"[DONE]" in p)]
        return draft.but(parts=kept)

    return Fault("no_done", rewrite)


def eof_without_finish(after: float = 0.5) -> Fault:
    """A stream that ends early and cleanly: no finish chunk, no usage, no `[DONE]`."""
    return Fault("eof_without_finish", lambda draft: draft.but(parts=before_share(draft, after)))
