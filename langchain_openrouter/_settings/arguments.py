"""What the constructors take, for type checkers: fields, their aliases and their other names.

Imported by nothing at run time. See `openrouter_core.chat.arguments`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from langchain_core.caches import BaseCache
from langchain_core.callbacks import Callbacks
from langchain_core.language_models import ModelProfile
from langchain_core.rate_limiters import BaseRateLimiter
from langchain_core.tools import ToolException
from pydantic import BaseModel, ValidationError
from pydantic.v1 import ValidationError as ValidationErrorV1

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.chat.arguments import ChatArguments, ModelArguments
from openrouter_core.chat.parameters import ProviderField


class _Clients(ModelArguments, total=False):
    model: str
    """E.g. "openai/gpt-5-mini"; see https://openrouter.ai/models."""
    model_name: str
    """As `model`."""
    client: OpenRouterClient | None
    """To be used instead of one of these settings."""
    async_client: AsyncOpenRouterClient | None


class ChatOpenRouterArguments(ChatArguments, _Clients, total=False):
    """Those of `ChatOpenRouter`."""

    session_from_thread: bool
    """Whether calls without a session belong to that of LangGraph's `thread_id`."""
    extra_headers: dict[str, str] | None
    """Headers of every request; a call's are added."""
    streaming: bool | None
    """Whether `invoke` streams too. False: `stream` gives one chunk."""
    stream_usage: bool
    """Whether the last chunk of a stream carries `usage_metadata`."""
    langsmith_cost: bool
    """Whether `usage_metadata` carries `total_cost` for LangSmith."""

    name: str | None
    cache: BaseCache | bool | None
    verbose: bool
    callbacks: Callbacks
    tags: list[str] | None
    metadata: dict[str, Any] | None
    custom_get_token_ids: Callable[[str], list[int]] | None
    rate_limiter: BaseRateLimiter | None
    disable_streaming: bool | Literal["tool_calling"]
    output_version: str | None
    profile: ModelProfile | None


class RetrievalArguments(_Clients, total=False):
    """Those that `OpenRouterEmbeddings`, `OpenRouterRerank` and `OpenRouterImageTool` share."""

    openrouter_provider: ProviderField | None
    """As `provider`."""


class EmbeddingsArguments(RetrievalArguments, total=False):
    """Those of `OpenRouterEmbeddings`."""

    dimensions: int | None
    input_type: str | None
    query_input_type: str | None
    encoding_format: str | None
    batch_size: int
    batch_bytes: int
    max_concurrency: int


class RerankArguments(RetrievalArguments, total=False):
    """Those of `OpenRouterRerank`."""

    top_n: int | None


class ImageToolArguments(RetrievalArguments, total=False):
    """Those of `OpenRouterImageTool`."""

    name: str
    description: str
    args_schema: type[BaseModel] | dict[str, Any]
    response_format: Literal["content", "content_and_artifact"]
    image_options: dict[str, Any]
    is_shown: bool
    return_direct: bool
    verbose: bool
    callbacks: Callbacks
    tags: list[str] | None
    metadata: dict[str, Any] | None
    handle_tool_error: (
        bool | str | Callable[[ToolException], str | Sequence[str | dict[str, Any]]] | None
    )
    handle_validation_error: (
        bool | str | Callable[[ValidationError | ValidationErrorV1], str] | None
    )
    extras: dict[str, Any] | None
