"""Schemas of answers, from classes and dicts. Pure; called by `bind_tools`, structured output and requests.

Classes become JSON Schema here; names, strictness and forms are `openrouter_core.chat.schema`'s matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeGuard

from langchain_core.utils.function_calling import convert_to_json_schema
from langchain_core.utils.pydantic import is_basemodel_subclass
from pydantic.errors import PydanticInvalidForJsonSchema

from langchain_openrouter.errors import ConfigurationError
from openrouter_core.chat.schema import (
    AnswerSchema,
    NamedSchema,
    answer_schema,
    class_schema,
    closed_format,
    read_schema,
)

Schema = Mapping[str, Any] | type | Callable[..., Any]
Method = Literal["json_schema", "function_calling", "json_mode"]
JsonSchema = dict[str, Any]

_FORMAT_TYPES = frozenset({"json_schema", "json_object", "text", "grammar", "python"})


def to_answer_schema(
    schema: Schema,
    *,
    strict: bool | None = None,
    prefers_strict: bool = True,
    nullable: bool = True,
) -> AnswerSchema:
    """Return how a schema is sent.

    Args:
        strict: None sends dicts as they are, and classes too unless `prefers_strict`.
        prefers_strict: Whether classes go in strict form where that can be; tools do not, for providers
            that know no strict tools.
        nullable: Whether the answer is read by `_response.structured_output`, which knows null for "left out".

    Raises:
        ConfigurationError: It is not a schema, or cannot be strict.
    """
    is_class = not isinstance(schema, Mapping)
    named = read_schema(schema) if isinstance(schema, Mapping) else _of_class(schema)
    return answer_schema(
        named, strict=strict, prefers_strict=prefers_strict and is_class, nullable=nullable
    )


def _of_class(schema: Any) -> NamedSchema:
    """The whole JSON Schema of a pydantic class: LangChain's own conversion loses recursive definitions."""
    try:
        if isinstance(schema, type) and is_basemodel_subclass(schema):
            json_schema: JsonSchema = json_schema_of(schema)
        else:
            json_schema = convert_to_json_schema(schema)
    except (ValueError, KeyError, PydanticInvalidForJsonSchema) as error:
        raise ConfigurationError(
            "This is not a valid schema. Give a pydantic class, a TypedDict, or a JSON Schema with a "
            f'"title" for its name. ({error})'
        ) from error
    return class_schema(json_schema, getattr(schema, "__name__", ""))


def json_schema_of(cls: Any) -> JsonSchema:
    """Return the JSON Schema of a pydantic class of either version."""
    schema: JsonSchema = (
        cls.model_json_schema() if hasattr(cls, "model_json_schema") else cls.schema()
    )
    return schema


def to_response_format(schema: Schema, *, strict: bool | None = None) -> JsonSchema:
    """Return the `response_format` that asks for an answer of this schema, which somebody else reads.

    A dict that already is one, by its `type`, is returned as it stands.
    """
    if is_response_format(schema):
        return dict(schema)
    return to_answer_schema(schema, strict=strict, nullable=False).response_format


def to_bound_format(schema: Schema, *, strict: bool | None = None) -> JsonSchema:
    """Return what `bind_tools` binds: agents hand strict formats over whose schema is still open.

    Raises:
        ConfigurationError: It cannot be strict, though it says so.
    """
    return closed_format(to_response_format(schema, strict=strict))


def is_response_format(schema: Schema) -> TypeGuard[Mapping[str, Any]]:
    """Whether a dict is a `response_format` in wire form."""
    if not isinstance(schema, Mapping) or schema.get("type") not in _FORMAT_TYPES:
        return False
    return schema["type"] != "json_schema" or isinstance(schema.get("json_schema"), Mapping)
