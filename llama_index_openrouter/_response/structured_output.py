"""Objects out of answers: from a tool call or from text that holds JSON, whole or still growing. Pure.

Called by `_structured_output`. Where the JSON is and which one counts is the core's knowledge.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from llama_index.core.base.llms.types import ChatResponse, ToolCallBlock
from llama_index.core.bridge.pydantic import BaseModel, ValidationError

from openrouter_core.chat.answer import parse_arguments
from openrouter_core.chat.json_text import partial_json_in, read_json, why_no_json
from openrouter_core.chat.schema import AnswerSchema

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class AnswerReader(Generic[M]):
    """Reads the answers to one question."""

    output_cls: type[M]
    answer: AnswerSchema
    by_tool: bool = False
    """Whether the answer is a call of the tool of this name; a text is read where none was called."""

    def read(self, response: ChatResponse) -> M:
        """Read a whole answer.

        Raises:
            ValueError: The model refused, or the answer is not such an object.
        """
        try:
            return self._read(response)
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            place = ".".join(map(str, first["loc"])) or "the whole answer"
            why = (
                f"({place}: {first['msg']}; it ended with {_ended(response)!r}). Try another model."
            )
            raise ValueError(f"The answer is not a {self._name} {why}") from error
        except _UnreadableError as error:
            raise ValueError(f"The answer is not a {self._name}. {error}") from error

    def _read(self, response: ChatResponse) -> M:
        text = response.message.content or ""
        if refusal := _refusal(response):
            raise ValueError(f"The model refused to give a {self._name}: {refusal}")
        if calls := self._calls(response):
            return self._of_calls(calls, response)
        try:
            return read_json(text, self.accept, finish_reason=_ended(response))
        except ValidationError:
            raise
        except ValueError as error:
            raise _UnreadableError(str(error)) from error

    def _calls(self, response: ChatResponse) -> list[ToolCallBlock]:
        """The calls that are the answer; calls of other tools only where nothing else was said."""
        blocks = response.message.blocks if self.by_tool else ()
        calls = [block for block in blocks if isinstance(block, ToolCallBlock)]
        named = [call for call in calls if call.tool_name == self.answer.name]
        return named or ([] if response.message.content else calls)

    def _of_calls(self, calls: list[ToolCallBlock], response: ChatResponse) -> M:
        """The first call that is valid, else what is wrong with the last."""
        for call in calls[:-1]:
            try:
                return self._of_call(call, response)
            except ValueError:
                continue
        return self._of_call(calls[-1], response)

    def _of_call(self, call: ToolCallBlock, response: ChatResponse) -> M:
        if call.tool_name != self.answer.name:
            raise _UnreadableError(
                f"The model called {call.tool_name}, which is not the tool for its answer."
            )
        arguments = parse_arguments(call.tool_kwargs)
        if arguments.error is None:
            return self.accept(arguments.values)
        if _ended(response) == "length":
            raise _UnreadableError(why_no_json("length"))
        raise _UnreadableError(arguments.error)

    def accept(self, value: Any) -> M:
        """Return a value of the answer as an object.

        Raises:
            ValidationError: It is not one.
        """
        read = self.answer.read_back(value)
        return self.output_cls.model_validate_json(json.dumps(read))

    @property
    def _name(self) -> str:
        return self.output_cls.__name__


class _UnreadableError(ValueError):
    """There is no JSON where the answer should be."""


class PartialReader(Generic[M]):
    """Reads objects out of one answer that is still growing."""

    def __init__(self, reader: AnswerReader[M]) -> None:
        """Prepare a lenient twin of the class, once per stream."""
        from llama_index.core.program.utils import create_flexible_model

        self._reader = reader
        self._lenient = create_flexible_model(reader.output_cls)
        self._seen: object = None

    def read(self, response: ChatResponse) -> M | BaseModel | None:
        """Return the object so far; None while nothing new can be read."""
        value = self._value(response)
        if not isinstance(value, dict) or value == self._seen:
            return None
        self._seen = value
        try:
            return self._reader.accept(value)
        except ValidationError:
            return self._lenient.model_validate(value)

    def _value(self, response: ChatResponse) -> Any:
        if self._reader.by_tool:
            for block in response.message.blocks:
                if isinstance(block, ToolCallBlock) and block.tool_name == self._reader.answer.name:
                    return _growing(block.tool_kwargs)
        return partial_json_in(response.message.content or "") if response.delta else None


def _growing(arguments: dict[str, Any] | str) -> Any:
    return partial_json_in(arguments) if isinstance(arguments, str) else arguments


def _ended(response: ChatResponse) -> str | None:
    reason: str | None = response.additional_kwargs.get("finish_reason")
    return reason


def _refusal(response: ChatResponse) -> str | None:
    """The model's words, where they are all that it said."""
    refusal = response.message.additional_kwargs.get("refusal")
    text = response.message.content
    return str(refusal) if refusal and text in (None, "", refusal) else None
