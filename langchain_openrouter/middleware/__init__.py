"""Middleware for LangChain's `create_agent`: spending limits, prompt caching, fallback models.

Needs the package `langchain`, which nothing else here does.
"""

from __future__ import annotations

try:
    from langchain_openrouter.middleware.budget import BudgetMiddleware
    from langchain_openrouter.middleware.fallback import OpenRouterFallbackMiddleware
    from langchain_openrouter.middleware.prompt_caching import OpenRouterPromptCachingMiddleware
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in {"langchain", "langgraph"}:
        raise
    raise ImportError(
        "Middleware needs the package langchain, which is not installed: "
        'pip install "langchain>=1.3". ChatOpenRouter works without it.'
    ) from error

__all__ = ["BudgetMiddleware", "OpenRouterFallbackMiddleware", "OpenRouterPromptCachingMiddleware"]
