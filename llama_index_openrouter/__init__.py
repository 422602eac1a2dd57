"""LlamaIndex for OpenRouter: the LLM, embeddings, a reranker and cost tracking.

    >>> from llama_index_openrouter import OpenRouter
    >>> OpenRouter(model="openai/gpt-5-mini").complete("Hi").text

Public names only; what an LLM alone does not need is imported when it is first asked for.
"""

from typing import TYPE_CHECKING, Any

from openrouter_core.extras import needs

with needs("llama_index_openrouter", "llama-index"):
    from llama_index_openrouter._request.tools import server_tool
    from llama_index_openrouter.llm import OpenRouter
from llama_index_openrouter.wire_block import WireBlock

if TYPE_CHECKING:
    from llama_index_openrouter.embedding import OpenRouterEmbedding
    from llama_index_openrouter.instrumentation import (
        OpenRouterCostCallback,
        OpenRouterCostHandler,
        track_openrouter_cost,
    )
    from llama_index_openrouter.rerank import OpenRouterRerank

__all__ = [
    "OpenRouter",
    "OpenRouterCostCallback",
    "OpenRouterCostHandler",
    "OpenRouterEmbedding",
    "OpenRouterRerank",
    "WireBlock",
    "server_tool",
    "track_openrouter_cost",
]

_LATER = {
    "OpenRouterCostCallback": "instrumentation",
    "OpenRouterCostHandler": "instrumentation",
    "OpenRouterEmbedding": "embedding",
    "OpenRouterRerank": "rerank",
    "track_openrouter_cost": "instrumentation",
}


def __getattr__(name: str) -> Any:
    module = _LATER.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return __all__
