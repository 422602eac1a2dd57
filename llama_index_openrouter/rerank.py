"""`OpenRouterRerank`: a node postprocessor of LlamaIndex that sorts nodes by relevance to the query.

Query engines call it after retrieval. Nodes are not changed: the scores are on new `NodeWithScore`s.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Unpack

from llama_index.core.bridge.pydantic import ConfigDict, Field
from llama_index.core.callbacks import CBEventType, EventPayload
from llama_index.core.instrumentation.events.rerank import ReRankEndEvent, ReRankStartEvent
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import BaseNode, ImageNode, MetadataMode, NodeWithScore, QueryBundle
from llama_index_instrumentation import get_dispatcher
from typing_extensions import override

from llama_index_openrouter._response.failures import failure_events
from llama_index_openrouter._response.usage_event import report_usage
from llama_index_openrouter._settings.retrieval import Retrieval, read_settings
from openrouter_core import ConfigurationError, ResponseShapeError
from openrouter_core.wire.rerank import Ranking, RerankDocumentInput

if TYPE_CHECKING:
    from llama_index_openrouter._settings.arguments import RerankArguments

dispatcher = get_dispatcher(__name__)


class OpenRouterRerank(Retrieval, BaseNodePostprocessor):
    """A rerank model on OpenRouter.

    Examples:
        ```python
        rerank = OpenRouterRerank("cohere/rerank-v3.5", top_n=3)
        query_engine = index.as_query_engine(node_postprocessors=[rerank])
        ```

    Raises:
        ConfigurationError: The model is missing, or a setting is unknown.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())

    model: str = ""
    """The model's id; see https://openrouter.ai/models."""
    top_n: int | None = Field(default=None, gt=0)
    """How many of the best documents to keep. None: all."""

    if TYPE_CHECKING:

        def __init__(
            self,
            model: str | None = None,
            /,
            **settings: Unpack[RerankArguments],  # pyright: ignore[reportGeneralTypeIssues]  # what comes before is positional
        ) -> None:
            """Take the fields by name, and their other names. `help(OpenRouterRerank)` lists them."""

    else:

        def __init__(self, model: str | None = None, **settings: Any) -> None:
            named = {**settings, "model": model}
            super().__init__(**read_settings(type(self), named, "model", "cohere/rerank-v3.5"))

    @override
    @classmethod
    def class_name(cls) -> str:
        return "OpenRouterRerank"

    @override
    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        query = _query_of(query_bundle)
        if not nodes:
            return []
        with self._observed(nodes, query) as ranked:
            documents = [_document(node.node) for node in nodes]
            answer = self.client.rerank.create(
                query, documents, **self._options(self.model, top_n=self.top_n)
            )
            report_usage(answer, "createRerank", self.model)
            ranked.extend(_ranked(nodes, answer)[: self.top_n])
        return ranked

    @override
    async def _apostprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        query = _query_of(query_bundle)
        if not nodes:
            return []
        with self._observed(nodes, query) as ranked:
            documents = [_document(node.node) for node in nodes]
            answer = await self.async_client.rerank.create(
                query, documents, **self._options(self.model, top_n=self.top_n)
            )
            report_usage(answer, "createRerank", self.model)
            ranked.extend(_ranked(nodes, answer)[: self.top_n])
        return ranked

    @contextmanager
    def _observed(
        self, nodes: list[NodeWithScore], query: str
    ) -> Generator[list[NodeWithScore], None, None]:
        """Fire LlamaIndex's events around a call that fills the list."""
        top_n = self.top_n or len(nodes)
        start = ReRankStartEvent(query=query, nodes=nodes, top_n=top_n, model_name=self.model)
        payload: dict[str, Any] = {
            EventPayload.NODES: nodes,
            EventPayload.MODEL_NAME: self.model,
            EventPayload.QUERY_STR: query,
            EventPayload.TOP_K: top_n,
        }
        dispatcher.event(start)
        ranked: list[NodeWithScore] = []
        manager = self.callback_manager
        with failure_events, manager.event(CBEventType.RERANKING, payload=payload) as event:
            yield ranked
            event.on_end(payload={EventPayload.NODES: ranked})
        dispatcher.event(ReRankEndEvent(nodes=ranked))


def _query_of(query_bundle: QueryBundle | None) -> str:
    if query_bundle is None:
        raise ConfigurationError(
            "Reranking needs a query: pass query_str=... or query_bundle=... to postprocess_nodes."
        )
    return query_bundle.query_str


def _document(node: BaseNode) -> str | RerankDocumentInput:
    text = node.get_content(metadata_mode=MetadataMode.EMBED)
    image = _image_of(node) if isinstance(node, ImageNode) else None
    if image is None:
        return text
    return {"text": text, "image": image} if text else {"image": image}


def _image_of(node: ImageNode) -> str | None:
    if node.image:
        return f"data:{node.image_mimetype or 'image/png'};base64,{node.image}"
    return node.image_url


def _ranked(nodes: Sequence[NodeWithScore], answer: Ranking) -> list[NodeWithScore]:
    """The nodes that the answer names, in its order: best first."""
    if any(not 0 <= result.index < len(nodes) for result in answer.results):
        raise ResponseShapeError(
            f"The ranking from {answer.model!r} names documents that were not sent.", raw=answer.raw
        )
    return [
        NodeWithScore(node=nodes[result.index].node, score=result.relevance_score)
        for result in answer.results
    ]
