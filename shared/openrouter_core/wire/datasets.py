"""Public usage figures. Read by `resources/datasets.py`."""

from __future__ import annotations

from typing import Literal

from openrouter_core.wire._base import Page, WireModel
from openrouter_core.wire._fields import Usd


class AppRanking(WireModel):
    """An app and how much it uses."""

    rank: int | None = None
    """1 is the first over all pages."""
    app_name: str | None = None
    app_id: int | None = None
    total_requests: int | None = None
    total_tokens: int | None = None
    """A string of digits on the wire."""


class DatasetMeta(WireModel):
    """Where and when the figures are from; cite OpenRouter when you publish them (CC BY 4.0)."""

    as_of: str | None = None
    """When the figures were made."""
    end_date: str | None = None
    """YYYY-MM-DD, UTC, included."""
    start_date: str | None = None
    """YYYY-MM-DD, UTC."""
    version: str | None = None
    """Counts from 1."""


class AppRankings(Page[AppRanking]):
    """Apps by use."""

    meta: DatasetMeta | None = None


class DailyRanking(WireModel):
    """One model's use on one day; the model "other" sums up the rest."""

    date: str | None = None
    """A day in UTC, YYYY-MM-DD."""
    model_permaslug: str | None = None
    """The model's id with its date, which never moves."""
    total_tokens: int | None = None
    """A string of digits on the wire."""


class DailyRankings(Page[DailyRanking]):
    """Models by use, per day, week or month."""

    meta: DatasetMeta | None = None


class SessionCost(WireModel):
    """What a session with an app costs in the middle of the field."""

    app_name: str | None = None
    app_slug: str | None = None
    median_session_cost_usd: Usd | None = None
    """USD."""
    model_permaslug: str | None = None
    """The model's id with its date, which never moves."""
    turn_range: Literal["1-turn", "2-9-turns", "10-49-turns", "50-plus-turns"] | str | None = None


class SessionCostMeta(WireModel):
    """Where and when the figures are from."""

    as_of: str | None = None
    """When the figures were made."""
    version: str | None = None
    """Counts from 1."""
    window_days: int | None = None
    window_end_date: str | None = None


class SessionCosts(Page[SessionCost]):
    """Median costs per session."""

    meta: SessionCostMeta | None = None
