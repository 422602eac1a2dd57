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
    """As `client`, for async calls: an `AsyncOpenRouterClient`."""


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
    """Its name in traces."""
    cache: BaseCache | bool | None
    """Whether LangChain's cache keeps the answers, or which cache does."""
    verbose: bool
    """Whether LangChain prints what runs."""
    callbacks: Callbacks
    """Callbacks to add to the run trace."""
    tags: list[str] | None
    """Tags to add to the run trace."""
    metadata: dict[str, Any] | None
    """Metadata to add to the run trace."""
    custom_get_token_ids: Callable[[str], list[int]] | None
    """Counts tokens for `get_num_tokens`."""
    rate_limiter: BaseRateLimiter | None
    """LangChain's own limiter of requests."""
    disable_streaming: bool | Literal["tool_calling"]
    """Whether `stream` gives the whole answer at once; "tool_calling": only where tools are given."""
    output_version: str | None
    """"v1": the content of messages is LangChain's standard blocks."""
    profile: ModelProfile | None
    """What the model can do. Unless given, from the catalogue."""


class RetrievalArguments(_Clients, total=False):
    """Those that `OpenRouterEmbeddings`, `OpenRouterRerank` and `OpenRouterImageTool` share."""

    openrouter_provider: ProviderField | None
    """As `provider`."""


class EmbeddingsArguments(RetrievalArguments, total=False):
    """Those of `OpenRouterEmbeddings`."""

    dimensions: int | None
    """Length of the vectors, for models that can shorten them."""
    input_type: str | None
    """What texts are for, e.g. "search_document"; sent only if set."""
    query_input_type: str | None
    """What queries are for, e.g. "search_query". None: as `input_type`."""
    encoding_format: str | None
    """How vectors travel. None: "base64", a third of the size; lists of floats come out either way."""
    batch_size: int
    """Texts per request. OpenRouter has no limit of its own, providers do; few take less than
    96."""
    batch_bytes: int
    """UTF-8 bytes of text per request, some 80,000 tokens; a longer text is sent alone, uncut."""
    max_concurrency: int
    """Requests under way at a time, in async calls."""


class RerankArguments(RetrievalArguments, total=False):
    """Those of `OpenRouterRerank`."""

    top_n: int | None
    """How many of the best documents to keep. None: all."""


class ImageToolArguments(RetrievalArguments, total=False):
    """Those of `OpenRouterImageTool`."""

    name: str
    """The name by which the model calls the tool."""
    description: str
    """What the model reads about the tool."""
    args_schema: type[BaseModel] | dict[str, Any]
    """The shape of the tool's arguments."""
    response_format: Literal["content", "content_and_artifact"]
    """Leave it: the images are the artifact of the tool's message."""
    image_options: dict[str, Any]
    """Options of each image, e.g. {"aspect_ratio": "16:9", "n": 2}."""
    is_shown: bool
    """Whether the agent's model sees the images; it needs image inputs then."""
    return_direct: bool
    """Whether the agent ends with what the tool returned."""
    verbose: bool
    """Whether to log the tool's progress."""
    callbacks: Callbacks
    """Callbacks to be called during tool execution."""
    tags: list[str] | None
    """Tags of the tool's runs."""
    metadata: dict[str, Any] | None
    """Metadata of the tool's runs."""
    handle_tool_error: (
        bool | str | Callable[[ToolException], str | Sequence[str | dict[str, Any]]] | None
    )
    """What the model reads when the tool raises a `ToolException`."""
    handle_validation_error: (
        bool | str | Callable[[ValidationError | ValidationErrorV1], str] | None
    )
    """What the model reads when its arguments are wrong."""
    extras: dict[str, Any] | None
    """Optional provider-specific extra fields for the tool."""
