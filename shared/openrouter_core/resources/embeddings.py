"""Text and media to vectors. Reached as `client.embeddings`."""

from __future__ import annotations

from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call, with_session_header
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.embeddings import EmbeddingInput, EmbeddingOptions
from openrouter_core.wire.embeddings import Embeddings as Vectors
from openrouter_core.wire.models import ModelsPage


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
        body: dict[str, object] = {"model": model, "input": input, "encoding_format": "base64"}
        return json_call(Vectors, body, with_session_header(options))

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
