"""`OpenRouterEmbeddings`: the embedding models of OpenRouter for LangChain.

Vector stores and retrievers call it. Vectors travel as base64 and come back in the order of the texts.
Nothing is cut or left out: what a model cannot take is an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from langchain_core.embeddings import Embeddings
from pydantic import Field

from langchain_openrouter._request.embedding_inputs import ContentInput, in_batches, to_input
from langchain_openrouter._settings.retrieval import Connected
from langchain_openrouter.errors import ResponseShapeError, translated
from openrouter_core.chat.embedding_batches import Batches, known_vectors
from openrouter_core.wire.embeddings import Embeddings as Answer
from openrouter_core.wire.embeddings import MultimodalInput

if TYPE_CHECKING:
    from langchain_openrouter._settings.arguments import EmbeddingsArguments

Vector = list[float]
_Batch = list[str] | list[MultimodalInput]


class OpenRouterEmbeddings(Connected, Embeddings):
    """An embedding model on OpenRouter.

        >>> embeddings = OpenRouterEmbeddings(model="openai/text-embedding-3-small")
        >>> vectors = embeddings.embed_documents(["one", "two"])

    Long lists are sent in several requests, see `batch_size` and `batch_bytes`; async calls send up to
    `max_concurrency` of them at a time. `track_openrouter_cost()` counts what they cost. Errors are
    those of `langchain_openrouter.errors`.
    """

    if TYPE_CHECKING:

        def __init__(self, **settings: Unpack[EmbeddingsArguments]) -> None:
            """Take the fields by name, and their other names. `help(OpenRouterEmbeddings)` lists them."""

    dimensions: int | None = Field(default=None, gt=0)
    """Length of the vectors, for models that can shorten them."""
    input_type: str | None = None
    """What texts are for, e.g. "search_document"; sent only if set."""
    query_input_type: str | None = None
    """What queries are for, e.g. "search_query". None: as `input_type`."""
    encoding_format: str | None = None
    """How vectors travel. None: "base64", a third of the size; lists of floats come out either way."""
    batch_size: int = Field(default=96, gt=0)
    """Texts per request. OpenRouter has no limit of its own, providers do; few take less than 96. A model that refuses so many
    gets half of it from then on, in this process."""
    batch_bytes: int = Field(default=240_000, gt=0)
    """UTF-8 bytes of text per request, some 80,000 tokens; a longer text is sent alone, uncut."""
    max_concurrency: int = Field(default=4, gt=0)
    """Requests under way at a time, in async calls."""

    def embed_documents(self, texts: list[str]) -> list[Vector]:
        """Return a vector for each text, in their order."""
        return self._embedded(self._batches(texts), self.input_type)

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a query."""
        return self._embedded([[text]], self.query_input_type or self.input_type)[0]

    def embed_content(
        self, inputs: Sequence[ContentInput], *, input_type: str | None = None
    ) -> list[Vector]:
        """Return a vector for each multimodal input, in their order.

        Args:
            inputs: Texts, or `{"content": [part, ...]}`, whose parts become one vector: texts,
                LangChain's content blocks, or parts of the API's own shape, as `openrouter_core.media`
                makes them.
            input_type: What they are for. Default: the field `input_type`.

        Raises:
            ConfigurationError: A part cannot be sent, e.g. a video by URL.
        """
        batches = self._batches([to_input(given) for given in inputs])
        return self._embedded(batches, input_type or self.input_type)

    async def aembed_documents(self, texts: list[str]) -> list[Vector]:
        """`embed_documents` for asyncio."""
        return await self._aembedded(self._batches(texts), self.input_type)

    async def aembed_query(self, text: str) -> Vector:
        """`embed_query` for asyncio."""
        vectors = await self._aembedded([[text]], self.query_input_type or self.input_type)
        return vectors[0]

    async def aembed_content(
        self, inputs: Sequence[ContentInput], *, input_type: str | None = None
    ) -> list[Vector]:
        """`embed_content` for asyncio."""
        batches = self._batches([to_input(given) for given in inputs])
        return await self._aembedded(batches, input_type or self.input_type)

    def _batches(self, inputs: Iterable[Any]) -> list[_Batch]:
        return list(in_batches(inputs, most=self.batch_size, most_bytes=self.batch_bytes))

    def _embedded(self, batches: list[_Batch], input_type: str | None) -> list[Vector]:
        options = self._embedding_options(input_type)
        vectors: list[Vector] = []
        with translated():
            for batch in batches:
                vectors += self._of_batch(batch, options)
        return vectors

    def _of_batch(self, inputs: _Batch, options: dict[str, Any]) -> list[Vector]:
        """The vectors of a batch, known already or asked for; in halves where it is too large."""
        if (known := _known(inputs)) is not None:
            return known
        client, vectors = self._sync(), list[Vector]()
        parts = Batches[Any](client.config.base_url, str(self.model), inputs)
        for part in parts:
            with parts:
                answer = client.embeddings.create(part, **options)
                vectors += _vectors(answer, len(part))
        return vectors

    async def _aof_batch(self, inputs: _Batch, options: dict[str, Any]) -> list[Vector]:
        if (known := _known(inputs)) is not None:
            return known
        client, vectors = self._async(), list[Vector]()
        parts = Batches[Any](client.config.base_url, str(self.model), inputs)
        for part in parts:
            with parts:
                answer = await client.embeddings.create(part, **options)
                vectors += _vectors(answer, len(part))
        return vectors

    async def _aembedded(self, batches: list[_Batch], input_type: str | None) -> list[Vector]:
        options = self._embedding_options(input_type)
        waiting = enumerate(batches)
        found: dict[int, list[Vector]] = {}

        async def work() -> None:
            for at, batch in waiting:
                found[at] = await self._aof_batch(batch, options)

        with translated():
            workers = min(self.max_concurrency, len(batches))
            await _all_or_none([asyncio.ensure_future(work()) for _ in range(workers)])
        return [vector for at in sorted(found) for vector in found[at]]

    def _embedding_options(self, input_type: str | None) -> dict[str, Any]:
        return self._options(
            dimensions=self.dimensions,
            input_type=input_type,
            encoding_format=self.encoding_format,
        )


async def _all_or_none(tasks: list[asyncio.Task[None]]) -> None:
    """Wait for all; when one fails, or we are cancelled, no other goes on to cost money."""
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _known(inputs: _Batch) -> list[Vector] | None:
    """The vectors of these texts, where somebody has them already."""
    known = known_vectors.get()
    if known is None:
        return None
    found = [known.get(text) if isinstance(text, str) else None for text in inputs]
    vectors = [vector for vector in found if vector is not None]
    return vectors if len(vectors) == len(inputs) else None


def _vectors(answer: Answer, count: int) -> list[Vector]:
    vectors = answer.vectors
    if len(vectors) != count:
        raise ResponseShapeError(
            f"{count} inputs were sent, but {len(vectors)} vectors came back from "
            f"{answer.model!r}. Lower batch_size.",
            raw=answer.raw,
        )
    return vectors
