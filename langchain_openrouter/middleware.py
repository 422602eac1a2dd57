"""Middleware for LangChain's `create_agent`: spending limits, prompt caching, fallback models.

Needs the package `langchain`, which nothing else here does.
"""

from __future__ import annotations

try:
    from langchain_openrouter._budget_middleware import BudgetMiddleware
    from langchain_openrouter._caching_middleware import OpenRouterPromptCachingMiddleware
    from langchain_openrouter._routing_middleware import OpenRouterFallbackMiddleware
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in {"langchain", "langgraph"}:
        raise
    raise ImportError(
        "Middleware needs the package langchain, which is not installed: "
        'pip install "langchain>=1.3". ChatOpenRouter works without it.'
    ) from error

__all__ = ["BudgetMiddleware", "OpenRouterFallbackMiddleware", "OpenRouterPromptCachingMiddleware"]
