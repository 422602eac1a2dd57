"""What LlamaIndex wants to know of a model, from the catalogue. Pure.

A value that the user set always wins. A model that the catalogue does not know may do everything.
"""

from __future__ import annotations

from llama_index.core.base.llms.types import LLMMetadata, MessageRole

from llama_index_openrouter._settings.chat import ChatSettings
from openrouter_core._fast import copy_unchecked
from openrouter_core.catalog.models import ModelFacts

UNKNOWN_CONTEXT = 128_000
"""Tokens assumed for a model that nothing is known of, e.g. a preset: set `context_window` then."""
UNKNOWN_OUTPUT = 4_096
"""Tokens left free for the answer of such a model."""
_METADATA = LLMMetadata(is_chat_model=True, system_role=MessageRole.SYSTEM)


def llm_metadata(settings: ChatSettings, facts: ModelFacts | None) -> LLMMetadata:
    """Describe the model to LlamaIndex."""
    known = facts.context_length if facts else None
    context = settings.context_window or known or UNKNOWN_CONTEXT
    fields = {
        "context_window": context,
        "num_output": _num_output(settings, facts, context),
        "is_function_calling_model": _calls_functions(settings, facts),
        "model_name": settings.model or _name(settings),
    }
    return copy_unchecked(_METADATA, fields)  # every call makes one


def _name(settings: ChatSettings) -> str:
    """The model that is asked first; a preset's slug where that decides."""
    others = [
        *(settings.models or ()),
        *([f"@preset/{settings.preset}"] if settings.preset else ()),
    ]
    return settings.model or next(iter(others), "")


def _num_output(settings: ChatSettings, facts: ModelFacts | None, context: int) -> int:
    """How many tokens prompts leave free.

    Models may write as much as they read; a quarter of the window keeps room for the prompt.
    """
    asked = settings.num_output or settings.max_completion_tokens or settings.max_tokens
    if asked:
        return asked
    able = facts.max_completion_tokens if facts else UNKNOWN_OUTPUT
    return min(able or context, context // 4)


def _calls_functions(settings: ChatSettings, facts: ModelFacts | None) -> bool:
    if settings.is_function_calling_model is not None:
        return settings.is_function_calling_model
    return facts is None or not facts.supported_parameters or "tools" in facts.supported_parameters
