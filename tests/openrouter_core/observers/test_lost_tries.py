"""Tries that were lost are known by the generation that came after them, without what they hold."""

from __future__ import annotations

import pytest

from openrouter_core.errors import ConnectionFailedError, OpenRouterError, RateLimitError, classify
from openrouter_core.observers import lost_tries
from openrouter_core.observers.lost_tries import collecting, lost_tries_of, note, remember

LOST = ConnectionFailedError("The connection broke.", was_sent=True)


def test_what_may_be_billed_is_known_by_the_generation_that_came_after():
    with collecting():
        note(LOST)
        note(RateLimitError("Slow down."))  # was refused
        note(ConnectionFailedError("Nobody there.", was_sent=False))
        note(classify(502, {"error": {"code": 502, "message": "Bad."}}))
        remember("gen-lost-1")
    remember("gen-lost-2")  # of another call

    (one,) = lost_tries_of("gen-lost-1")
    assert (one.error, one.generation_id, one.is_refused) == ("ConnectionFailedError", None, False)
    assert lost_tries_of("gen-lost-2") == ()


@pytest.mark.parametrize(("status", "is_refused"), [(502, False), (403, True)])
def test_a_try_with_a_generation_is_refused_by_its_status(status: int, is_refused: bool):
    error = classify(status, {"error": {"code": status, "message": "No."}})
    error.generation_id = "gen-lost-3"
    with collecting():
        note(error)
        remember("gen-lost-4")

    assert [one.is_refused for one in lost_tries_of("gen-lost-4")] == [is_refused]


def test_an_error_carries_the_tries_before_it():
    def failing() -> None:
        with collecting():
            note(LOST)
            raise RateLimitError("Slow down.")

    with pytest.raises(OpenRouterError) as caught:
        failing()
    assert [one.error for one in lost_tries_of("", caught.value)] == ["ConnectionFailedError"]


def test_the_memory_is_bounded():
    with collecting():
        note(LOST)
        for n in range(lost_tries._REMEMBERED + 1):
            remember(f"gen-many-{n}")

    assert lost_tries_of("gen-many-0") == ()
    assert len(lost_tries_of("gen-many-1")) == 1
