"""`OpenRouterPromptCachingMiddleware`: marks what an agent sends again and again as cacheable.

Works on the request alone; the messages of the agent's state stay as they are. A mark is an
`additional_kwargs["cache_control"]`, which the chat model puts on the last text part of the message.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from langchain.agents.middleware import AgentMiddleware, ModelResponse
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool

from langchain_openrouter.middleware.fallback import (
    AsyncHandler,
    Handler,
    Request,
    Unsupported,
    is_supported,
)
from openrouter_core.chat.content_parts import marks_of
from openrouter_core.chat.history import MOST_MARKS

_MARK = "cache_control"
_NEEDING = ("anthropic/", "qwen/")


class OpenRouterPromptCachingMiddleware(AgentMiddleware[Any, Any, Any]):
    """Caches the prompt of models that cache only what is marked, such as Claude.

    Marked are the last message, the system prompt, the last message before the latest answer (what
    the call before ended with, so its cache is found again) and the last tool. Marks that are there
    already count; more than four are never sent. What was read and written stands in
    `usage_metadata["input_token_details"]`.

    Args:
        ttl: How long the cache is kept; None is the provider's default of 5 minutes. Writing for "1h"
            costs more.
        models: Beginnings of the names of models to serve. Others cache by themselves.
        unsupported_model_behavior: What to do when the agent's model is not a `ChatOpenRouter`.
    """

    def __init__(
        self,
        *,
        ttl: Literal["5m", "1h"] | None = None,
        models: Sequence[str] = _NEEDING,
        unsupported_model_behavior: Unsupported = "warn",
    ) -> None:
        super().__init__()
        self.mark: dict[str, Any] = {"type": "ephemeral", **({"ttl": ttl} if ttl else {})}
        self.models = tuple(models)
        self.unsupported_model_behavior: Unsupported = unsupported_model_behavior

    def wrap_model_call(self, request: Request, handler: Handler) -> ModelResponse[Any]:
        """Call the model with the prompt marked."""
        return handler(self._marked(request))

    async def awrap_model_call(self, request: Request, handler: AsyncHandler) -> ModelResponse[Any]:
        """`wrap_model_call` for asyncio."""
        return await handler(self._marked(request))

    def _marked(self, request: Request) -> Request:
        if not is_supported(request.model, self.name, self.unsupported_model_behavior):
            return request
        if not any(name.startswith(self.models) for name in _asked(request)):
            return request
        left = MOST_MARKS - _marks(request)
        for place in (self._mark_last, self._mark_system, self._mark_earlier, self._mark_tool):
            marked = place(request) if left > 0 else None
            if marked is not None:
                request, left = marked, left - 1
        return request

    def _mark_last(self, request: Request) -> Request | None:
        return self._mark_message(request, len(request.messages))

    def _mark_earlier(self, request: Request) -> Request | None:
        answers = (at for at, m in enumerate(request.messages) if isinstance(m, AIMessage))
        return self._mark_message(request, max(answers, default=0))

    def _mark_message(self, request: Request, end: int) -> Request | None:
        """Mark the last message before `end` that can hold a mark."""
        for at in range(end - 1, -1, -1):
            message = request.messages[at]
            if isinstance(message, HumanMessage | ToolMessage) and _has_text(message):
                if _has_mark(message):
                    return None
                messages = [*request.messages]
                messages[at] = self._with_mark(message)
                return request.override(messages=messages)
        return None

    def _mark_system(self, request: Request) -> Request | None:
        system = request.system_message
        if system is None or not _has_text(system) or _has_mark(system):
            return None
        return request.override(system_message=self._with_mark(system))

    def _mark_tool(self, request: Request) -> Request | None:
        """Mark the last function; tools that OpenRouter runs take no mark."""
        for at in range(len(request.tools) - 1, -1, -1):
            tool = request.tools[at]
            if isinstance(tool, BaseTool) or tool.get("type") == "function":
                if _mark_of_tool(tool):
                    return None
                tools = [*request.tools]
                tools[at] = self._marked_tool(tool)
                return request.override(tools=tools)
        return None

    def _with_mark(self, message: Any) -> Any:
        kwargs = {**message.additional_kwargs, _MARK: self.mark}
        return message.model_copy(update={"additional_kwargs": kwargs})

    def _marked_tool(self, tool: BaseTool | dict[str, Any]) -> BaseTool | dict[str, Any]:
        if isinstance(tool, dict):
            return {**tool, _MARK: self.mark}
        return tool.model_copy(update={"extras": {**(tool.extras or {}), _MARK: self.mark}})


def _asked(request: Request) -> Iterator[str]:
    """The models that may answer, as the catalogue names them; "~" stands before moving names."""
    model, settings = request.model, request.model_settings
    fallbacks: Any = settings.get("models") or getattr(model, "models", None) or ()
    for name in (settings.get("model") or getattr(model, "model_name", ""), *fallbacks):
        yield str(name).lstrip("~").removeprefix("openrouter/")


def _marks(request: Request) -> int:
    """How many marks the request has before we add any."""
    automatic = request.model_settings.get(_MARK) or getattr(request.model, _MARK, None)
    messages = [m for m in (request.system_message, *request.messages) if m is not None]
    tools = sum(1 for tool in request.tools if _mark_of_tool(tool))
    return bool(automatic) + sum(map(_marks_of, messages)) + tools


def _marks_of(message: BaseMessage) -> int:
    content = message.content if isinstance(message.content, list) else []
    blocks = sum(1 for b in content if isinstance(b, dict) and _is_marked(b))
    return blocks + bool(message.additional_kwargs.get(_MARK))


def _is_marked(block: dict[str, Any]) -> bool:
    """Whether a block bears a mark of either kind: OpenRouter turns OpenAI's into Anthropic's."""
    return bool(marks_of(block) or marks_of(block.get("extras") or {}))


def _has_mark(message: BaseMessage) -> bool:
    return _marks_of(message) > 0


def _has_text(message: BaseMessage) -> bool:
    return bool(message.text.strip())


def _mark_of_tool(tool: BaseTool | dict[str, Any]) -> Any:
    extras = tool if isinstance(tool, dict) else tool.extras or {}
    return extras.get(_MARK)
