"""The recordings as test cases, and the marks that every column uses. One skipped case without any."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .expected_answers import Answer, Failure, read
from .recordings import ABSENT, Recording, load_all

_absent = pytest.param(None, id="absent", marks=pytest.mark.skip(reason=ABSENT))


def over(wanted: Callable[[Recording], object]) -> pytest.MarkDecorator:
    """Run a test once for each recording that is wanted."""
    params = [pytest.param(r, id=r.id) for r in load_all() if wanted(r)]
    return pytest.mark.parametrize("recording", params or [_absent])


def over_all(wanted: Callable[[Recording], object]) -> pytest.MarkDecorator:
    """Run a test once, with the list of the recordings that are wanted."""
    wanted_ones = [r for r in load_all() if wanted(r)]
    params = [pytest.param(wanted_ones, id="all")] if wanted_ones else [_absent]
    return pytest.mark.parametrize("recordings", params)


def _fails(recording: Recording) -> bool:
    return isinstance(read(recording), Failure)


def _has_a_next_turn(recording: Recording) -> bool:
    """Whether the answer holds what the next request must repeat exactly."""
    expected = read(recording)
    return isinstance(expected, Answer) and (
        expected.reasoning_details is not None
        or bool(expected.tool_calls or expected.invalid_tool_calls)
    )


def _thinks(recording: Recording) -> bool:
    expected = read(recording)
    return isinstance(expected, Answer) and expected.reasoning_details is not None


over_answers = over(lambda r: r.is_chat and not _fails(r))
over_streamed_answers = over(lambda r: r.is_chat and r.is_streamed and not _fails(r))
over_failures = over(lambda r: r.is_chat and _fails(r))
over_next_turns = over(lambda r: r.is_chat and _has_a_next_turn(r))
over_streamed_next_turns = over(lambda r: r.is_chat and r.is_streamed and _has_a_next_turn(r))
over_thoughts = over(lambda r: r.is_chat and _thinks(r))
over_all_next_turns = over_all(lambda r: r.is_chat and _has_a_next_turn(r))
one_loop = pytest.mark.asyncio(loop_scope="session")
