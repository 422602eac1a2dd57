"""A schema as users give it, and as `response_format` or a tool that asks for it. Pure.

Both adapters ask for structured answers through `AnswerSchema`: they turn classes of their framework into
JSON Schema, and everything else is decided here: names, strictness, and how an answer is read back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from openrouter_core._json import as_dict
from openrouter_core._logging import warn_once
from openrouter_core.chat.json_schema import JsonSchema, drop_nulls, matches, resolve
from openrouter_core.chat.strict_schema import NotStrictError, to_strict
from openrouter_core.errors import ConfigurationError

_FORMAT_TYPES = frozenset({"json_schema", "json_object", "text", "grammar", "python"})
_SCHEMA_KEYS = frozenset(
    {"$ref", "properties", "anyOf", "oneOf", "allOf", "enum", "const", "$defs"}
)
_ASKED_BY_RESPONSES = re.compile(r"~?openai/(gpt-([5-9]|\d\d)|gpt-(mini-)?latest)")
_NOT_A_NAME = re.compile(r"[^a-zA-Z0-9_-]+")


def clean_name(name: object, default: str = "answer") -> str:
    """Return a name that the API takes: at most 64 letters, digits, "_" and "-", never empty."""
    return _NOT_A_NAME.sub("_", str(name or ""))[:64] or default


class NamedSchema(NamedTuple):
    """A JSON Schema with what was said beside it."""

    name: str
    """As it was given, perhaps not a name that the API takes."""
    schema: JsonSchema
    description: str | None = None
    strict: bool | None = None


def class_schema(schema: JsonSchema, class_name: str) -> NamedSchema:
    """Return the schema of a class with its name and its docstring; recursive ones stand in a definition."""
    root = {**(resolve(schema, str(schema.get("$ref"))) or {}), **schema}
    return NamedSchema(str(root.get("title") or class_name), schema, root.get("description"))


def read_schema(given: Mapping[str, Any]) -> NamedSchema:
    """Read any of the forms in which people write a schema.

    A JSON Schema with a "title"; a `response_format`, whole or without its envelope
    (`{"name", "schema", "strict"}`); a function tool, nested or flat; Anthropic's and Bedrock's tools.

    Raises:
        ConfigurationError: It is none of these.
    """
    spec = _envelope_of(given)
    for key in ("schema", "parameters", "input_schema"):
        if isinstance(spec.get(key), dict) and spec.get("name"):
            return NamedSchema(spec["name"], spec[key], spec.get("description"), spec.get("strict"))
    if spec.get("name") and not spec.keys() & _SCHEMA_KEYS:  # a tool without parameters
        empty: JsonSchema = {"type": "object", "properties": {}}
        return NamedSchema(spec["name"], empty, spec.get("description"), spec.get("strict"))
    if isinstance(spec.get("title"), str) and spec is given:
        return NamedSchema(spec["title"], dict(spec), spec.get("description"))
    raise ConfigurationError(_not_a_schema(spec))


def _envelope_of(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What says the schema: inside a `response_format` or a tool, or the thing itself."""
    for key in ("json_schema", "function"):
        if isinstance(given.get(key), dict) and given.get("type") in (key, None):
            return cast("JsonSchema", given[key])
    bedrock = given.get("toolSpec")
    if isinstance(bedrock, dict):
        inner: object = cast("JsonSchema", bedrock).get("inputSchema")
        schema = cast("JsonSchema", inner).get("json") if isinstance(inner, dict) else None
        return {**cast("JsonSchema", bedrock), "parameters": schema}
    return given


def _not_a_schema(spec: Mapping[str, Any]) -> str:
    kind = spec.get("type")
    if kind in _FORMAT_TYPES and kind != "json_schema":
        return f'A response_format of type "{kind}" holds no schema. Give it as response_format=.'
    if spec.keys() & _SCHEMA_KEYS or kind == "object":
        return 'The schema has no name. Give the JSON Schema a "title".'
    return (
        'This is not a valid schema. Give a class, a JSON Schema with a "title", or '
        '{"name": ..., "schema": ..., "strict": ...}.'
    )


def as_parameters(schema: JsonSchema, *, without: Sequence[str] = ()) -> JsonSchema:
    """Return a schema as the parameters of a function: an object with `properties`, be there none.

    Providers refuse a `$ref` at the root, and an object without properties (run-llama/llama_index#18928).

    Args:
        without: Keys that stand beside the parameters already.
    """
    target = resolve(schema, str(schema.get("$ref"))) or {}
    whole = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    whole = {key: value for key, value in whole.items() if key not in without}
    return {"type": "object", "properties": {}, **whole}


@dataclass(frozen=True, slots=True)
class AnswerSchema:
    """The schema of a structured answer: as it was given, and as it is sent."""

    name: str
    """As it is sent."""
    given: JsonSchema = field(repr=False)
    sent: JsonSchema = field(repr=False)
    strict: bool | None
    """None is not sent."""
    description: str | None = field(default=None, repr=False)

    @property
    def response_format(self) -> JsonSchema:
        """What asks for the answer as text."""
        return {"type": "json_schema", "json_schema": self._spec("schema")}

    @property
    def tool(self) -> JsonSchema:
        """What asks for the answer as a call."""
        function = self._spec("parameters")
        function["parameters"] = as_parameters(self.sent, without=("title", "description"))
        return {"type": "function", "function": function}

    def read_back(self, value: Any, *, fill_defaults: bool = False) -> Any:
        """Return an answer as one to the given schema: null for an optional property is left out.

        Args:
            fill_defaults: Put the schema's own defaults in their place, for plain dicts.
        """
        if self.sent is self.given:
            return value
        return drop_nulls(value, self.given, fill_defaults=fill_defaults)

    def is_refused_by(self, model: str) -> bool:
        """Whether the model's vendor refuses it as a `response_format`, though not as a tool."""
        if not holds_all_schemas_strict(model):
            return False
        return self.strict is False or not can_be_strict(self.given)

    def matches(self, value: Any) -> bool:
        """Whether an answer that was read back has the kind, the keys and the constants of the schema."""
        return matches(value, self.given, self.given)

    def _spec(self, key: str) -> JsonSchema:
        spec: JsonSchema = {"name": self.name, key: self.sent}
        if self.description:
            spec["description"] = self.description
        if self.strict is not None:
            spec["strict"] = self.strict
        return spec


def answer_schema(
    asked: NamedSchema,
    *,
    strict: bool | None = None,
    prefers_strict: bool = False,
    nullable: bool = True,
) -> AnswerSchema:
    """Decide how a schema is sent.

    Args:
        asked: The schema, with the strictness that was written into it.
        strict: True sends the strict form; False and None send the schema unchanged.
        prefers_strict: Whether to send the strict form where nobody decided: for classes, of which the wire
            form is ours to choose. What strict mode cannot say then goes out unchanged, with a line in the log.
        nullable: Whether the answer goes through `read_back`, so that optional properties may be null.

    Raises:
        ConfigurationError: `strict` is True for a schema that strict mode cannot say, or contradicts what
            is written into it.
    """
    name = clean_name(asked.name)
    strict = _decided(asked, strict=strict)
    sent = asked.schema
    if strict or (strict is None and prefers_strict):
        try:
            sent = to_strict(asked.schema, nullable=nullable, cautious=not strict)
            strict = True
        except NotStrictError as error:
            if strict:
                raise ConfigurationError(_cannot_be_strict(name, error)) from error
            warn_once(
                f"The schema {name!r} is sent as it is and not as strict, because strict mode cannot "
                f"say {error.reason} (at {error.pointer}). Pass strict=False to silence this."
            )
            strict = False
    return AnswerSchema(name, asked.schema, sent, strict, asked.description)


def _decided(asked: NamedSchema, *, strict: bool | None) -> bool | None:
    if strict is None or asked.strict is None or strict == asked.strict:
        return asked.strict if strict is None else strict
    raise ConfigurationError(
        f"strict={strict} contradicts strict={asked.strict} inside the schema {asked.name!r}. Give one."
    )


def _cannot_be_strict(name: str, error: NotStrictError) -> str:
    return (
        f"The schema {name!r} cannot be sent with strict=True: strict mode cannot say {error.reason} "
        f"(at {error.pointer}). Change the schema there, or leave strict out."
    )


def closed_format(response_format: JsonSchema) -> JsonSchema:
    """Return a `response_format` that says `strict: true` with a schema that keeps strict mode's rules.

    For formats that a framework wrote: LangChain's `ProviderStrategy(strict=True)` leaves the schema open.
    Somebody else reads the answer, so optional properties are required as they are. Others are unchanged.

    Raises:
        ConfigurationError: Strict mode cannot say the schema.
    """
    spec: object = response_format.get("json_schema")
    if not isinstance(spec, dict) or not spec.get("strict"):
        return response_format
    fields = cast("JsonSchema", spec)
    try:
        schema = to_strict(fields.get("schema") or {}, nullable=False, cautious=False)
    except NotStrictError as error:
        raise ConfigurationError(_cannot_be_strict(str(fields.get("name")), error)) from error
    return {**response_format, "json_schema": {**fields, "schema": schema}}


def holds_all_schemas_strict(model: str) -> bool:
    """Whether a model refuses schemas that break strict mode's rules, even without `strict`.

    OpenRouter asks GPT-5 and later by the Responses API, and OpenAI then answers 400 "invalid_json_schema",
    `text.format.schema` (getzep/graphiti#1751, 2026-08-10).
    """
    return bool(_ASKED_BY_RESPONSES.match(model))


def close_where_refused(body: JsonSchema) -> None:
    """Close the schema of a request whose model refuses open ones, with a line in the log.

    For formats in which nobody decided on strictness. A schema that cannot be closed stays as it is.
    """
    spec = as_dict(as_dict(body.get("response_format")).get("json_schema"))
    schema = as_dict(spec.get("schema"))
    if not schema or "strict" in spec or not holds_all_schemas_strict(str(body.get("model"))):
        return
    try:
        closed = to_strict(schema, nullable=False)
    except NotStrictError:
        return
    if closed != schema:
        warn_once(
            f"{body['model']} refuses open schemas, so {spec.get('name')!r} is sent closed, with all its "
            'properties required. Put "strict": false into the response_format to send it as it is.'
        )
        spec = {**spec, "schema": closed}
        body["response_format"] = {**body["response_format"], "json_schema": spec}


def can_be_strict(schema: Mapping[str, Any]) -> bool:
    """Whether strict mode can say a schema."""
    try:
        to_strict(schema, nullable=False)
    except NotStrictError:
        return False
    return True
