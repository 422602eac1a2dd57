"""Decisions: typed questions about a state, and their answers. Read by `resources/decisions.py`.

Two endpoints speak this shape: the decisions call and System One.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict

from openrouter_core.wire._base import JsonValue, WireModel
from openrouter_core.wire._fields import Usd

Described = str | Mapping[str, object] | Sequence[object]
"""Text, or JSON that describes the same."""


class Question(TypedDict, total=False):
    """One question; its `type` says which of the other fields it needs."""

    type: Required[Literal["noul", "choice", "score", "box"] | str]
    """"noul" asks yes or no, "choice" for one of several, "score" for a grade, "box" for a place."""
    instructions: Required[Described]
    criteria: Described | None
    """For "noul" {"true": ..., "false": ...}; for "choice" by answer; for "score" from worst to best."""


class Box(WireModel):
    """A rectangle in a picture."""

    left: float | None = None
    top: float | None = None
    right: float | None = None
    bottom: float | None = None


class Answer(WireModel):
    """One answer; which fields are set depends on `type`."""

    type: Literal["noul", "choice", "score", "box"] | str | None = None
    noul: float | None = None
    """How true it is, 0 to 1."""
    choice: str | None = None
    score: float | None = None
    box: Box | None = None
    confidence: float | None = None
    """0 to 1."""
    probabilities: dict[str, float] | None = None
    legend: dict[str, JsonValue] | None = None
    """What each grade means."""


class DecisionUsage(WireModel):
    """What it took."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Usd | None = None


class Decisions(WireModel):
    """The answers, by the names of the questions."""

    answers: dict[str, Answer]
    id: str | None = None
    model: str | None = None
    provider: str | None = None
    usage: DecisionUsage | None = None
