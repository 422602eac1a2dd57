"""Structured output: what is bound to the model, and how its answer is read.

`json_schema` asks providers to enforce the schema, `function_calling` makes the schema a tool, and
`json_mode` asks for any JSON. Reading is tolerant as a last step: JSON with text around it is found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGeneration, Generation
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.utils.pydantic import is_basemodel_subclass

from langchain_openrouter._request.build import merged_provider
from langchain_openrouter._request.response_format import Schema, to_json_schema, to_response_format
from langchain_openrouter._request.tools import Tool, to_tools
from langchain_openrouter.errors import ConfigurationError, RefusalError

if TYPE_CHECKING:
    from langchain_openrouter.chat_models import ChatOpenRouter

Method = Literal["json_schema", "function_calling", "json_mode"]
Bound = Runnable[Any, AIMessage]


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
    method = method or default_method(model)
    bind = _BINDERS.get(method)
    if bind is None:
        raise ConfigurationError(f"method={method!r} is none of {', '.join(_BINDERS)}.")
    if schema is None and method != "json_mode":
        raise ConfigurationError(f"schema is needed for method={method!r}.")
    if method != "function_calling" and require_parameters:
        bound = {**bound, **_requiring(model, bound)}
    if healing:
        bound = {**bound, "response_healing": True}
    chain = bind(model, schema, strict=strict, tools=tools or (), bound=bound)
    parser = _parser(schema, method)
    return _with_raw(chain, parser) if include_raw else chain | parser


def default_method(model: ChatOpenRouter) -> Method:
    """The surest way that the model's profile promises."""
    can = (model.profile or {}).get("structured_output")
    return "json_schema" if can else "function_calling"


def _requiring(model: ChatOpenRouter, bound: Mapping[str, Any]) -> dict[str, Any]:
    """Route to providers that enforce the schema, unless the user has decided on that."""
    asked = merged_provider(model.openrouter_provider, bound.get("provider")) or {}
    if asked.get("require_parameters") is not None:
        return {}
    return {"provider": {**(bound.get("provider") or {}), "require_parameters": True}}


def _with_raw(chain: Bound, parser: Runnable[Any, Any]) -> Runnable[Any, Any]:
    """Give `raw`, `parsed` and `parsing_error`; a failure to parse is given, not raised."""
    parse: Any = itemgetter("raw") | parser
    parsed = RunnablePassthrough.assign(parsed=parse, parsing_error=lambda _: None)
    failed = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableMap(raw=chain) | parsed.with_fallbacks([failed], exception_key="parsing_error")


# ---------------------------------------------------------------------------- what is bound


def _bind_json_schema(
    model: ChatOpenRouter,
    schema: Any,
    *,
    strict: bool | None,
    tools: Sequence[Tool],
    bound: dict[str, Any],
) -> Bound:
    json_schema = to_json_schema(schema, strict=strict)
    response_format = to_response_format(schema, strict=strict)
    told = _for_tracing("json_schema", json_schema, strict=strict)
    if tools:
        return model.bind_tools(
            tools, strict=strict, response_format=response_format, **told, **bound
        )
    return model.bind(response_format=response_format, **told, **bound)


def _bind_json_mode(
    model: ChatOpenRouter,
    schema: Any,
    *,
    strict: bool | None,
    tools: Sequence[Tool],
    bound: dict[str, Any],
) -> Bound:
    told = _for_tracing("json_mode", to_json_schema(schema) if schema else {}, strict=strict)
    response_format = {"type": "json_object"}
    if tools:
        return model.bind_tools(tools, response_format=response_format, **told, **bound)
    return model.bind(response_format=response_format, **told, **bound)


def _bind_function(
    model: ChatOpenRouter,
    schema: Any,
    *,
    strict: bool | None,
    tools: Sequence[Tool],
    bound: dict[str, Any],
) -> Bound:
    tool = to_tools([schema], strict=strict)[0]
    told = _for_tracing("function_calling", tool, strict=strict)
    choice = "required" if tools else tool["function"]["name"]
    return model.bind_tools(
        [*to_tools(tools, strict=strict), tool], tool_choice=choice, **told, **bound
    )


def _for_tracing(method: str, schema: Any, *, strict: bool | None) -> dict[str, Any]:
    told = {"kwargs": {"method": method, "strict": strict}, "schema": schema}
    return {"ls_structured_output_format": told}


_BINDERS: dict[str, Callable[..., Bound]] = {
    "json_schema": _bind_json_schema,
    "function_calling": _bind_function,
    "json_mode": _bind_json_mode,
}


# ---------------------------------------------------------------------------- how the answer is read


def _parser(schema: Any, method: Method) -> AnswerParser | AnswerModelParser:
    name = ""
    if method == "function_calling":
        name = to_tools([schema])[0]["function"]["name"]
    if isinstance(schema, type) and is_basemodel_subclass(schema):
        return AnswerModelParser(pydantic_object=schema, tool_name=name)
    return AnswerParser(tool_name=name)


class AnswerParser(JsonOutputParser):
    """Reads the answer from a tool call or from text that holds JSON."""

    tool_name: str = ""
    """The tool whose arguments are the answer; empty when the text is."""

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """Return the answer as JSON; None while nothing has come, or when other tools are called.

        Raises:
            RefusalError: The model refused.
            OutputParserException: There is no JSON in the answer.
        """
        text, message = result[0].text, _message_of(result[0])
        if message is not None:
            _check_refusal(message)
            called = [c["args"] for c in message.tool_calls if c["name"] == self.tool_name]
            if called:
                return called[0]
            if message.tool_calls and not text.strip():
                return None
        if partial:
            return super().parse_result([Generation(text=text)], partial=True)
        for found in json_in(text):
            return found
        raise OutputParserException(_what_is_wrong(message), llm_output=text)


class AnswerModelParser(PydanticOutputParser[Any], AnswerParser):
    """The same, as an instance of a pydantic class."""

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """Return the answer as an instance of the class; None as for `AnswerParser`."""
        found = AnswerParser.parse_result(self, result, partial=partial)
        if found is None:
            return None
        try:
            return self._parse_obj(found)
        except OutputParserException:
            if partial:
                return None
            raise


def _message_of(generation: Generation) -> AIMessage | None:
    message = generation.message if isinstance(generation, ChatGeneration) else None
    return message if isinstance(message, AIMessage) else None


def _check_refusal(message: AIMessage) -> None:
    refusal = message.additional_kwargs.get("refusal")
    if refusal and not message.tool_calls and not message.text:
        raise RefusalError(
            "The model refused to answer. Its words are in .raw.",
            raw=refusal,
            generation_id=message.response_metadata.get("generation_id"),
        )


def json_in(text: str) -> list[Any]:
    """Every complete JSON object and array in a text: objects first, the longest first."""
    decoder = json.JSONDecoder(strict=False)
    found: list[tuple[bool, int, Any]] = []
    at = 0
    while (start := _next_bracket(text, at)) is not None:
        try:
            value, at = decoder.raw_decode(text, start)
        except ValueError:
            at = start + 1
            continue
        found.append((isinstance(value, dict), at - start, value))
    return [value for *_, value in sorted(found, key=itemgetter(0, 1), reverse=True)]


def _next_bracket(text: str, at: int) -> int | None:
    places = [place for bracket in "{[" if (place := text.find(bracket, at)) >= 0]
    return min(places, default=None)


def _what_is_wrong(message: AIMessage | None) -> str:
    reason = message.response_metadata.get("finish_reason") if message else None
    if reason == "length":
        return "The answer was cut off at its token limit, so its JSON is incomplete. Raise max_tokens."
    if message is not None and message.invalid_tool_calls:
        return "The model called the tool with arguments that are not JSON."
    return (
        "There is no JSON in the answer. The provider may ignore response_format: "
        'try method="function_calling", or provider={"require_parameters": True}.'
    )
