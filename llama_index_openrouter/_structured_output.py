"""Structured prediction: how to ask a model for an object.

Called by `OpenRouter.structured_predict` and its siblings. By JSON schema where the model lists it, else
by a tool, else in the prompt; all three are one program, whose answers `_response.structured_output` reads.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, Generic, Literal, TypeVar, cast

from llama_index.core.base.llms.types import ChatMessage, ChatResponse
from llama_index.core.bridge.pydantic import BaseModel
from llama_index.core.instrumentation.events.llm import (
    LLMStructuredPredictEndEvent,
    LLMStructuredPredictStartEvent,
)
from llama_index.core.prompts import BasePromptTemplate, PromptTemplate
from llama_index.core.types import BasePydanticProgram, PydanticProgramMode
from llama_index_instrumentation import get_dispatcher
from typing_extensions import override

from llama_index_openrouter._request.response_format import schema_of, to_answer_schema
from llama_index_openrouter._response.structured_output import AnswerReader, PartialReader
from llama_index_openrouter._settings.chat import ChatSettings
from llama_index_openrouter._settings.model import OpenRouterModel
from openrouter_core.catalog.models import ModelFacts
from openrouter_core.chat.requirements import lists
from openrouter_core.chat.schema import AnswerSchema, answer_schema, holds_all_schemas_strict

dispatcher = get_dispatcher(__name__)

JsonObject = dict[str, Any]
Mode = Literal["json_schema", "tools", "prompt"]
M = TypeVar("M", bound=BaseModel)
F = TypeVar("F", bound=Callable[..., Any])

_MODES: dict[PydanticProgramMode, Mode] = {
    PydanticProgramMode.FUNCTION: "tools",
    PydanticProgramMode.LLM: "prompt",
}


def choose_mode(
    settings: ChatSettings,
    asked: PydanticProgramMode,
    facts: ModelFacts | None,
    output_cls: type[BaseModel] | None = None,
) -> Mode | Literal["core"]:
    """Return "json_schema", "tools", "prompt", or "core" for a program mode of LlamaIndex's own.

    Args:
        output_cls: What is asked for: some vendors refuse schemas that they take as tools.
    """
    if asked != PydanticProgramMode.DEFAULT:
        return _MODES.get(asked, "core")
    if settings.structured_output_mode != "auto":
        return settings.structured_output_mode
    if lists(facts, "structured_outputs", "response_format") and not _is_refused(
        settings, output_cls
    ):
        return "json_schema"
    return "tools" if lists(facts, "tools") else "prompt"


def _is_refused(settings: ChatSettings, output_cls: type[BaseModel] | None) -> bool:
    if output_cls is None or not holds_all_schemas_strict(settings.model):
        return False
    return to_answer_schema(output_cls, strict=settings.strict).is_refused_by(settings.model)


def program_for(
    llm: StructuredPrediction, output_cls: type[M], prompt: BasePromptTemplate
) -> BasePydanticProgram[Any]:
    """Return the program that gets an `output_cls` out of the model."""
    mode = choose_mode(llm, llm.pydantic_program_mode, llm.model_facts, output_cls)
    mine = prompt.model_copy()  # a parser is put on the template
    if mode != "core":
        return OpenRouterProgram(llm, output_cls, mine, mode)
    from llama_index.core.program.utils import get_program_for_llm

    return get_program_for_llm(
        output_cls, mine, llm, pydantic_program_mode=llm.pydantic_program_mode
    )


class OpenRouterProgram(BasePydanticProgram[M], Generic[M]):
    """Asks for a class in one of three ways; the last item of a stream is what a call gives."""

    def __init__(
        self, llm: StructuredPrediction, output_cls: type[M], prompt: BasePromptTemplate, mode: Mode
    ) -> None:
        """Prepare; nothing is sent.

        Raises:
            ConfigurationError: The class must be strict and cannot be.
        """
        self._llm = llm
        self._prompt = prompt
        self._mode = mode
        answer = self._answer(output_cls)
        self._reader = AnswerReader(output_cls, answer, by_tool=mode == "tools")
        if mode == "prompt":
            from llama_index.core.output_parsers import PydanticOutputParser

            prompt.output_parser = PydanticOutputParser(output_cls=output_cls)

    def _answer(self, output_cls: type[M]) -> AnswerSchema:
        """How the class is sent; strictness is json_schema's, and tools have it where it was asked for."""
        strict = self._llm.strict
        if self._mode == "json_schema":
            return to_answer_schema(output_cls, strict=strict)
        return answer_schema(schema_of(output_cls), strict=strict)

    @property
    def output_cls(self) -> type[M]:
        """The class that answers are read into."""
        return self._reader.output_cls

    @override
    def __call__(self, *args: Any, llm_kwargs: JsonObject | None = None, **prompt_args: Any) -> M:
        """Ask once and return the object.

        Raises:
            ValueError: The answer is not such an object.
        """
        options = self._options(llm_kwargs, healing=self._llm.response_healing)
        return self._reader.read(self._llm.chat(self._messages(prompt_args), **options))

    @override
    async def acall(
        self, *args: Any, llm_kwargs: JsonObject | None = None, **prompt_args: Any
    ) -> M:
        """Ask once and return the object, awaited."""
        options = self._options(llm_kwargs, healing=self._llm.response_healing)
        return self._reader.read(await self._llm.achat(self._messages(prompt_args), **options))

    @override
    def stream_call(
        self, *args: Any, llm_kwargs: JsonObject | None = None, **prompt_args: Any
    ) -> Generator[M, None, None]:
        """Yield the object while it grows; the last one is whole."""
        partial = PartialReader(self._reader)
        options = self._options(llm_kwargs, healing=False)
        response = None
        for response in self._llm.stream_chat(self._messages(prompt_args), **options):
            if (item := partial.read(response)) is not None:
                yield cast("M", item)
        if response is not None:
            yield self._reader.read(response)

    @override
    async def astream_call(
        self, *args: Any, llm_kwargs: JsonObject | None = None, **prompt_args: Any
    ) -> AsyncGenerator[M, None]:
        """Return a generator that yields the object while it grows, awaited."""
        return self._agrow(prompt_args, self._options(llm_kwargs, healing=False))

    async def _agrow(self, prompt_args: JsonObject, options: JsonObject) -> AsyncGenerator[M, None]:
        partial = PartialReader(self._reader)
        response = None
        async for response in await self._llm.astream_chat(self._messages(prompt_args), **options):
            if (item := partial.read(response)) is not None:
                yield cast("M", item)
        if response is not None:
            yield self._reader.read(response)

    def _messages(self, prompt_args: JsonObject) -> list[ChatMessage]:
        return self._llm.prompt_messages(self._prompt, prompt_args)

    def _options(self, given: JsonObject | None, *, healing: bool) -> JsonObject:
        """The options of the call: the caller's over what the mode asks for."""
        answer = self._reader.answer
        options = dict(given or {})
        if self._mode == "json_schema":
            options = {
                "response_format": answer.response_format,
                "require_parameters": self._llm.require_parameters,
                **options,
            }
            if healing:
                options.setdefault("response_healing", True)
        elif self._mode == "tools":
            for name in ("tool_required", "allow_parallel_tool_calls"):
                options.pop(name, None)
            options = {"tools": [answer.tool], "tool_choice": answer.name, **options}
        return options


def _in_span(method: F) -> F:
    """LlamaIndex's own decorator, which is not annotated."""
    return cast("F", dispatcher.span(method))


class StructuredPrediction(OpenRouterModel, defer_build=True):
    """The part of `OpenRouter` that fills pydantic classes."""

    def to_object(self, output_cls: type[M], response: ChatResponse) -> M:
        """Return the object that `structured_predict` gives for a response, e.g. of `to_response`.

        Raises:
            ValueError: The model refused, or the answer is not such an object.
        """
        answer = answer_schema(schema_of(output_cls), strict=self.strict)
        return AnswerReader(output_cls, answer, by_tool=True).read(response)

    @override
    @_in_span
    def structured_predict(
        self,
        output_cls: type[M],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> M:
        """Fill a pydantic class from a prompt.

        Args:
            llm_kwargs: Options of the call, as for `chat`.

        Raises:
            ValueError: The model refused, or the answer is not such an object.
        """
        self._structured_start(output_cls, prompt, prompt_args)
        program = program_for(self, output_cls, prompt)
        result = cast("M", program(llm_kwargs=llm_kwargs, **prompt_args))
        dispatcher.event(LLMStructuredPredictEndEvent(output=result))
        return result

    @override
    @_in_span
    async def astructured_predict(
        self,
        output_cls: type[M],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> M:
        """Fill a pydantic class from a prompt, awaited; see `structured_predict`."""
        self._structured_start(output_cls, prompt, prompt_args)
        program = program_for(self, output_cls, prompt)
        result = cast("M", await program.acall(llm_kwargs=llm_kwargs, **prompt_args))
        dispatcher.event(LLMStructuredPredictEndEvent(output=result))
        return result

    def _structured_start(self, output_cls: Any, prompt: Any, prompt_args: dict[str, Any]) -> None:
        dispatcher.event(
            LLMStructuredPredictStartEvent(
                output_cls=output_cls, template=prompt, template_args=prompt_args
            )
        )

    @override
    def _structured_stream_call(
        self,
        output_cls: type[BaseModel],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Generator[Any, None, None]:
        program = program_for(self, output_cls, prompt)
        return program.stream_call(llm_kwargs=llm_kwargs, **prompt_args)

    @override
    async def _structured_astream_call(
        self,
        output_cls: type[BaseModel],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> AsyncGenerator[Any, None]:
        program = program_for(self, output_cls, prompt)
        return await program.astream_call(llm_kwargs=llm_kwargs, **prompt_args)

    def prompt_messages(
        self, prompt: BasePromptTemplate, prompt_args: dict[str, Any]
    ) -> list[ChatMessage]:
        """Return the messages of a prompt, the system prompt of this object in front."""
        return self._extend_messages(prompt.format_messages(llm=self, **prompt_args))
