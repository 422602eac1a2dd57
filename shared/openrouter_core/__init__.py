"""The OpenRouter HTTP API for Python, sync and async. Knows no framework.

```python
from openrouter_core import OpenRouterClient
client = OpenRouterClient()                          # key from OPENROUTER_API_KEY
client.chat.send([{"role": "user", "content": "Hi"}], model="openrouter/auto").text
```
"""

from typing import TYPE_CHECKING, Any

from openrouter_core._call import ReplyInfo
from openrouter_core._version import __version__
from openrouter_core.chat.reasoning import ReplayPolicy, merge_reasoning_details, replayable
from openrouter_core.client import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.config import ClientConfig, Secret, Timeouts
from openrouter_core.errors import (
    ApiStatusError,
    AuthenticationError,
    BadRequestError,
    BudgetExceededError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
    ContextLengthError,
    EdgeTimeoutError,
    IncompleteBodyError,
    MidStreamError,
    MissingApiKeyError,
    ModerationError,
    NoEndpointsError,
    NotFoundError,
    OpenRouterError,
    PayloadTooLargeError,
    PaymentRequiredError,
    PermissionDeniedError,
    ProviderOverloadedError,
    RateLimitError,
    RequestTimeoutError,
    ResponseShapeError,
    ServerError,
    StreamError,
    StreamInterruptedError,
    TransportError,
    UnprocessableError,
)
from openrouter_core.streaming.chat import ChatAccumulator
from openrouter_core.streaming.raw import RawAccumulator
from openrouter_core.streaming.stream import AsyncStream, Stream
from openrouter_core.streaming.tool_calls import ToolCalls

if TYPE_CHECKING:
    from openrouter_core.catalog.models import ModelCatalog, ModelFacts, facts_offline
    from openrouter_core.pagination import aiterate, iterate
    from openrouter_core.webhooks import WebhookSignatureError
    from openrouter_core.wire._base import Page, WireModel
    from openrouter_core.wire.chat import ChatChunk, ChatOptions, ChatResult

__all__ = [
    "ApiStatusError",
    "AsyncOpenRouterClient",
    "AsyncStream",
    "AuthenticationError",
    "BadRequestError",
    "BudgetExceededError",
    "ChatAccumulator",
    "ChatChunk",
    "ChatOptions",
    "ChatResult",
    "ClientConfig",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "ContextLengthError",
    "EdgeTimeoutError",
    "IncompleteBodyError",
    "MidStreamError",
    "MissingApiKeyError",
    "ModelCatalog",
    "ModelFacts",
    "ModerationError",
    "NoEndpointsError",
    "NotFoundError",
    "OpenRouterClient",
    "OpenRouterError",
    "Page",
    "PayloadTooLargeError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "ProviderOverloadedError",
    "RateLimitError",
    "RawAccumulator",
    "ReplayPolicy",
    "ReplyInfo",
    "RequestTimeoutError",
    "ResponseShapeError",
    "Secret",
    "ServerError",
    "Stream",
    "StreamError",
    "StreamInterruptedError",
    "Timeouts",
    "ToolCalls",
    "TransportError",
    "UnprocessableError",
    "WebhookSignatureError",
    "WireModel",
    "__version__",
    "aiterate",
    "facts_offline",
    "iterate",
    "merge_reasoning_details",
    "replayable",
]

_LATER = {
    "ChatChunk": "wire.chat",
    "ChatOptions": "wire.chat",
    "ChatResult": "wire.chat",
    "ModelCatalog": "catalog",
    "ModelFacts": "catalog",
    "Page": "wire._base",
    "WebhookSignatureError": "webhooks",
    "WireModel": "wire._base",
    "aiterate": "pagination",
    "facts_offline": "catalog",
    "iterate": "pagination",
}
"""Where the names are that not every program needs; imported when they are asked for."""


def __getattr__(name: str) -> Any:
    home = _LATER.get(name)
    if name == "Events":
        from openrouter_core._logging import warn_renamed

        warn_renamed("openrouter_core.Events", "RawAccumulator")
        return RawAccumulator
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return __all__
