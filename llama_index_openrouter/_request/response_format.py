"""JSON schemas for classes, and objects out of text: whole, wrapped in prose, or still growing.

Called by `_structured`. Pure: text and classes in, `response_format` and objects out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from llama_index.core.bridge.pydantic import BaseModel, ValidationError
from pydantic_core import from_json

if TYPE_CHECKING:
    from llama_index.core.base.llms.types import ChatResponse

JsonObject = dict[str, Any]


def response_format(output_cls: type[BaseModel], *, strict: bool) -> JsonObject:
    """Return the `response_format` that asks for a class."""
    schema = output_cls.model_json_schema()
    wanted: JsonObject = {
        "name": re.sub(r"[^A-Za-z0-9_-]", "_", schema.get("title") or output_cls.__name__)[:64],
        "schema": strict_schema(schema) if strict else schema,
        "strict": strict,
    }
    if schema.get("description"):
        wanted["description"] = schema["description"]
    return {"type": "json_schema", "json_schema": wanted}


def strict_schema(schema: Any) -> Any:
    """Return a schema as strict mode wants it: every property required, no others, no defaults."""
    if isinstance(schema, list):
        return [strict_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = cast("JsonObject", schema)
    strict = {key: _strict_member(key, value) for key, value in plain.items() if key != "default"}
    if plain.get("type") == "object" and "properties" in plain:
        strict["required"] = list(plain["properties"])
        strict["additionalProperties"] = False
    return strict


def _strict_member(key: str, value: Any) -> Any:
    """Property and definition names are not keywords: a property may be called "default"."""
    if key in ("properties", "$defs", "definitions") and isinstance(value, dict):
        return {name: strict_schema(inner) for name, inner in cast("JsonObject", value).items()}
    return value if key in ("enum", "const", "required") else strict_schema(value)


class PartialReader:
    """Reads objects out of text that is still growing."""

    def __init__(self, output_cls: type[BaseModel]) -> None:
        """Prepare a lenient twin of the class, once per stream."""
        from llama_index.core.program.utils import create_flexible_model

        self._output_cls = output_cls
        self._lenient = create_flexible_model(output_cls)
        self._seen: object = None

    def read(self, response: ChatResponse) -> BaseModel | None:
        """Return the object so far; None while nothing new can be read."""
        if not response.delta:
            return None
        try:
            value = from_json((response.message.content or "").lstrip(), allow_partial=True)
        except ValueError:
            return None
        if not isinstance(value, dict) or value == self._seen:
            return None
        self._seen = cast("object", value)
        try:
            return self._output_cls.model_validate(value)
        except ValidationError:
            return self._lenient.model_validate(value)


def parse(response: ChatResponse, output_cls: type[BaseModel]) -> BaseModel:
    """Read a whole answer, leaving out what a model wrote around the JSON.

    Raises:
        ValueError: The model refused, or the answer is not such an object.
    """
    text = response.message.content or ""
    refusal = response.message.additional_kwargs.get("refusal")
    if refusal and text in ("", refusal):
        raise ValueError(f"The model refused to give a {output_cls.__name__}: {refusal}")
    try:
        return output_cls.model_validate_json(json_in(text))
    except ValidationError as error:
        ended = response.additional_kwargs.get("finish_reason")
        first = error.errors(include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole answer"
        raise ValueError(
            f"The answer is not a {output_cls.__name__} ({place}: {first['msg']}; it ended with "
            f"{ended!r}). Raise max_tokens if it was cut off, or try another model."
        ) from error


def json_in(text: str) -> str:
    """Return the JSON object of a text: all of it, a fenced block, or from the first to the last brace."""
    stripped = text.strip()
    if stripped.startswith("{") and stripped.endswith("}"):
        return stripped
    fenced = re.search(r"```(?:json)?\s*(\{.*\})\s*```", stripped, re.DOTALL)
    if fenced:
        return fenced.group(1)
    start, end = stripped.find("{"), stripped.rfind("}")
    return stripped[start : end + 1] if 0 <= start < end else stripped
