"""What the Batch API engine of a job makes of answers, without a framework."""

from __future__ import annotations

import pytest

from openrouter_core.bulk.offline import _was_not_taken
from openrouter_core.errors import (
    ConnectionFailedError,
    OpenRouterError,
    classify,
)


def _status(code: int) -> OpenRouterError:
    return classify(code, {"error": {"code": code, "message": "No."}})


@pytest.mark.parametrize(
    ("error", "is_certain"),
    [
        (_status(400), True),
        (_status(402), True),
        (_status(429), True),
        (_status(408), False),
        (_status(499), False),
        (_status(500), False),
        (_status(524), False),
        (ConnectionFailedError("No.", was_sent=False), True),
        (ConnectionFailedError("No.", was_sent=True), False),
    ],
    ids=lambda value: str(getattr(value, "status_code", None) or value),
)
def test_a_batch_is_given_back_only_when_it_was_certainly_not_begun(
    error: OpenRouterError, is_certain: bool
):
    assert _was_not_taken(error) is is_certain
