"""Public usage figures of OpenRouter. Reached as `client.datasets`."""

from __future__ import annotations

from typing import Literal, Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.datasets import AppRankings, DailyRankings, SessionCosts


class Datasets(Resource[Mode]):
    """Usage figures, under CC BY 4.0. 30 requests a minute per key, 500 a day per account."""

    @http.get("/datasets/app-rankings", "getAppRankings", pages="offset", key="any")
    def app_rankings(
        self,
        *,
        category: Literal["coding", "creative", "productivity", "entertainment"]
        | str
        | None = None,
        subcategory: str | None = None,
        sort: Literal["popular", "trending"] | str | None = None,
        start_date: str | None = None,
        end_date: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[AppRankings]:
        """List apps by use.

        Source: getAppRankings
        """
        return get_call(
            AppRankings,
            options,
            query={
                "category": category,
                "subcategory": subcategory,
                "sort": sort,
                "start_date": start_date,
                "end_date": end_date,
                "limit": limit,
                "offset": offset,
            },
        )

    @http.get("/datasets/rankings-daily", "getRankingsDaily", key="any")
    def rankings_daily(
        self,
        *,
        start_date: str | None = None,
        end_date: str | None = None,
        period: Literal["day", "week", "month"] | str | None = None,
        modality: Literal["text", "image", "image_output", "audio", "tool_calling"]
        | str
        | None = None,
        context_bucket: Literal["1K", "10K", "100K", "1M", "10M"] | str | None = None,
        category: Literal[
            "programming",
            "roleplay",
            "marketing",
            "marketing/seo",
            "technology",
            "science",
            "translation",
            "legal",
            "finance",
            "health",
            "trivia",
            "academia",
        ]
        | str
        | None = None,
        language_type: Literal["natural", "programming"] | str | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[DailyRankings]:
        """List the models used most, per day, week or month.

        Args:
            start_date: YYYY-MM-DD, from 2025-01-01; at most 366 days before the end.
            category: A sampled weekly estimate; not together with `modality` or `context_bucket`.

        Source: getRankingsDaily
        """
        return get_call(
            DailyRankings,
            options,
            query={
                "start_date": start_date,
                "end_date": end_date,
                "period": period,
                "modality": modality,
                "context_bucket": context_bucket,
                "category": category,
                "language_type": language_type,
            },
        )

    @http.get("/datasets/session-cost", "getSessionCost", pages="offset", key="any")
    def session_cost(
        self,
        *,
        app_slug: str | None = None,
        model: str | None = None,
        turn_range: Literal["1-turn", "2-9-turns", "10-49-turns", "50-plus-turns"]
        | str
        | None = None,
        limit: int | None = None,
        offset: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[SessionCosts]:
        """List what sessions with apps cost, as medians in USD.

        Source: getSessionCost
        """
        return get_call(
            SessionCosts,
            options,
            query={
                "app_slug": app_slug,
                "model": model,
                "turn_range": turn_range,
                "limit": limit,
                "offset": offset,
            },
        )
