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
    """LlamaIndex's callbacks, which came before its instrumentation."""


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
    """How structured_predict asks: by JSON schema, by a tool, or in the prompt. "auto" asks the
    catalogue."""
    strict: bool | None
    """Whether JSON schemas are to be obeyed to the letter. None: where strict mode can say the class;
    True: or not at all; False sends the schema as it is."""
    require_parameters: bool
    """Whether structured_predict goes only to providers that support what it asks for, if the model
    lists all parameters of the request."""
    response_healing: bool
    """Whether OpenRouter mends broken JSON of structured answers that are not streamed."""
    context_window: int | None
    """Tokens. None: what the model catalogue says."""
    num_output: int | None
    """Tokens that prompts leave free for the answer. None: the output limit, else from the
    catalogue."""
    is_function_calling_model: bool | None
    """None: what the model catalogue says; an unknown model may call functions."""
    refresh_metadata: bool
    """Whether `metadata` may fetch the model list, and who serves a pinned model. False: it never
    touches the network."""

    system_prompt: str | None
    """System prompt for LLM calls."""
    messages_to_prompt: Callable[[Sequence[ChatMessage]], str] | None
    """Function to convert a list of messages to an LLM prompt."""
    completion_to_prompt: Callable[[str], str] | None
    """Function to convert a completion to an LLM prompt."""
    output_parser: BaseOutputParser | None
    """Output parser to parse, validate, and correct errors programmatically."""
    pydantic_program_mode: PydanticProgramMode
    """LlamaIndex's own switch for structured answers; `structured_output_mode` decides here."""
    query_wrapper_prompt: BasePromptTemplate | None
    """Query wrapper prompt for LLM calls."""
    rate_limiter: Any
    """Rate limiter instance to throttle API calls."""


class EmbeddingArguments(_Common, total=False):
    """Those of `OpenRouterEmbedding`."""

    model_name: str | None
    """As `model`."""
    dimensions: int | None
    """Length of the vectors, for models that can shorten them."""
    input_type: str | None
    """What texts are for, e.g. "search_document"; sent only if set."""
    query_input_type: str | None
    """What queries are for, e.g. "search_query". None: as `input_type`."""
    encoding_format: str | None
    """How vectors travel. None: "base64", a third of the size; lists of floats come out either way."""
    additional_kwargs: JsonObject | None
    """Further body fields, sent as they are."""
    embed_batch_size: int
    """Texts per request. A model that refuses so many gets half of it from then on, in this process."""
    num_workers: int | None
    """The number of workers to use for async embedding calls."""
    embeddings_cache: Any
    """Cache for the embeddings: if None, the embeddings are not cached"""
    rate_limiter: Any
    """Rate limiter instance to throttle API calls."""


class RerankArguments(_Common, total=False):
    """Those of `OpenRouterRerank`."""

    top_n: int | None
    """How many of the best documents to keep. None: all."""
    additional_kwargs: JsonObject | None
    """Further body fields, sent as they are."""
