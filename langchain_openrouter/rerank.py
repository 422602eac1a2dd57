"""`OpenRouterRerank`: a document compressor of LangChain that sorts documents by relevance to a query.

Retrieval chains call it after the search. Documents are not changed: the scores are on copies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict, Unpack, cast

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document
from pydantic import Field

from langchain_openrouter._settings.retrieval import Connected
from langchain_openrouter.errors import ConfigurationError, ResponseShapeError, translated
from openrouter_core.wire.rerank import Ranking, RerankDocumentInput

if TYPE_CHECKING:
    from langchain_openrouter._settings.arguments import RerankArguments


class Score(TypedDict):
    """How relevant one document is."""

    index: int
    """Its place in the documents that were given."""
    relevance_score: float


class OpenRouterRerank(Connected, BaseDocumentCompressor):
    """A rerank model on OpenRouter.

        >>> rerank = OpenRouterRerank(model="cohere/rerank-v3.5", top_n=3)
        >>> best = rerank.compress_documents(documents, "What is the capital of France?")

    `track_openrouter_cost()` counts what it costs. Errors are those of `langchain_openrouter.errors`.
    """

    if TYPE_CHECKING:

        def __init__(self, **settings: Unpack[RerankArguments]) -> None:
            """Take the fields by name, and their other names. `help(OpenRouterRerank)` lists them."""

    _example_model: ClassVar[str] = "cohere/rerank-v3.5"

    top_n: int | None = Field(default=None, gt=0)
    """How many of the best documents to keep. None: all."""

    def compress_documents(
        self,
        documents: Sequence[Document],
        query: str,
        callbacks: Callbacks | None = None,  # noqa: ARG002  # LangChain's signature
    ) -> Sequence[Document]:
        """Return copies of the documents, best first, with `relevance_score` in their metadata."""
        return [_scored(documents, score) for score in self.rerank(documents, query)]

    async def acompress_documents(
        self,
        documents: Sequence[Document],
        query: str,
        callbacks: Callbacks | None = None,  # noqa: ARG002  # LangChain's signature
    ) -> Sequence[Document]:
        """`compress_documents` for asyncio."""
        return [_scored(documents, score) for score in await self.arerank(documents, query)]

    def rerank(
        self,
        documents: Sequence[str | Document | Mapping[str, Any]],
        query: str,
        *,
        top_n: int | None = None,
    ) -> list[Score]:
        """Return the scores of the documents, best first.

        Args:
            documents: Texts, LangChain documents, or `{"text": ..., "image": <URL>}` with one or both.
            query: What they are to be relevant to.
            top_n: How many to return. Default: the field `top_n`.
        """
        if not documents:
            return []
        with translated():
            answer = self._sync().rerank.create(
                query, _to_wire(documents), **self._options(top_n=top_n or self.top_n)
            )
        return _scores(answer, len(documents))[: top_n or self.top_n]

    async def arerank(
        self,
        documents: Sequence[str | Document | Mapping[str, Any]],
        query: str,
        *,
        top_n: int | None = None,
    ) -> list[Score]:
        """`rerank` for asyncio."""
        if not documents:
            return []
        with translated():
            answer = await self._async().rerank.create(
                query, _to_wire(documents), **self._options(top_n=top_n or self.top_n)
            )
        return _scores(answer, len(documents))[: top_n or self.top_n]


def _to_wire(documents: Sequence[Any]) -> list[str | RerankDocumentInput]:
    return [_document(document) for document in documents]


def _document(document: Any) -> str | RerankDocumentInput:
    if isinstance(document, Document):
        return document.page_content
    if isinstance(document, str):
        return document
    if isinstance(document, Mapping):
        return cast("RerankDocumentInput", dict(document))
    raise ConfigurationError(
        f"A document of type {type(document).__name__} cannot be ranked. "
        'Give texts, Documents, or {"text": ..., "image": ...}.'
    )


def _scores(answer: Ranking, count: int) -> list[Score]:
    if any(not 0 <= result.index < count for result in answer.results):
        raise ResponseShapeError(
            f"The ranking from {answer.model!r} names documents that were not sent.", raw=answer.raw
        )
    return [
        Score(index=result.index, relevance_score=result.relevance_score)
        for result in answer.results
    ]


def _scored(documents: Sequence[Document], score: Score) -> Document:
    document = documents[score["index"]]
    metadata = {**document.metadata, "relevance_score": score["relevance_score"]}
    return document.model_copy(update={"metadata": metadata})
