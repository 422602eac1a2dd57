"""Structured output: what is bound to the model, and who reads its answer.

`json_schema` asks providers to enforce the schema, `function_calling` makes the schema a tool, and
`json_mode` asks for any JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable, RunnableMap
from langchain_core.utils.function_calling import convert_to_json_schema
from langchain_core.utils.pydantic import is_basemodel_subclass

from langchain_openrouter._request.response_format import Method, Schema, to_answer_schema
from langchain_openrouter._request.tools import Tool, WireTool, to_tools
from langchain_openrouter._response.structured_output import (
    AnswerModelParser,
    AnswerParser,
    RawAndParsed,
)
from langchain_openrouter.errors import ConfigurationError
from openrouter_core.chat.schema import AnswerSchema

if TYPE_CHECKING:
    from langchain_openrouter.chat_models import ChatOpenRouter

Bound = Runnable[Any, AIMessage]
_METHODS: tuple[Method, ...] = get_args(Method)


def structured(
    model: ChatOpenRouter,
    schema: Schema | None,
    *,
    method: Method | None,
    include_raw: bool,
    strict: bool | None,
    tools: Sequence[Tool] | None,
    require_parameters: bool,
    healing: bool,
    bound: dict[str, Any],
) -> Runnable[Any, Any]:
    """Return the chain of the bound model and the parser of its answer."""
    if method not in {None, *_METHODS}:
        raise ConfigurationError(f"method={method!r} is none of {', '.join(_METHODS)}.")
    if schema is None and method != "json_mode":
        raise ConfigurationError(f"schema is needed for method={method!r}.")
    method, answer = _how(model, schema, method, strict=strict)
    if method != "function_calling":
        bound = {"require_parameters": require_parameters, **bound}
    if healing:
        bound = {**bound, "response_healing": True}
    own = to_tools(tools or (), strict=strict)
    asked_tools, asked = _asked(method, answer, own)
    asked |= {**_for_tracing(method, schema, answer, strict=strict), **bound}
    chain: Bound = model.bind_tools(asked_tools, **asked) if asked_tools else model.bind(**asked)
    parser = _parser(schema, method, answer, other_tools=bool(own))
    return RunnableMap(raw=chain) | RawAndParsed(parser) if include_raw else chain | parser


def _how(
    model: ChatOpenRouter, schema: Schema | None, method: Method | None, *, strict: bool | None
) -> tuple[Method, AnswerSchema | None]:
    """The method, and how the schema is sent by it."""
    if schema is None:
        return method or "json_mode", None
    if method != "function_calling":
        answer = to_answer_schema(schema, strict=strict)
        method = method or default_method(model, answer)
        if method != "function_calling":
            return method, answer
    return method, to_answer_schema(schema, strict=strict, prefers_strict=False)


def default_method(model: ChatOpenRouter, answer: AnswerSchema | None = None) -> Method:
    """The surest way that the model's profile promises, and that its vendor takes for the schema."""
    if not (model.profile or {}).get("structured_output"):
        return "function_calling"
    refused = answer is not None and answer.is_refused_by(model.model_name)
    return "function_calling" if refused else "json_schema"


def _asked(
    method: Method, answer: AnswerSchema | None, own: list[WireTool]
) -> tuple[list[WireTool], dict[str, Any]]:
    """The tools and the arguments that ask for the answer."""
    if answer is None or method == "json_mode":
        return own, {"response_format": {"type": "json_object"}}
    if method == "json_schema":
        return own, {"response_format": answer.response_format}
    return [*own, answer.tool], {"tool_choice": "required" if own else answer.name}


def _for_tracing(
    method: Method, schema: Schema | None, answer: AnswerSchema | None, *, strict: bool | None
) -> dict[str, Any]:
    """What LangSmith shows of the format: the schema as LangChain converts it."""
    shown: Any = {} if answer is None else answer.given
    if schema is not None and not isinstance(schema, Mapping):
        shown = convert_to_json_schema(schema)
    traced = {"kwargs": {"method": method, "strict": strict}, "schema": shown}
    return {"ls_structured_output_format": traced}


def _parser(
    schema: Any, method: Method, answer: AnswerSchema | None, *, other_tools: bool
) -> AnswerParser:
    by_tool = method == "function_calling" and answer is not None
    how: dict[str, Any] = {
        "answer": answer,
        "tool_name": answer.name if answer is not None and by_tool else "",
        "other_tools": other_tools,
    }
    if isinstance(schema, type) and is_basemodel_subclass(schema):
        return AnswerModelParser(pydantic_object=schema, **how)
    return AnswerParser(**how)
