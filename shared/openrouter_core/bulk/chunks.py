"""What `embed_into` reads and writes: chunks of either framework, and their vector stores.

Frameworks are told apart by their methods, for the core imports none.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from openrouter_core.bulk.values import canonical
from openrouter_core.chat.embedding_batches import known_vectors
from openrouter_core.errors import ConfigurationError

Vector = list[float]
_ABSTRACT = "llama_index.core.vector_stores.types"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A text with what belongs to it."""

    key: str
    """Of its content."""
    text: str
    """What is embedded."""
    metadata: Mapping[str, Any]
    node: Any = None
    """The node of LlamaIndex that it came as."""


def chunks_of(given: Iterable[Any]) -> Iterator[Chunk]:
    """Yield texts, pairs of a text and metadata, documents of LangChain or nodes of LlamaIndex as chunks.

    Raises:
        ConfigurationError: It is something else.
    """
    if isinstance(given, (str, bytes, Mapping)):
        raise ConfigurationError('chunks must be a list of chunks, e.g. ["A text."].')
    return map(_chunk, given)


def _chunk(given: Any) -> Chunk:
    if isinstance(given, str):
        return _made(given, {})
    if hasattr(given, "page_content"):
        return _made(given.page_content, given.metadata)
    if hasattr(given, "get_content"):
        mode: Any = sys.modules["llama_index.core.schema"].MetadataMode.EMBED
        return _made(given.get_content(mode), given.metadata, given)
    if isinstance(given, tuple) and len(given) == 2:
        return _made(*cast("tuple[str, Mapping[str, Any]]", given))
    raise ConfigurationError(
        "A chunk is a text, a pair of a text and metadata, a Document of LangChain or a node of LlamaIndex, "
        f"not {type(given).__name__}."
    )


def _made(text: str, metadata: Mapping[str, Any], node: Any = None) -> Chunk:
    digest = hashlib.sha256(canonical([text, metadata]).encode("utf-8", "surrogatepass"))
    raw = bytearray(digest.digest()[:16])  # some stores take nothing but UUIDs as ids
    raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80
    hexed = raw.hex()
    key = "-".join((hexed[:8], hexed[8:12], hexed[12:16], hexed[16:20], hexed[20:]))
    return Chunk(key, text, metadata, node)


class Writer(Protocol):
    """Puts chunks with their vectors in a vector store; what has the same key replaces it."""

    def __call__(self, chunks: Sequence[Chunk], vectors: Sequence[Vector], /) -> object: ...


def writer_of(vector_store: Any, embeddings: Any) -> Writer:
    """Return how to write into a vector store.

    Raises:
        ConfigurationError: It is not one of either framework, or embeds with something else.
    """
    kind = type(vector_store)
    if hasattr(kind, "add_texts"):
        if vector_store.embeddings is not embeddings:
            raise ConfigurationError(
                "The vector store embeds its queries with another object: make it with the embeddings that "
                "embed_into gets."
            )
        return _langchain(vector_store)
    if hasattr(kind, "stores_text") or hasattr(kind, "add"):
        return _llama_index(vector_store)
    raise ConfigurationError(
        f"{kind.__name__} is not a vector store of LangChain or LlamaIndex (add_texts, or add)."
    )


def _langchain(vector_store: Any) -> Writer:
    def write(chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> None:
        """The store asks its embeddings for vectors, and these have them already."""
        texts = [chunk.text for chunk in chunks]
        token = known_vectors.set(dict(zip(texts, map(list, vectors), strict=True)))
        try:
            vector_store.add_texts(
                texts,
                metadatas=[dict(chunk.metadata) for chunk in chunks],
                ids=[chunk.key for chunk in chunks],
            )
        finally:
            known_vectors.reset(token)

    return write


def _llama_index(vector_store: Any) -> Writer:
    delete = getattr(type(vector_store), "delete_nodes", None)
    replaces = getattr(delete, "__module__", _ABSTRACT) != _ABSTRACT  # else it says that it cannot

    def write(chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> None:
        nodes = [_node(chunk, vector) for chunk, vector in zip(chunks, vectors, strict=True)]
        if replaces:
            vector_store.delete_nodes([node.node_id for node in nodes])  # `add` may not replace
        vector_store.add(nodes)

    return write


def _node(chunk: Chunk, vector: Vector) -> Any:
    if chunk.node is not None:
        return chunk.node.model_copy(update={"embedding": vector})
    node: Any = sys.modules["llama_index.core.schema"].TextNode
    return node(id_=chunk.key, text=chunk.text, metadata=dict(chunk.metadata), embedding=vector)
