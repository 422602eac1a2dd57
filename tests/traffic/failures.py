"""Compares the error that a user meets with the failure that the wire reported."""

from __future__ import annotations

from typing import Any

import openrouter_core as core

from .expected_answers import Failure


def problems_of(expected: Failure, error: BaseException | None) -> list[str]:
    """Return what is wrong with the error; nothing when it says all that the wire said."""
    if error is None:
        return ["  no error was raised"]
    if not isinstance(error, core.OpenRouterError):
        return [f"  {type(error).__name__} is none of ours: {error}"]
    return [*_identity(expected, error), *_words(expected, error), *_partial(expected, error)]


def _identity(expected: Failure, error: Any) -> list[str]:
    typed = error.cause_error if expected.midstream else error
    wanted = getattr(core, expected.error_class)
    checks = [
        (isinstance(error, core.MidStreamError) == expected.midstream, "mid-stream", type(error)),
        (isinstance(typed, wanted), expected.error_class, type(typed)),
        (error.status_code == expected.status, expected.status, error.status_code),
        (error.code == expected.code, expected.code, error.code),
        (_provider_fits(expected, error), expected.provider, error.provider_name),
        (typed.raw == expected.body, "the body in .raw", typed.raw),
    ]
    return [f"  expected {wanted}, got {got}" for ok, wanted, got in checks if not ok]


def _provider_fits(expected: Failure, error: Any) -> bool:
    return expected.provider is None or error.provider_name == expected.provider


def _words(expected: Failure, error: Any) -> list[str]:
    message = str(error)
    return [
        f"  {sentence!r} is not in {message!r}"
        for sentence in expected.sentences
        if sentence not in message
    ]


def _partial(expected: Failure, error: Any) -> list[str]:
    before = expected.partial
    if before is None:
        return []
    return [
        f"  {name}: expected {wanted!r}, got {got!r}"
        for name, wanted, got in (
            ("partial_text", before.text, error.partial_text),
            ("generation_id", before.generation_id, error.generation_id),
        )
        if wanted != got
    ]
