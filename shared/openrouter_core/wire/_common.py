"""Answers that several groups of endpoints share."""

from __future__ import annotations

from openrouter_core.wire._base import WireModel


class Deleted(WireModel):
    """What a deletion answers."""

    deleted: bool | None = None
