"""The model catalogue: what there is, what it can do, what it costs, who serves it.

Reached as `client.models`. The catalogue is public; a key is sent if there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, join_names
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.models import (
    Model,
    ModelEndpoints,
    ModelFilters,
    ModelsCount,
    ModelSort,
    ModelsPage,
)

_COMMA_LISTS = (
    "supported_parameters",
    "output_modalities",
    "input_modalities",
    "model_authors",
    "providers",
)


class Models(Resource[Mode]):
    """Models and the endpoints behind them."""

    @http.get("/models", "getModels", key="none", pages="offset")
    def list(self, **filters: Unpack[ModelFilters]) -> Call[ModelsPage]:
        """List models. Without `output_modalities` only those with text output come.

        Args:
            filters: Every filter of the API by its own name, e.g. `output_modalities="all"`,
                `supported_parameters=["tools"]`, `max_price=1` (USD per million tokens).

        Source: getModels
        """
        return get_call(ModelsPage, _joined(filters))

    @http.get("/models/user", "listModelsUser", pages="offset")
    def list_for_user(
        self,
        *,
        offset: int | None = None,
        limit: int | None = None,
        output_modalities: str | Sequence[str] | None = None,
        sort: ModelSort | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[ModelsPage]:
        """List the models that this key may use under its preferences, privacy and guardrails.

        Source: listModelsUser
        """
        query = {
            "offset": offset,
            "limit": limit,
            "output_modalities": join_names(output_modalities),
            "sort": sort,
        }
        return get_call(ModelsPage, options, query=query)

    @http.get("/model/{author}/{slug}", "getModel", key="none")
    def get(self, author: str, slug: str, **options: Unpack[CallOptions]) -> Call[Model]:
        """Fetch one model. Aliases are resolved and a variant is accepted, e.g. "gpt-oss-20b:free".

        Args:
            author: The part before the slash, e.g. "openai" or "~anthropic".
            slug: The part after it.

        Source: getModel
        """
        return get_call(Model, options, path={"author": author, "slug": slug}, envelope="data")

    @http.get("/models/{author}/{slug}/endpoints", "listEndpoints", key="none")
    def endpoints(
        self, author: str, slug: str, **options: Unpack[CallOptions]
    ) -> Call[ModelEndpoints]:
        """Fetch a model with every provider's price, limits, speed and uptime for it.

        Source: listEndpoints
        """
        path = {"author": author, "slug": slug}
        return get_call(ModelEndpoints, options, path=path, envelope="data")

    @http.get("/models/count", "listModelsCount", key="none")
    def count(
        self,
        *,
        output_modalities: str | Sequence[str] | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[ModelsCount]:
        """Count the models, by default those with text output.

        Source: listModelsCount
        """
        query = {"output_modalities": join_names(output_modalities)}
        return get_call(ModelsCount, options, query=query, envelope="data")


def _joined(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Write the list filters as the comma lists that the API takes."""
    joined = {name: join_names(filters[name]) for name in _COMMA_LISTS if name in filters}
    return {**filters, **joined}
