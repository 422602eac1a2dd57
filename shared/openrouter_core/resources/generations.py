"""Looking up past calls by generation id. Reached as `client.generations`."""

from __future__ import annotations

from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import drop_none, get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.generations import (
    FeedbackCategory,
    FeedbackReceipt,
    Generation,
    GenerationContent,
)


class Generations(Resource[Mode]):
    """Records of calls."""

    @http.get("/generation", "getGeneration")
    def get(self, id: str, **options: Unpack[CallOptions]) -> Call[Generation]:
        """Fetch what a call was, took and cost.

        Args:
            id: The `id` of a reply, or its `http.generation_id`, e.g. "gen-...".

        Raises:
            NotFoundError: There is no such call, or its record is not written yet; that takes
                from a second to more than twenty.

        Source: getGeneration
        """
        return get_call(Generation, options, query={"id": id}, envelope="data")

    @http.get("/generation/content", "listGenerationContent")
    def content(self, id: str, **options: Unpack[CallOptions]) -> Call[GenerationContent]:
        """Fetch what was sent and answered, where input and output logging was on.

        Source: listGenerationContent
        """
        return get_call(GenerationContent, options, query={"id": id}, envelope="data")

    @http.post("/generation/feedback", "submitGenerationFeedback", key="management", creates=True)
    def feedback(
        self,
        generation_id: str,
        *,
        category: FeedbackCategory,
        comment: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[FeedbackReceipt]:
        """Tell OpenRouter that something was wrong with a call.

        Args:
            comment: At most 1,000 characters.

        Source: submitGenerationFeedback
        """
        body = {"category": category, "generation_id": generation_id, **drop_none(comment=comment)}
        return json_call(FeedbackReceipt, body, options, envelope="data")
