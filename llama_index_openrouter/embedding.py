"""`OpenRouterEmbedding`: the embedding class of LlamaIndex for the models on OpenRouter.

Indexes and retrievers call it. One request per batch; vectors travel as base64 and come back in the
order of the texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from llama_index.core.base.embeddings.base import BaseEmbedding, Embedding
from llama_index.core.bridge.pydantic import ConfigDict, Field
from typing_extensions import override

from llama_index_openrouter._response.usage_event import report_usage
from llama_index_openrouter._settings.retrieval import Retrieval, read_settings
from openrouter_core import ResponseShapeError
from openrouter_core.chat.embedding_batches import Batches
from openrouter_core.wire.embeddings import Embeddings

if TYPE_CHECKING:
    from llama_index_openrouter._settings.arguments import EmbeddingArguments


class OpenRouterEmbedding(Retrieval, BaseEmbedding):
    """An embedding model on OpenRouter.

    Examples:
        ```python
        embed_model = OpenRouterEmbedding("openai/text-embedding-3-small", dimensions=512)
        vectors = embed_model.get_text_embedding_batch(["one", "two"])
        ```

    Raises:
        ConfigurationError: The model is missing, or a setting is unknown.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())

    dimensions: int | None = None
    """Length of the vectors, for models that can shorten them."""
    input_type: str | None = None
    """What texts are for, e.g. "search_document"; sent only if set."""
    query_input_type: str | None = None
    """What queries are for, e.g. "search_query". None: as `input_type`."""
    encoding_format: str | None = None
    """How vectors travel. None: "base64", a third of the size; lists of floats come out either way."""
    embed_batch_size: int = Field(default=100, gt=0, le=2048)
    """Texts per request. A model that refuses so many gets half of it from then on, in this process."""

    if TYPE_CHECKING:

        def __init__(
            self,
            model: str | None = None,
            /,
            **settings: Unpack[EmbeddingArguments],  # pyright: ignore[reportGeneralTypeIssues]  # what comes before is positional
        ) -> None:
            """Take the fields by name, and their other names. `help(OpenRouterEmbedding)` lists them."""

    else:

        def __init__(self, model: str | None = None, **settings: Any) -> None:
            named = {"model_name": model or settings.pop("model_name", None), **settings}
            example = "openai/text-embedding-3-small"
            super().__init__(**read_settings(type(self), named, "model_name", example))

    @override
    @classmethod
    def class_name(cls) -> str:
        return "OpenRouterEmbedding"

    def _embedding_options(self, input_type: str | None) -> dict[str, Any]:
        return self._options(
            self.model_name,
            dimensions=self.dimensions,
            input_type=input_type,
            encoding_format=self.encoding_format,
        )

    def _query_options(self) -> dict[str, Any]:
        return self._embedding_options(self.query_input_type or self.input_type)

    def _text_options(self) -> dict[str, Any]:
        return self._embedding_options(self.input_type)

    @override
    def _get_query_embedding(self, query: str) -> Embedding:
        answer = self.client.embeddings.create([query], **self._query_options())
        return self._vectors(answer, 1)[0]

    @override
    async def _aget_query_embedding(self, query: str) -> Embedding:
        answer = await self.async_client.embeddings.create([query], **self._query_options())
        return self._vectors(answer, 1)[0]

    @override
    def _get_text_embedding(self, text: str) -> Embedding:
        return self._get_text_embeddings([text])[0]

    @override
    async def _aget_text_embedding(self, text: str) -> Embedding:
        return (await self._aget_text_embeddings([text]))[0]

    @override
    def _get_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        client, vectors = self.client, list[Embedding]()
        batches = Batches(client.config.base_url, self.model_name, texts)
        for batch in batches:
            with batches:
                answer = client.embeddings.create(batch, **self._text_options())
                vectors += self._vectors(answer, len(batch))
        return vectors

    @override
    async def _aget_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        client, vectors = self.async_client, list[Embedding]()
        batches = Batches(client.config.base_url, self.model_name, texts)
        for batch in batches:
            with batches:
                answer = await client.embeddings.create(batch, **self._text_options())
                vectors += self._vectors(answer, len(batch))
        return vectors

    def _vectors(self, answer: Embeddings, count: int) -> list[Embedding]:
        report_usage(answer, "createEmbeddings", self.model_name)
        vectors = answer.vectors
        if len(vectors) != count:
            raise ResponseShapeError(
                f"{count} texts were sent, but {len(vectors)} vectors came back from "
                f"{answer.model!r}. Lower embed_batch_size.",
                raw=answer.raw,
            )
        return vectors
