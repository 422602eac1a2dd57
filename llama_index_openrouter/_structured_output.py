"""Structured prediction: how to ask a model for an object, and how to read what it says.

Called by `OpenRouter.structured_predict` and its siblings. By JSON schema where the model lists it, else
by a tool, else in the prompt. The last two are LlamaIndex's own programs.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING, Any, cast

from llama_index.core.bridge.pydantic import BaseModel
from llama_index.core.instrumentation.events.llm import (
    LLMStructuredPredictEndEvent,
    LLMStructuredPredictStartEvent,
)
from llama_index.core.types import BasePydanticProgram, PydanticProgramMode
from llama_index_instrumentation import get_dispatcher
from typing_extensions import override

from llama_index_openrouter._request.response_format import PartialReader, parse, response_format
from llama_index_openrouter._settings.chat import ChatSettings
from llama_index_openrouter._settings.metadata import supports
from llama_index_openrouter._settings.model import OpenRouterModel
from openrouter_core.catalog.models import ModelFacts
from openrouter_core.chat.request import merged_provider

if TYPE_CHECKING:
    from llama_index.core.base.llms.types import ChatMessage
    from llama_index.core.prompts import BasePromptTemplate, PromptTemplate

dispatcher = get_dispatcher(__name__)

JsonObject = dict[str, Any]
_MODES = {PydanticProgramMode.FUNCTION: "tools", PydanticProgramMode.LLM: "prompt"}


def choose_mode(
    settings: ChatSettings, asked: PydanticProgramMode, facts: ModelFacts | None
) -> str:
    """Return "json_schema", "tools", "prompt", or "core" for a program mode of LlamaIndex's own."""
    if asked != PydanticProgramMode.DEFAULT:
        return _MODES.get(asked, "core")
    if settings.structured_output_mode != "auto":
        return settings.structured_output_mode
    if supports(facts, "structured_outputs"):
        return "json_schema"
    return "tools" if supports(facts, "tools") else "prompt"


def program_for(
    llm: StructuredPrediction, output_cls: type[BaseModel], prompt: BasePromptTemplate
) -> BasePydanticProgram[Any]:
    """Return the program that gets an `output_cls` out of the model."""
    from llama_index.core.program.utils import get_program_for_llm

    mode = choose_mode(llm, llm.pydantic_program_mode, llm.model_facts)
    if mode == "json_schema":
        return JsonSchemaProgram(llm, output_cls, prompt)
    own = {"tools": PydanticProgramMode.FUNCTION, "prompt": PydanticProgramMode.LLM}
    program_mode = own.get(mode, llm.pydantic_program_mode)
    mine = prompt.model_copy()  # the prompt program puts its parser on the template it is given
    return get_program_for_llm(output_cls, mine, llm, pydantic_program_mode=program_mode)


def call_options(llm: StructuredPrediction, given: JsonObject | None) -> JsonObject:
    """Return the options of a structured call: the caller's, sent only to providers that honour them."""
    options = dict(given or {})
    if llm.require_parameters:
        wanted = {"require_parameters": True}
        options["provider"] = merged_provider(wanted, options.get("provider"))
        if "require_parameters" in (llm.provider or {}):
            options["provider"].pop("require_parameters")  # the user has decided
    return options


class JsonSchemaProgram(BasePydanticProgram[BaseModel]):
    """Asks by `response_format` and reads the text as JSON."""

    def __init__(
        self, llm: StructuredPrediction, output_cls: type[BaseModel], prompt: BasePromptTemplate
    ) -> None:
        """Prepare; nothing is sent."""
        self._llm = llm
        self._output_cls = output_cls
        self._prompt = prompt

    @property
    def output_cls(self) -> type[BaseModel]:
        """The class that answers are read into."""
        return self._output_cls

    @override
    def __call__(
        self, *args: Any, llm_kwargs: JsonObject | None = None, **prompt_args: Any
    ) -> BaseModel:
        """Ask once and return the object.

        Raises:
            ValueError: The answer is not such an object.
        """
        options = self._options(llm_kwargs, healing=self._llm.response_healing)
        return parse(self._llm.chat(self._messages(prompt_args), **options), self._output_cls)

    @override
    async def acall(
        self, *args: Any, llm_kwargs: JsonObject | None = None, **prompt_args: Any
    ) -> BaseModel:
        """Ask once and return the object, awaited."""
        options = self._options(llm_kwargs, healing=self._llm.response_healing)
        response = await self._llm.achat(self._messages(prompt_args), **options)
        return parse(response, self._output_cls)

    @override
    def stream_call(
        self, *args: Any, llm_kwargs: JsonObject | None = None, **prompt_args: Any
    ) -> Generator[BaseModel, None, None]:
        """Yield the object while it grows; the last one is whole."""
        reader = PartialReader(self._output_cls)
        options = self._options(llm_kwargs, healing=False)
        response = None
        for response in self._llm.stream_chat(self._messages(prompt_args), **options):
            if (partial := reader.read(response)) is not None:
                yield partial
        if response is not None:
            yield parse(response, self._output_cls)

    @override
    async def astream_call(
        self, *args: Any, llm_kwargs: JsonObject | None = None, **prompt_args: Any
    ) -> AsyncGenerator[BaseModel, None]:
        """Return a generator that yields the object while it grows, awaited."""
        return self._agrow(prompt_args, self._options(llm_kwargs, healing=False))

    async def _agrow(
        self, prompt_args: JsonObject, options: JsonObject
    ) -> AsyncGenerator[BaseModel, None]:
        reader = PartialReader(self._output_cls)
        response = None
        async for response in await self._llm.astream_chat(self._messages(prompt_args), **options):
            if (partial := reader.read(response)) is not None:
                yield partial
        if response is not None:
            yield parse(response, self._output_cls)

    def _messages(self, prompt_args: JsonObject) -> list[ChatMessage]:
        return self._llm.prompt_messages(self._prompt, prompt_args)

    def _options(self, given: JsonObject | None, *, healing: bool) -> JsonObject:
        options = call_options(self._llm, given)
        options.setdefault(
            "response_format", response_format(self._output_cls, strict=self._llm.strict)
        )
        if healing:
            plugins = options.get("plugins") or self._llm.plugins or []
            options["plugins"] = [*plugins, {"id": "response-healing"}]
        return options


class StructuredPrediction(OpenRouterModel, defer_build=True):
    """The part of `OpenRouter` that fills pydantic classes."""

    @override
    @dispatcher.span
    def structured_predict(
        self,
        output_cls: type[BaseModel],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> BaseModel:
        """Fill a pydantic class from a prompt.

        Args:
            llm_kwargs: Options of the call, as for `chat`.

        Raises:
            ValueError: The answer is not such an object.
        """
        self._structured_start(output_cls, prompt, prompt_args)
        program = program_for(self, output_cls, prompt)
        result = cast(
            "BaseModel", program(llm_kwargs=call_options(self, llm_kwargs), **prompt_args)
        )
        dispatcher.event(LLMStructuredPredictEndEvent(output=result))
        return result

    @override
    @dispatcher.span
    async def astructured_predict(
        self,
        output_cls: type[BaseModel],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> BaseModel:
        """Fill a pydantic class from a prompt, awaited; see `structured_predict`."""
        self._structured_start(output_cls, prompt, prompt_args)
        program = program_for(self, output_cls, prompt)
        answer = await program.acall(llm_kwargs=call_options(self, llm_kwargs), **prompt_args)
        result = cast("BaseModel", answer)
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
        return program.stream_call(llm_kwargs=call_options(self, llm_kwargs), **prompt_args)

    @override
    async def _structured_astream_call(
        self,
        output_cls: type[BaseModel],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> AsyncGenerator[Any, None]:
        program = program_for(self, output_cls, prompt)
        return await program.astream_call(llm_kwargs=call_options(self, llm_kwargs), **prompt_args)

    def prompt_messages(
        self, prompt: BasePromptTemplate, prompt_args: dict[str, Any]
    ) -> list[ChatMessage]:
        """Return the messages of a prompt, the system prompt of this object in front."""
        return self._extend_messages(prompt.format_messages(llm=self, **prompt_args))
