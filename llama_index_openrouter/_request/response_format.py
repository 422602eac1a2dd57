"""Pydantic classes as the schemas that ask for them. Pure; called by `_structured_output`."""

from __future__ import annotations

from llama_index.core.bridge.pydantic import BaseModel

from openrouter_core.chat.schema import AnswerSchema, NamedSchema, answer_schema, class_schema


def schema_of(output_cls: type[BaseModel]) -> NamedSchema:
    """Return the JSON Schema of a class, with its name."""
    return class_schema(output_cls.model_json_schema(), output_cls.__name__)


def to_answer_schema(output_cls: type[BaseModel], *, strict: bool | None) -> AnswerSchema:
    """Return how a class is asked for.

    Args:
        strict: None asks for the strict form where strict mode can say the class.

    Raises:
        ConfigurationError: It must be strict and cannot be.
    """
    return answer_schema(schema_of(output_cls), strict=strict, prefers_strict=True)
