"""Structured answers read: from a tool call, or from text that holds JSON, whole and while they grow.

Made by `_structured_output`. Where the JSON is and which one counts is the core's knowledge
(`openrouter_core.chat.json_text`); here it becomes what LangChain's users get, with LangChain's errors.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage, BaseMessage, BaseMessageChunk
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, Generation, GenerationChunk
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.utils import AddableDict

from langchain_openrouter.errors import RefusalError
from openrouter_core.chat.answer import parse_arguments
from openrouter_core.chat.json_text import (
    MissingJsonError,
    partial_json_in,
    read_json,
    why_no_json,
)
from openrouter_core.chat.schema import AnswerSchema

_MAY_BE_IGNORED = (
    ' The provider may ignore response_format: try method="function_calling", or '
    'provider={"require_parameters": True}.'
)


class AnswerParser(JsonOutputParser):
    """Reads the answer from a tool call or from text that holds JSON.

    In streams the last item is what the whole answer gives, or its error is raised.
    """

    tool_name: str = ""
    """The tool whose arguments are the answer; empty when the text is."""
    other_tools: bool = False
    """Whether the model may call other tools first, which is not an answer yet."""
    answer: Any = None
    """The `AnswerSchema` that was asked for; None reads any JSON."""

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """Return the answer; None while nothing can be read, or when other tools are called.

        Raises:
            RefusalError: The model refused.
            OutputParserException: There is no such answer.
        """
        generation = result[0]
        message = _message_of(generation)
        if partial:
            return self._growing(generation.text, message)
        if message is not None:
            _check_refusal(message)
            if message.tool_calls or message.invalid_tool_calls:
                return self._from_calls(generation.text, message)
        return self._from_text(generation.text, message)

    def accept(self, value: Any) -> Any:
        """Return a value of the answer as it is given to the user.

        Raises:
            ValueError: It is not an answer to the schema.
        """
        if not isinstance(self.answer, AnswerSchema):
            return value
        read = self.answer.read_back(value, fill_defaults=True)
        if not self.answer.matches(read):
            raise _MismatchError(read)
        return read

    def _growing(self, text: str, message: AIMessage | None) -> Any:
        calls = message.tool_calls if message else []
        values = [call["args"] for call in calls if self._is_answer(call)]
        if not calls:
            values = [partial_json_in(text)]
        return self._lenient(values[0]) if values and values[0] is not None else None

    def _lenient(self, value: Any) -> Any:
        """What to show of a value that is still growing; None when it cannot be shown yet."""
        return value

    def _is_answer(self, call: Any) -> bool:
        return bool(self.tool_name) and call["name"] == self.tool_name

    def _from_calls(self, text: str, message: AIMessage) -> Any:
        """The arguments of the first call that is an answer, else of the last; else the text."""
        calls, invalid = message.tool_calls, message.invalid_tool_calls
        if values := [call["args"] for call in calls if self._is_answer(call)]:
            return self._first(values)
        if broken := [call for call in invalid if self._is_answer(call) or not calls]:
            raise OutputParserException(_why_invalid(broken[0], message), llm_output=text)
        if text.strip():
            return self._from_text(text, message)
        if self.other_tools or not self.tool_name:
            return None
        called = ", ".join(str(call["name"]) for call in calls)
        raise OutputParserException(
            f"The model called {called}, which is not the tool for its answer, {self.tool_name}."
        )

    def _from_text(self, text: str, message: AIMessage | None) -> Any:
        reason = message.response_metadata.get("finish_reason") if message else None
        try:
            return read_json(text, self.accept, finish_reason=reason)
        except _MismatchError as error:
            return error.value
        except MissingJsonError as error:
            hint = "" if error.is_cut or reason == "content_filter" else _MAY_BE_IGNORED
            raise OutputParserException(f"{error}{hint}", llm_output=text) from error

    def _first(self, values: list[Any]) -> Any:
        for value in values[:-1]:
            try:
                return self.accept(value)
            except ValueError:
                continue
        try:
            return self.accept(values[-1])
        except _MismatchError as error:
            return error.value

    def _transform(self, input: Iterator[str | BaseMessage]) -> Iterator[Any]:
        stream = AnswerStream(self)
        for chunk in input:
            if (item := stream.add(chunk)) is not None:
                yield item
        if (item := stream.end()) is not None:
            yield item

    async def _atransform(self, input: AsyncIterator[str | BaseMessage]) -> AsyncIterator[Any]:
        stream = AnswerStream(self)
        async for chunk in input:
            if (item := stream.add(chunk)) is not None:
                yield item
        if (item := stream.end()) is not None:
            yield item


class AnswerModelParser(PydanticOutputParser[Any], AnswerParser):
    """Reads the answer as an instance of a pydantic class."""

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """Return the answer as an instance of the class; None as for `AnswerParser`."""
        return AnswerParser.parse_result(self, result, partial=partial)

    def accept(self, value: Any) -> Any:
        """Return a value as an instance of the class.

        Raises:
            OutputParserException: It is not one.
        """
        answer = self.answer
        read = answer.read_back(value) if isinstance(answer, AnswerSchema) else value
        return self._parse_obj(read)

    def _lenient(self, value: Any) -> Any:
        try:
            return self.accept(value)
        except OutputParserException:
            return None


class _MismatchError(ValueError):
    """A value that does not match a schema; without a class to validate it, it is given all the same."""

    def __init__(self, value: Any) -> None:
        super().__init__("The value does not match the schema.")
        self.value = value


class AnswerStream:
    """Turns the chunks of one stream into items that grow; the last one is what `invoke` gives."""

    def __init__(self, parser: AnswerParser) -> None:
        self._parser = parser
        self._whole: Any = None
        self._shown: Any = None

    def add(self, chunk: str | BaseMessage) -> Any:
        """Return the item so far; None when it is not new."""
        self._whole = _added(self._whole, chunk)
        return self._new(self._parser.parse_result([self._whole], partial=True))

    def end(self) -> Any:
        """Return the answer; None when it was the last item already, or when there is none yet.

        Raises:
            RefusalError: The model refused.
            OutputParserException: There is no such answer.
        """
        if self._whole is None:
            return None
        return self._new(self._parser.parse_result([self._whole]))

    def _new(self, item: Any) -> Any:
        if type(item) is type(self._shown) and item == self._shown:
            return None
        self._shown = item
        return item

    @property
    def last(self) -> Any:
        """The item that was returned last."""
        return self._shown


def _added(whole: Any, chunk: str | BaseMessage) -> Any:
    """The generation so far; a message that is not a chunk, as unstreamed models give it, is whole."""
    piece: GenerationChunk | ChatGenerationChunk
    if isinstance(chunk, str):
        piece = GenerationChunk(text=chunk)
    elif isinstance(chunk, BaseMessageChunk):
        piece = ChatGenerationChunk(message=chunk)
    else:
        return ChatGeneration(message=chunk)
    return piece if whole is None else whole + piece


class RawAndParsed(Runnable[dict[str, Any], dict[str, Any]]):
    """Adds `parsed` and `parsing_error` to `{"raw": message}`; a failure to parse is given, not raised."""

    def __init__(self, parser: AnswerParser) -> None:
        """Keep the parser."""
        self.parser = parser

    def invoke(
        self,
        input: dict[str, Any],
        config: RunnableConfig | None = None,
        **kwargs: Any,  # noqa: ARG002  # LangChain's signature
    ) -> dict[str, Any]:
        """Return the message with what was read of it."""
        return self._call_with_config(self._read, input, config, run_type="parser")

    def transform(
        self,
        input: Iterator[dict[str, Any]],
        config: RunnableConfig | None = None,
        **kwargs: Any,  # noqa: ARG002  # LangChain's signature
    ) -> Iterator[dict[str, Any]]:
        """Yield the pieces of the message, what was read of them so far, and the answer at the end."""
        yield from self._transform_stream_with_config(input, self._grow, config, run_type="parser")

    async def atransform(
        self,
        input: AsyncIterator[dict[str, Any]],
        config: RunnableConfig | None = None,
        **kwargs: Any,  # noqa: ARG002  # LangChain's signature
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield the pieces of the message, what was read of them so far, and the answer at the end."""
        async for item in self._atransform_stream_with_config(
            input, self._agrow, config, run_type="parser"
        ):
            yield item

    def _read(self, given: dict[str, Any]) -> dict[str, Any]:
        stream = AnswerStream(self.parser)
        stream.add(given["raw"])
        return {**given, **_outcome(stream)}

    def _grow(self, given: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        stream = AnswerStream(self.parser)
        for piece in given:
            yield AddableDict(piece)
            if (item := stream.add(piece["raw"])) is not None:
                yield AddableDict(parsed=item)
        yield AddableDict(_outcome(stream))

    async def _agrow(self, given: AsyncIterator[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        stream = AnswerStream(self.parser)
        async for piece in given:
            yield AddableDict(piece)
            if (item := stream.add(piece["raw"])) is not None:
                yield AddableDict(parsed=item)
        yield AddableDict(_outcome(stream))


def _outcome(stream: AnswerStream) -> dict[str, Any]:
    """What `include_raw` gives beside the message, once it is whole."""
    try:
        stream.end()
    except (OutputParserException, RefusalError) as error:
        return {"parsed": None, "parsing_error": error}
    return {"parsed": stream.last, "parsing_error": None}


def _message_of(generation: Generation) -> AIMessage | None:
    message = generation.message if isinstance(generation, ChatGeneration) else None
    return message if isinstance(message, AIMessage) else None


def _check_refusal(message: AIMessage) -> None:
    refusal = message.additional_kwargs.get("refusal")
    if refusal and not message.tool_calls and not message.text:
        raise RefusalError(
            f"The model refused to answer: {refusal}",
            raw=refusal,
            raw_message=message,
            generation_id=message.response_metadata.get("generation_id"),
        )


def _why_invalid(call: Any, message: AIMessage) -> str:
    if message.response_metadata.get("finish_reason") == "length":
        return why_no_json("length")
    reason = parse_arguments(call["args"]).error or call.get("error")
    return f"The model called {call['name']} with arguments that cannot be read. {reason}"
