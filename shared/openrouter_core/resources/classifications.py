"""What models are used for, over all of OpenRouter. Reached as `client.classifications`."""

from __future__ import annotations

from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.classifications import TaskClassifications


class Classifications(Resource[Mode]):
    """Shares of tasks."""

    @http.get("/classifications/task", "getTaskClassifications", key="any")
    def tasks(
        self, *, window: str | None = None, **options: Unpack[CallOptions]
    ) -> Call[TaskClassifications]:
        """Fetch what models were used for in the last days.

        Args:
            window: "7d", the only one so far.

        Source: getTaskClassifications
        """
        return get_call(TaskClassifications, options, query={"window": window}, envelope="data")
