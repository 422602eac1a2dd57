"""Documents by relevance to a query. Reached as `client.rerank`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import json_call, with_session_header
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire.rerank import Ranking, RerankDocumentInput, RerankOptions


class Rerank(Resource[Mode]):
    """Ranking of documents."""

    @http.post("/rerank", "createRerank", billed=True)
    def create(
        self,
        query: str,
        documents: Sequence[str | RerankDocumentInput],
        *,
        model: str,
        **options: Unpack[RerankOptions],
    ) -> Call[Ranking]:
        """Score documents against a query; the best come first, by their `index` in the input.

        Source: createRerank
        """
        body: dict[str, object] = {"model": model, "query": query, "documents": documents}
        return json_call(Ranking, body, with_session_header(options))
