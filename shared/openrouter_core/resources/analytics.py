"""What the account has used. Reached as `client.analytics`; needs a management key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.analytics import (
    ActivityItem,
    AnalyticsMeta,
    AnalyticsOptions,
    AnalyticsResult,
)


class Analytics(Resource[Mode]):
    """Usage by day, and a query language over it."""

    @http.get("/activity", "getUserActivity", key="management")
    def activity(
        self,
        *,
        date: str | None = None,
        api_key_hash: str | None = None,
        user_id: str | None = None,
        group_by: str | None = None,
        workspace_id: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[Page[ActivityItem]]:
        """Fetch usage per day and endpoint, over the last 30 completed days in UTC.

        Args:
            date: One day only, YYYY-MM-DD.
            group_by: "workspace" adds `workspace_id` to each row.

        Source: getUserActivity
        """
        return get_call(
            Page[ActivityItem],
            options,
            query={
                "date": date,
                "api_key_hash": api_key_hash,
                "user_id": user_id,
                "group_by": group_by,
                "workspace_id": workspace_id,
            },
        )

    @http.get("/analytics/meta", "getAnalyticsMeta", key="management")
    def meta(self, **options: Unpack[CallOptions]) -> Call[AnalyticsMeta]:
        """Fetch the metrics, dimensions and operators that `query` knows.

        Source: getAnalyticsMeta
        """
        return get_call(AnalyticsMeta, options, envelope="data")

    @http.post("/analytics/query", "queryAnalytics", key="management")
    def query(
        self, metrics: Sequence[str], **options: Unpack[AnalyticsOptions]
    ) -> Call[AnalyticsResult]:
        """Ask for figures, grouped and narrowed as wanted.

        Args:
            metrics: At least one name from `meta`, e.g. ["request_count", "total_usage"].

        Raises:
            EdgeTimeoutError: The query is too slow; narrow it.

        Source: queryAnalytics
        """
        return json_call(AnalyticsResult, {"metrics": metrics}, options, envelope="data")
