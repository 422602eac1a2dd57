"""Query parameters that many lists share, read strictly: whole numbers, and offset/limit pages. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openrouter_emulator.api_error import ApiError
from openrouter_emulator.planned_response import JsonObject


def whole_number(name: str, text: str, *, low: int, high: int | None = None) -> int:
    """A whole number in [low, high] from a query string; 400 otherwise."""
    try:
        value = int(text)
    except ValueError:
        raise ApiError(400, f"{name} must be a whole number.") from None
    if value < low or (high is not None and value > high):
        raise ApiError(400, f"{name} must be between {low} and {high or 'any'}.")
    return value


def offset_page(
    rows: Sequence[JsonObject], query: Mapping[str, str], *, default: int = 50, most: int = 100
) -> JsonObject:
    """One page by `offset` and `limit`, with the total: what most management lists answer."""
    offset = whole_number("offset", query.get("offset", "0"), low=0)
    limit = whole_number("limit", query.get("limit", str(default)), low=1, high=most)
    return {"data": list(rows[offset : offset + limit]), "total_count": len(rows)}
