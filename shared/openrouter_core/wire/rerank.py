"""Reranking: documents in, scores out. Read by `resources/rerank.py`."""

from __future__ import annotations

from typing import TypedDict

from openrouter_core.wire._base import WireModel
from openrouter_core.wire._fields import Usd
from openrouter_core.wire._options import InferenceOptions


class RerankDocumentInput(TypedDict, total=False):
    """A document with text, an image or both."""

    text: str
    image: str
    """An http(s) URL or a data URI."""


class RerankOptions(InferenceOptions, total=False):
    """What may be asked beside query, documents and model."""

    top_n: int | None
    """How many of the best to return."""


class RerankDocument(WireModel):
    """A document as the answer repeats it."""

    text: str | None = None
    image: str | None = None


class RerankResult(WireModel):
    """One document's score."""

    index: int
    """Its place in the documents that were sent."""
    relevance_score: float
    document: RerankDocument | None = None


class RerankUsage(WireModel):
    """What it cost; providers bill searches or tokens."""

    cost: Usd | None = None
    search_units: int | None = None
    total_tokens: int | None = None


class Ranking(WireModel):
    """Documents by relevance, best first."""

    results: list[RerankResult]
    model: str | None = None
    id: str | None = None
    provider: str | None = None
    usage: RerankUsage | None = None
