"""Failures of the transport: stalls, cut connections, bodies that are empty, cut, late or padded.

`after` is the share of the answer's events (0 to 1) that arrives before the trouble begins.
"""

from __future__ import annotations

from openrouter_emulator.faults._fault import Fault, before_share
from openrouter_emulator.planned_response import COMMENT, Cut, Part, Pause, PlannedResponse

_PADDING = b"\n         \n"


def stall_silent(after: float = 0.5) -> Fault:
    """Send part of a stream, then nothing, with the connection open. Plain answers never begin."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        before = before_share(planned, after) if planned.streamed else []
        return planned.replace(parts=[*before, Pause()])

    return Fault("stall_silent", rewrite)


def stall_comments(after: float = 0.5, *, every_s: float = 0.05) -> Fault:
    """Send part of a stream, then keep-alive comments for ever. Plain answers get padding for ever."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        if not planned.streamed:
            return planned.replace(parts=[_PADDING, Pause(filler=_PADDING, every_s=every_s)])
        stall = Pause(filler=COMMENT, every_s=every_s)
        return planned.replace(parts=[*before_share(planned, after), stall])

    return Fault("stall_comments", rewrite)


def slow_first_event(seconds: float = 1.0) -> Fault:
    """Headers and one comment at once, the first event late."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        lead: list[Part] = [COMMENT] if planned.streamed else []
        return planned.replace(parts=[*lead, Pause(seconds), *planned.parts])

    return Fault("slow_first_event", rewrite)


def slow_gap(seconds: float = 1.0, after: float = 0.5) -> Fault:
    """A silence in the middle of a stream, after which it goes on."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        before = before_share(planned, after)
        return planned.replace(parts=[*before, Pause(seconds), *planned.parts[len(before) :]])

    return Fault("slow_gap", rewrite)


def cut_before_headers() -> Fault:
    """Close the connection without any answer. Nothing ran, nothing is charged."""
    return Fault("cut_before_headers", lambda _draft: PlannedResponse([Cut()]), preempts=True)


def cut_midstream(after: float = 0.5) -> Fault:
    """Close the connection between two events; plain answers are cut in their JSON."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        if not planned.streamed:
            return _cut_body(planned)
        return planned.replace(parts=[*before_share(planned, after), Cut()])

    return Fault("cut_midstream", rewrite)


def cut_mid_event(after: float = 0.5) -> Fault:
    """Close the connection inside an event, half of its JSON sent."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        if not planned.streamed:
            return _cut_body(planned)
        before = before_share(planned, after)
        return planned.replace(parts=[*before, *_half(planned, len(before)), Cut()])

    return Fault("cut_mid_event", rewrite)


def _half(planned: PlannedResponse, at: int) -> list[Part]:
    part = planned.parts[at] if at < len(planned.parts) else b""
    if isinstance(part, Pause | Cut):
        return []
    whole = planned.frame(part)
    return [whole[: len(whole) // 2]]


def _cut_body(planned: PlannedResponse) -> PlannedResponse:
    part = planned.parts[0]
    assert not isinstance(part, Pause | Cut)
    whole = planned.frame(part)
    return planned.replace(parts=[whole[: len(whole) // 2], Cut()], declared_length=len(whole))


def cut_in_body() -> Fault:
    """Announce the full length of a JSON body, send half of it and close the connection."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        if planned.streamed:
            return planned.replace(parts=[*before_share(planned, 0.5), Cut()])
        return _cut_body(planned)

    return Fault("cut_in_body", rewrite)


def truncated_json() -> Fault:
    """A complete HTTP answer whose JSON stops half-way."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        body = b"".join(planned.frame(p) for p in planned.parts if not isinstance(p, Pause | Cut))
        kind = planned.content_type or ("text/event-stream" if planned.streamed else None)
        return planned.replace(parts=[body[: len(body) // 2]], streamed=False, content_type=kind)

    return Fault("truncated_json", rewrite)


def empty_body() -> Fault:
    """200 with nothing in it."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        kind = "text/event-stream" if planned.streamed else "application/json"
        return planned.replace(parts=[b""], streamed=False, content_type=kind)

    return Fault("empty_body", rewrite)


def padded_body() -> Fault:
    """Whitespace before the JSON, sent while the answer is worked on. Streams get comments."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        padding = COMMENT if planned.streamed else _PADDING
        return planned.replace(parts=[padding, padding, Pause(0.01), padding, *planned.parts])

    return Fault("padded_body", rewrite)


def torn_bytes(size: int = 7) -> Fault:
    """The same bytes, but in writes of a few bytes that split lines, events and characters."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        body = b"".join(planned.frame(p) for p in planned.parts if not isinstance(p, Pause | Cut))
        parts: list[Part] = []
        for at in range(0, len(body), size):
            parts += [body[at : at + size], Pause(0.0)]
        return planned.replace(
            parts=parts, content_type="text/event-stream" if planned.streamed else None
        )

    return Fault("torn_bytes", rewrite)


def no_done() -> Fault:
    """A complete stream without `[DONE]`."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        kept = [p for p in planned.parts if not (isinstance(p, bytes) and b"[DONE]" in p)]
        return planned.replace(parts=kept)

    return Fault("no_done", rewrite)


def eof_without_finish(after: float = 0.5) -> Fault:
    """A stream that ends early and cleanly: no finish chunk, no usage, no `[DONE]`."""
    return Fault(
        "eof_without_finish", lambda planned: planned.replace(parts=before_share(planned, after))
    )
