"""OpenRouter for LangChain.

```python
from langchain_openrouter import ChatOpenRouter
ChatOpenRouter(model="openrouter/auto").invoke("Hello").text
```
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from langchain_openrouter._other_distribution import warn_of_other_distribution
from openrouter_core import __version__
from openrouter_core.extras import needs

if TYPE_CHECKING:
    from langchain_openrouter._request.tools import server_tool
    from langchain_openrouter.callbacks import OpenRouterCostCallback, track_openrouter_cost
    from langchain_openrouter.chat_models import ChatOpenRouter
    from langchain_openrouter.embeddings import OpenRouterEmbeddings
    from langchain_openrouter.image_tool import OpenRouterImageTool
    from langchain_openrouter.middleware import (
        BudgetMiddleware,
        OpenRouterFallbackMiddleware,
        OpenRouterPromptCachingMiddleware,
    )
    from langchain_openrouter.rerank import OpenRouterRerank

__all__ = [
    "BudgetMiddleware",
    "ChatOpenRouter",
    "OpenRouterCostCallback",
    "OpenRouterEmbeddings",
    "OpenRouterFallbackMiddleware",
    "OpenRouterImageTool",
    "OpenRouterPromptCachingMiddleware",
    "OpenRouterRerank",
    "__version__",
    "server_tool",
    "track_openrouter_cost",
]

if not TYPE_CHECKING and find_spec("langchain") is None:  # `import *` takes what can be imported
    __all__ = [name for name in __all__ if not name.endswith("Middleware")]

_HOMES = {
    "BudgetMiddleware": "middleware",
    "ChatOpenRouter": "chat_models",
    "OpenRouterCostCallback": "callbacks",
    "OpenRouterEmbeddings": "embeddings",
    "OpenRouterFallbackMiddleware": "middleware",
    "OpenRouterImageTool": "image_tool",
    "OpenRouterPromptCachingMiddleware": "middleware",
    "OpenRouterRerank": "rerank",
    "server_tool": "_request.tools",
    "track_openrouter_cost": "callbacks",
}
"""Where each public name is defined; modules are imported when a name is asked for."""

warn_of_other_distribution()


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        warn_of_other_distribution()
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        with needs(name, "langchain"):
            return getattr(import_module(f"{__name__}.{home}"), name)
    except (ImportError, AttributeError):  # a module of the other distribution, or none
        warn_of_other_distribution()
        raise


def __dir__() -> list[str]:
    return sorted(__all__)
