"""Failures that arrive inside a 200: in the body, in a choice, in a stream. None of them is charged.

On an answer that is not streamed, the mid-stream faults put the error into the choice.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from openrouter_emulator.faults._fault import (
    Fault,
    before_share,
    choice_of,
    error_of,
    events,
    failed,
    head_of,
)
from openrouter_emulator.planned_response import DONE, JsonObject, Part, PlannedResponse

_METADATA: JsonObject = {"error_type": "provider_unavailable", "provider_code": "overloaded_error"}


def error_in_200(code: int = 502) -> Fault:
    """200 whose body is only an error; a stream of one such event, without `[DONE]`."""
    metadata = {"provider_name": "DeepInfra", "raw": "upstream request failed"}
    body = {
        "error": error_of(code, "Provider returned error", metadata=metadata),
        "user_id": "user_emulator",
    }
    return Fault("error_in_200", lambda planned: failed(planned, parts=[body]))


def error_in_choice(code: int = 502) -> Fault:
    """200 with part of the text, and the error inside `choices[0]`, finish reason null."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        return _choice_error(planned, code, finish=None)

    return Fault("error_in_choice", rewrite)


def _choice_error(
    planned: PlannedResponse, code: int | str, *, finish: str | None
) -> PlannedResponse:
    metadata = {"provider_name": "Nebius", "raw": {"retryable": True}}
    error = error_of(code, "Error processing stream", metadata=metadata)
    kept: list[Part] = before_share(planned, 0.5) if planned.streamed else []
    last: Any = deepcopy(planned.parts[events(planned)[-1]])
    choice = choice_of(last) or {}
    if message := choice.get("message"):
        text = message.get("content") or ""
        message["content"] = text[: len(text) // 2]
    choice.update(error=error, finish_reason=finish, native_finish_reason=None)
    last["choices"] = [choice]
    _zero_cost(last)
    return failed(planned, parts=[*kept, last, *([DONE] if planned.streamed else [])])


def _zero_cost(part: JsonObject) -> None:
    """A failed call is free, and its usage says so."""
    if part.get("usage"):
        part["usage"] = {**part["usage"], "cost": 0}


def midstream_error(code: int | str = 502, after: float = 0.5) -> Fault:
    """The documented form: an event with `error` beside choices whose finish reason is "error"."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        if not planned.streamed:
            return _choice_error(planned, code, finish="error")
        choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
        error = error_of(code, "Provider disconnected unexpectedly", metadata=_METADATA)
        event = {**head_of(planned), "error": error, "choices": [choice]}
        return failed(planned, parts=[*before_share(planned, after), event])

    return Fault("midstream_error", rewrite)


def midstream_error_beside(code: int = 400) -> Fault:
    """A recorded form: after the finish chunk, an ordinary chunk with `error`, choices and usage, `[DONE]`."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        if not planned.streamed:
            return _choice_error(planned, code, finish=None)
        last: Any = deepcopy(planned.parts[events(planned)[-1]])
        delta = {"role": "assistant", "content": ""}
        last["choices"] = [
            {"index": 0, "delta": delta, "finish_reason": None, "native_finish_reason": None}
        ]
        last["error"] = error_of(code, "Token limit reached")
        _zero_cost(last)
        finish = planned.parts[events(planned)[-2]]
        return failed(planned, parts=[*before_share(planned, 1.0), finish, last, DONE])

    return Fault("midstream_error_beside", rewrite)


def midstream_error_alone(code: int = 502, after: float = 0.0) -> Fault:
    """The other recorded form: an event with only `error` and `user_id`, then the end, no `[DONE]`."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        if not planned.streamed:
            return _choice_error(planned, code, finish=None)
        metadata = {"provider_name": "Venice", "raw": "upstream error"}
        event = {
            "error": error_of(code, "Provider returned error", metadata=metadata),
            "user_id": "user_emulator",
        }
        return failed(planned, parts=[*before_share(planned, after), event])

    return Fault("midstream_error_alone", rewrite)


def midstream_error_no_choices(code: int = 502, after: float = 0.5) -> Fault:
    """An event with `error` and `choices: []`, then `[DONE]`."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        if not planned.streamed:
            return _choice_error(planned, code, finish=None)
        error = error_of(code, "Provider returned error", metadata=_METADATA)
        event = {**head_of(planned), "choices": [], "error": error}
        return failed(planned, parts=[*before_share(planned, after), event, DONE])

    return Fault("midstream_error_no_choices", rewrite)


def midstream_rate_limit(after: float = 0.5) -> Fault:
    """A 429 inside a stream, with the reset in milliseconds in its metadata."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        if not planned.streamed:
            return _choice_error(planned, 429, finish="error")
        quoted = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1900000000000"}
        metadata = {"headers": quoted, "provider_name": None, "error_type": "rate_limit_exceeded"}
        choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
        error = error_of(429, "Rate limit exceeded", metadata=metadata)
        event = {**head_of(planned), "error": error, "choices": [choice]}
        return failed(planned, parts=[*before_share(planned, after), event, DONE])

    return Fault("midstream_rate_limit", rewrite)


def finish_error() -> Fault:
    """Finish reason "error" on the choice and no error object, as Gemini's malformed function calls."""

    def rewrite(planned: PlannedResponse) -> PlannedResponse:
        changed = deepcopy(planned)
        for at in events(planned):
            choice = choice_of(changed.parts[at])  # type: ignore[arg-type]  # events() are objects
            if choice is not None and choice.get("finish_reason"):
                choice["finish_reason"] = "error"
                choice["native_finish_reason"] = "MALFORMED_FUNCTION_CALL"
        return changed.replace(closing=planned.closing.as_failed() if planned.closing else None)

    return Fault("finish_error", rewrite)
