"""What OpenAI refuses of schemas, names, tool settings and sound; Azure serves the same models by the same rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from openrouter_emulator.api_error import ApiError
from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.dialects import refusal, refuses
from openrouter_emulator.dialects.openai_schemas import function_complaint, strict_complaint
from openrouter_emulator.planned_response import JsonObject

_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_RESPONSES_ONLY = re.compile(r"~?openai/(gpt-[5-9]|gpt-latest|gpt-mini-latest)")
"""Models that OpenRouter asks by the Responses API (getzep/graphiti#1751, 2026-08-10)."""


@refuses("openai", "azure")
def names(body: JsonObject, chosen: Chosen) -> None:
    """Names of functions and schemas: letters, digits, "_" and "-", at most 64 of them."""
    for param, name in _names(body):
        if not _NAME.fullmatch(name):
            _refuse(chosen, f"Invalid '{param}': string does not match pattern. Expected a string that matches the "
                    "pattern '^[a-zA-Z0-9_-]+$'.", param=param, code="invalid_value")  # fmt: skip
        if len(name) > 64:
            _refuse(chosen, f"Invalid '{param}': string too long. Expected a string with maximum length 64, but got "
                    f"a string with length {len(name)} instead.", param=param, code="string_above_max_length")  # fmt: skip


def _names(body: JsonObject) -> Iterator[tuple[str, str]]:
    for at, function in _functions(body):
        yield f"tools[{at}].function.name", str(function["name"])
    if spec := _json_schema(body):
        yield "response_format.json_schema.name", str(spec["name"])


@refuses("openai", "azure")
def functions(body: JsonObject, chosen: Chosen) -> None:
    """Parameters of functions are objects; those of strict ones keep the rules of strict schemas."""
    for at, function in _functions(body):
        schema = function.get("parameters") or {}
        complaint = function_complaint(schema)
        if complaint is None and function.get("strict"):
            complaint = strict_complaint(schema)
        if complaint is not None:
            message = f"Invalid schema for function '{function['name']}': {complaint}"
            param = f"tools[{at}].function.parameters"
            _refuse(chosen, message, param=param, code="invalid_function_parameters")


@refuses("openai", "azure")
def response_format(body: JsonObject, chosen: Chosen) -> None:
    """Strict schemas keep the rules; models of the Responses API hold every schema to them."""
    spec = _json_schema(body)
    by_responses = bool(_RESPONSES_ONLY.match(chosen.model.id))
    if not spec or not (spec.get("strict") or by_responses):
        return
    complaint = strict_complaint(spec.get("schema") or {})
    if complaint is not None:
        message = f"Invalid schema for response_format '{spec['name']}': {complaint}"
        param = "text.format.schema" if by_responses else "response_format"
        _refuse(chosen, message, param=param, code="invalid_json_schema" if by_responses else None)


@refuses("openai", "azure")
def tool_settings(body: JsonObject, chosen: Chosen) -> None:
    """`tool_choice` and `parallel_tool_calls` need tools, unless a router brings them."""
    if body.get("tools") or chosen.router:
        return
    for name in ("tool_choice", "parallel_tool_calls"):
        if body.get(name) not in (None, "none"):
            message = (
                f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified."
            )
            _refuse(chosen, message, param=name)


@refuses("openai", "azure")
def sound(body: JsonObject, chosen: Chosen) -> None:
    """Streams have one format of sound (Agent-Field/agentfield#584 and #968); the message comes bare."""
    form = (body.get("audio") or {}).get("format")
    if body.get("stream") and form not in (None, "pcm16") and "audio" in chosen.model.outputs:
        raise ApiError(400, f"Unsupported value: 'audio.format' does not support '{form}' when stream=true. "
                       "Supported values are: 'pcm16'.")  # fmt: skip


def _functions(body: JsonObject) -> Iterator[tuple[int, JsonObject]]:
    for at, tool in enumerate(body.get("tools") or ()):
        if tool.get("type") == "function":
            yield at, tool["function"]


def _json_schema(body: JsonObject) -> Mapping[str, Any]:
    return (body.get("response_format") or {}).get("json_schema") or {}


def _refuse(chosen: Chosen, message: str, *, param: str, code: str | None = None) -> NoReturn:
    kind = "invalid_request_error"
    error = {"message": message, "type": kind, "param": param, "code": code}
    raise refusal(chosen, {"error": error})
