"""`OpenRouterFallbackMiddleware`, and how middleware knows a model of OpenRouter. Sends nothing."""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse

from langchain_openrouter.errors import ConfigurationError, translated
from openrouter_core.chat.checks import check_models

Request = ModelRequest[Any]
Handler = Callable[[Request], ModelResponse[Any]]
AsyncHandler = Callable[[Request], Awaitable[ModelResponse[Any]]]
Unsupported = Literal["ignore", "warn", "raise"]


class OpenRouterFallbackMiddleware(AgentMiddleware[Any, Any, Any]):
    """Lets OpenRouter try other models when the agent's own is down, refuses or is rate limited.

    The fallbacks go out with the request (its `models`), so a failure costs no second request. Reply,
    price and `response_metadata["model_name"]` are those of the model that answered.

    Args:
        models: Fallbacks in order of priority. `models` that other middleware has set are left alone.
        unsupported_model_behavior: What to do when the agent's model is not a `ChatOpenRouter`.
    """

    def __init__(
        self, models: Sequence[str], *, unsupported_model_behavior: Unsupported = "warn"
    ) -> None:
        super().__init__()
        with translated():
            check_models(models)
        if not models:
            raise ConfigurationError('models must be a list of models, e.g. ["openai/gpt-5-mini"].')
        self.models = list(models)
        self.unsupported_model_behavior: Unsupported = unsupported_model_behavior

    def wrap_model_call(self, request: Request, handler: Handler) -> ModelResponse[Any]:
        """Call the model with the fallbacks."""
        return handler(self._with_models(request))

    async def awrap_model_call(self, request: Request, handler: AsyncHandler) -> ModelResponse[Any]:
        """`wrap_model_call` for asyncio."""
        return await handler(self._with_models(request))

    def _with_models(self, request: Request) -> Request:
        if not is_supported(request.model, self.name, self.unsupported_model_behavior):
            return request
        settings = {"models": list(self.models), **request.model_settings}
        return request.override(model_settings=settings)


def is_supported(model: Any, middleware: str, behavior: Unsupported) -> bool:
    """Whether the model is one of OpenRouter; warn or raise if it is not, as asked."""
    if getattr(model, "_llm_type", None) == "openrouter-chat":
        return True
    sentence = f"{middleware} does nothing for {type(model).__name__}: it serves ChatOpenRouter."
    if behavior == "raise":
        raise ConfigurationError(f"{sentence} Remove it, or change the agent's model.")
    if behavior == "warn":
        warnings.warn(sentence, stacklevel=3)
    return False
