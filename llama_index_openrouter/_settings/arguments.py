"""What the constructors take, for type checkers: fields and their other names.

Imported by nothing at run time. See `openrouter_core.chat.arguments`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llama_index.core.callbacks import CallbackManager
from llama_index.core.llms import ChatMessage
from llama_index.core.prompts import BasePromptTemplate
from llama_index.core.types import BaseOutputParser, PydanticProgramMode

from llama_index_openrouter._settings.chat import StructuredMode
from openrouter_core.chat.arguments import ChatArguments, ModelArguments

JsonObject = dict[str, Any]


class _Common(ModelArguments, total=False):
    model: str | None
    """E.g. "openai/gpt-5-mini"; see https://openrouter.ai/models."""
    extra_headers: dict[str, str] | None
    """Headers of every request, as `default_headers`."""
    callback_manager: CallbackManager | None


class LLMArguments(ChatArguments, _Common, total=False):
    """Those of `OpenRouter`."""

    model_name: str | None
    """As `model`."""
    order: list[str] | None
    """Short for `provider={"order": ...}`."""
    allow_fallbacks: bool | None
    """Short for `provider={"allow_fallbacks": ...}`."""
    audio_config: JsonObject | None
    """As `audio`."""
    structured_output_mode: StructuredMode
    strict: bool | None
    require_parameters: bool
    response_healing: bool
    context_window: int | None
    num_output: int | None
    is_function_calling_model: bool | None
    refresh_metadata: bool

    system_prompt: str | None
    messages_to_prompt: Callable[[Sequence[ChatMessage]], str] | None
    completion_to_prompt: Callable[[str], str] | None
    output_parser: BaseOutputParser | None
    pydantic_program_mode: PydanticProgramMode
    query_wrapper_prompt: BasePromptTemplate | None
    rate_limiter: Any


class EmbeddingArguments(_Common, total=False):
    """Those of `OpenRouterEmbedding`."""

    model_name: str | None
    """As `model`."""
    dimensions: int | None
    input_type: str | None
    query_input_type: str | None
    encoding_format: str | None
    additional_kwargs: JsonObject | None
    embed_batch_size: int
    num_workers: int | None
    embeddings_cache: Any
    rate_limiter: Any


class RerankArguments(_Common, total=False):
    """Those of `OpenRouterRerank`."""

    top_n: int | None
    additional_kwargs: JsonObject | None
