"""Text and media to vectors. Reached as `client.embeddings`."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import Unpack

from openrouter_core._call import Call
from openrouter_core._json import as_dict
from openrouter_core.errors import OpenRouterError, ResponseShapeError
from openrouter_core.resources._calls import get_call, json_call, with_session_header
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.embeddings import EmbeddingInput, EmbeddingOptions
from openrouter_core.wire.embeddings import Embeddings as Vectors
from openrouter_core.wire.models import ModelsPage

_log = logging.getLogger("openrouter")
_without_base64: set[str] = set()
"""Models that answered nothing to base64, in this process."""


def _with_floats(call: Call[Vectors], model: str, error: OpenRouterError) -> Call[Vectors] | None:
    """The same call with floats, for a model that answers 200 without a vector (quirks.md I2)."""
    if not isinstance(error, ResponseShapeError) or as_dict(error.raw).get("data") != []:
        return None
    _without_base64.add(model)
    _log.info("%s answered nothing to base64; it is asked for floats from now on", model)
    body = {**as_dict(call.json), "encoding_format": "float"}
    return replace(call, json=body, otherwise=None)


class Embeddings(Resource[Mode]):
    """Vectors and the models that make them."""

    @http.post("/embeddings", "createEmbeddings", billed=True)
    def create(
        self, input: EmbeddingInput, *, model: str, **options: Unpack[EmbeddingOptions]
    ) -> Call[Vectors]:
        """Embed one input or many: one vector each, in order.

        Args:
            input: Text, texts, token ids, or multimodal inputs `{"content": [part, ...]}`.

        Raises:
            ResponseShapeError: The answer holds no vector. The message names the model.

        Source: createEmbeddings
        """
        encoding = "float" if model in _without_base64 else "base64"
        body: dict[str, object] = {"model": model, "input": input, "encoding_format": encoding}
        call = json_call(Vectors, body, with_session_header(options))
        chosen = {*options, *options.get("extra_body", {})}
        if encoding == "base64" and "encoding_format" not in chosen:
            call.otherwise = partial(_with_floats, call, model)
        return call

    @http.get("/embeddings/models", "listEmbeddingsModels", key="none", pages="offset")
    def list_models(
        self,
        *,
        offset: int | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[ModelsPage]:
        """List the models that embed.

        Source: listEmbeddingsModels
        """
        return get_call(ModelsPage, options, query={"offset": offset, "limit": limit})
