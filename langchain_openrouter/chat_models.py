"""`ChatOpenRouter`: OpenRouter's chat completions as a LangChain chat model.

The class joins the parts: `_request` makes the body, the core's client sends it, `_response` reads what comes
back. The four bodies that touch the network are `_generate`, `_stream` and their async twins; everything else
here is pure.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, Unpack, cast

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput, ModelProfile
from langchain_core.language_models.base import LangSmithParams
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.prompt_values import ChatPromptValue, PromptValue
from langchain_core.runnables import Runnable
from pydantic import model_validator

from langchain_openrouter._request import token_estimate
from langchain_openrouter._request.build import RULES, build, identity, unseen_part
from langchain_openrouter._request.content_parts import with_own_mime
from langchain_openrouter._request.response_format import Method, Schema, to_bound_format
from langchain_openrouter._request.tools import Tool, to_tool_choice, to_tools
from langchain_openrouter._response import content_blocks as _blocks
from langchain_openrouter._response.message import to_result
from langchain_openrouter._response.stream_blocks import BlockChunkConverter
from langchain_openrouter._response.stream_chunks import ChunkConverter
from langchain_openrouter._response.usage import combined
from langchain_openrouter._runs import in_run
from langchain_openrouter._settings.chat import ChatSettings
from langchain_openrouter._settings.profile import arefresh, profile_of, refresh
from langchain_openrouter._settings.thread_session import ThreadSession, thread_of
from langchain_openrouter.errors import ConfigurationError, raise_as_langchain, translated
from openrouter_core import OpenRouterError as CoreError
from openrouter_core import ReplyInfo, __version__
from openrouter_core.bulk import Item
from openrouter_core.chat.request import ChatRequest, check_defaults, defaults_of
from openrouter_core.chat.send import aask, aopen_again, aopen_stream, ask, open_again, open_stream
from openrouter_core.observers import framework_runs

if TYPE_CHECKING:
    from langchain_protocol.protocol import MessagesData

    from langchain_openrouter._settings.arguments import ChatOpenRouterArguments
    from openrouter_core.chat.send import AsyncChatStream, ChatStream

_blocks.register()


class ChatOpenRouter(ThreadSession, ChatSettings, defer_build=False):
    """Any chat model on OpenRouter.

        >>> model = ChatOpenRouter(model="anthropic/claude-sonnet-4.5")   # key from OPENROUTER_API_KEY
        >>> model.invoke("Hello").response_metadata["cost"]

    Every chat parameter of the API is a field and can be given per call too; unknown arguments are
    sent as body fields. Only what is set is sent. A reply shows what OpenRouter said: provider, cost,
    finish reasons and ids in `response_metadata`, what a later turn must send back in
    `additional_kwargs`, reasoning, images and citations in `content_blocks`. Errors are those of
    `langchain_openrouter.errors`.
    """

    if TYPE_CHECKING:

        def __init__(self, **settings: Unpack[ChatOpenRouterArguments]) -> None:
            """Take the fields by name, and their other names. `help(ChatOpenRouter)` lists them.

            Raises:
                ConfigurationError: A setting is wrong; nothing is sent before the first call.
            """

    @model_validator(mode="after")
    def _check_chat_settings(self) -> Self:
        check_defaults(defaults_of(self), RULES)
        return self

    @model_validator(mode="after")
    def _note_openrouter_version(self) -> Self:
        self._add_version("openrouter-adapters", __version__)
        return self

    # ------------------------------------------------------------------ the four calls

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        try:
            with _in_run(run_manager):
                request = self._payload(messages, stop, kwargs)
                return self._result(*ask(self._sync(), request), request)
        except CoreError as error:
            raise_as_langchain(error)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        try:
            with _in_run(run_manager):
                request = self._payload(messages, stop, kwargs)
                return self._result(*await aask(self._async(), request), request)
        except CoreError as error:
            raise_as_langchain(error)
        except CancelledError as cancelled:
            _notify_of_cancellation(run_manager, cancelled)
            raise

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        *,
        converter: ChunkConverter | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        converter = converter or self._converter()
        run = _in_run(run_manager)
        try:
            request = self._payload(messages, stop, kwargs, streamed=True)
            converter.shows_usage = request.wants_usage
            client = self.client or self._own_client or self._sync()
            with run:
                stream: ChatStream | None = open_stream(client, request)
            while stream is not None:
                with stream:
                    converter.open(stream.so_far, stream.http, request.reply_reader())
                    for _ in stream:
                        chunk = converter.read()
                        if chunk is not None:
                            if run_manager:
                                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                            yield chunk
                with run:
                    stream = open_again(client, request, stream)
            chunk = converter.last()
        except CoreError as error:
            raise_as_langchain(error)
        if run_manager:
            run_manager.on_llm_new_token(chunk.text, chunk=chunk)
        yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        *,
        converter: ChunkConverter | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        converter = converter or self._converter()
        run = _in_run(run_manager)
        try:
            request = self._payload(messages, stop, kwargs, streamed=True)
            converter.shows_usage = request.wants_usage
            client = self.async_client or self._own_async_client or self._async()
            with run:
                stream: AsyncChatStream | None = await aopen_stream(client, request)
            while stream is not None:
                async with stream:
                    converter.open(stream.so_far, stream.http, request.reply_reader())
                    async for _ in stream:
                        chunk = converter.read()
                        if chunk is not None:
                            if run_manager:
                                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                            yield chunk
                with run:
                    stream = await aopen_again(client, request, stream)
            chunk = converter.last()
        except CoreError as error:
            raise_as_langchain(error)
        if run_manager:
            await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
        yield chunk

    def _result(self, body: dict[str, Any], http: ReplyInfo, request: ChatRequest) -> ChatResult:
        result = to_result(
            body,
            generation_id=http.generation_id,
            attempts=http.attempts,
            headers=http.headers,
            reader=request.reply_reader(),
        )
        if not self.langsmith_cost:
            return result
        from langchain_openrouter._response.langsmith_cost import with_costs

        return with_costs(result)

    def to_message(
        self, body: Mapping[str, Any], *, request: Mapping[str, Any] | None = None
    ) -> AIMessage:
        """Return the message that `invoke` gives for a reply; nothing is sent.

        For replies that came another way: stored, from a batch, or from `core_client`. The last step of a
        chain for structured output reads it: `model.with_structured_output(X).last.invoke(message)`.

        Args:
            body: The JSON of a chat completion, e.g. `core_client.chat.send(...).raw`.
            request: The body that was sent, if known, as `build_request` gives it: its tools help to read
                calls that a provider left in the text.

        Raises:
            ResponseShapeError: The body holds no choice.
        """
        options = {"parse_text_tool_calls": self.parse_text_tool_calls}
        asked = ChatRequest(dict(request or {}), options=options)
        with translated():
            result = self._result(dict(body), ReplyInfo(), asked)
        message = cast("AIMessage", result.generations[0].message)
        if self.output_version != "v1":
            return message
        metadata = {**message.response_metadata, "output_version": "v1"}
        changes = {"content": message.content_blocks, "response_metadata": metadata}
        return message.model_copy(update=changes)

    def batch_offline(
        self,
        inputs: Sequence[LanguageModelInput],
        *,
        store: str | Path,
        timeout_s: float = 24 * 3600.0,
    ) -> list[Item[AIMessage]]:
        """Answer many inputs by the Batch API, at half the price and within a day; wait for all of them.

        Each is an item with a `result` or an `error`, and its `cost`; its key is its place. Killed, or called
        again with the same file, it hands in nothing twice. `openrouter_core.bulk.Job` does more: hands in
        now, collects tomorrow.

        Args:
            inputs: What `invoke` takes, texts only.
            store: The file that keeps the answers, e.g. "reviews.db".
            timeout_s: How long to wait for one batch, in seconds.

        Raises:
            RequestTimeoutError: A batch has not ended in time. It goes on; call again.
        """
        from openrouter_core.bulk.batch_offline import batch_offline

        with translated():
            return batch_offline(self, inputs, store, timeout_s=timeout_s)

    async def abatch_offline(
        self,
        inputs: Sequence[LanguageModelInput],
        *,
        store: str | Path,
        timeout_s: float = 24 * 3600.0,
    ) -> list[Item[AIMessage]]:
        """Answer many inputs by the Batch API, as `batch_offline` does; the event loop stays free."""
        from openrouter_core.bulk.batch_offline import abatch_offline

        with translated():
            return await abatch_offline(self, inputs, store, timeout_s=timeout_s)

    # ------------------------------------------------------------------ v3 events

    def _stream_chat_model_events(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[MessagesData]:
        """Yield LangChain's v3 events; found and called by LangChain."""
        from langchain_openrouter._response.stream_events import EventChunkConverter, events

        converter = self._converter(EventChunkConverter)
        yield from events(self._stream(messages, stop, run_manager, converter=converter, **kwargs))

    async def _astream_chat_model_events(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[MessagesData]:
        """Yield LangChain's v3 events; found and called by LangChain."""
        from langchain_openrouter._response.stream_events import EventChunkConverter, aevents

        converter = self._converter(EventChunkConverter)
        chunks = self._astream(messages, stop, run_manager, converter=converter, **kwargs)
        async for event in aevents(chunks):
            yield event

    def _converter(self, kind: type[ChunkConverter] | None = None) -> ChunkConverter:
        """What converts one stream: of this kind, or as `output_version` says."""
        usual = BlockChunkConverter if self.output_version == "v1" else ChunkConverter
        converter = (kind or usual)()
        if self.langsmith_cost:
            from langchain_openrouter._response.langsmith_cost import CostedChunk

            converter.chunk_type = CostedChunk
        return converter

    def _convert_input(self, model_input: LanguageModelInput) -> PromptValue:
        """Read any input; files keep their MIME type, which LangChain would set to PDF."""
        value = super()._convert_input(model_input)
        if not isinstance(value, ChatPromptValue):
            return value
        return ChatPromptValue(messages=[with_own_mime(m) for m in value.messages])

    # ------------------------------------------------------------------ requests

    def build_request(
        self, messages: LanguageModelInput, *, stop: Sequence[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Return the JSON body that `invoke` would send; nothing is sent.

        Args:
            messages: What `invoke` takes: a string, messages, a prompt value.
            stop: As for `invoke`.
            kwargs: As for `invoke`.
        """
        with translated():
            return self._payload(self._convert_input(messages).to_messages(), stop, kwargs).body

    def _payload(
        self,
        messages: Sequence[BaseMessage],
        stop: Sequence[str] | None,
        kwargs: Mapping[str, Any],
        *,
        streamed: bool = False,
    ) -> ChatRequest:
        if self.session_from_thread and not self.session_id and (thread := thread_of()):
            kwargs = {"session_id": thread, **kwargs}
        return build(self, messages, stop, kwargs, streamed=streamed)

    def bind_tools(
        self,
        tools: Sequence[Tool],
        *,
        tool_choice: str | bool | Mapping[str, Any] | None = None,
        strict: bool | None = None,
        parallel_tool_calls: bool | None = None,
        response_format: Schema | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Return this model with tools.

        Args:
            tools: Functions, pydantic classes, TypedDicts, JSON schemas, LangChain tools, and dicts of
                the API's own shape, e.g. `{"type": "openrouter:web_search"}`, which go unchanged.
            tool_choice: "auto", "none", "required" or "any", a tool's name, True for the only tool, or
                a dict. None leaves the choice to the provider.
            strict: Whether providers must follow the tools' schemas exactly; None does not say.
            parallel_tool_calls: False asks for one call at a time.
            response_format: The schema of the answer that follows the tool calls. Only providers that
                enforce it are asked, as in `with_structured_output`.
            kwargs: Further arguments of each call; `require_parameters=False` asks all providers.

        Raises:
            ConfigurationError: A tool or schema cannot be read or cannot be strict, or the choice names
                none of the tools.
        """
        bound: dict[str, Any] = {}
        with translated():
            if tools:
                bound["tools"] = to_tools(tools, strict=strict)
                bound["tool_choice"] = to_tool_choice(tool_choice, bound["tools"])
                bound["parallel_tool_calls"] = parallel_tool_calls
            if response_format is not None:
                bound["response_format"] = to_bound_format(response_format, strict=strict)
                bound["require_parameters"] = True
        bound = {name: value for name, value in bound.items() if value is not None}
        return cast("Runnable[LanguageModelInput, AIMessage]", self.bind(**{**bound, **kwargs}))

    def with_structured_output(
        self,
        schema: Schema | None = None,
        *,
        method: Method | None = None,
        include_raw: bool = False,
        strict: bool | None = None,
        tools: Sequence[Tool] | None = None,
        require_parameters: bool = True,
        healing: bool = False,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """Return a chain that answers with instances of a schema.

        Args:
            schema: A pydantic class (instances come back), a TypedDict or a JSON schema (dicts do).
            method: "json_schema", "function_calling" or "json_mode". By default "json_schema" if the
                model's profile promises structured output, else "function_calling".
            include_raw: Give `{"raw", "parsed", "parsing_error"}` instead of raising.
            strict: Whether the schema must be followed exactly. None asks for it where the schema is a
                class that strict mode can say; False sends the schema as it is.
            tools: Tools that the model may call first; `parsed` is None when it does.
            require_parameters: Route only to providers that enforce the format, by
                `provider.require_parameters`, if the model lists all parameters of the request. Not
                with "function_calling".
            healing: Let OpenRouter mend broken JSON in calls that are not streamed.
            kwargs: Further arguments of each call.

        Raises:
            ConfigurationError: The schema cannot be read, or cannot be strict.
        """
        from langchain_openrouter._structured_output import structured

        with translated():
            return structured(
                self,
                schema,
                method=method,
                include_raw=include_raw,
                strict=strict,
                tools=tools,
                require_parameters=require_parameters,
                healing=healing,
                bound=kwargs,
            )

    # ------------------------------------------------------------------ what LangChain asks

    @property
    def _llm_type(self) -> str:
        return "openrouter-chat"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {**identity(self), "model": self.model_name}

    def _get_llm_string(self, stop: list[str] | None = None, **kwargs: Any) -> str:
        """The key of LangChain's cache: headers and query count too, and are not shown in it."""
        call = {k: v for k, v in kwargs.items() if k not in {"extra_headers", "extra_query"}}
        return super()._get_llm_string(stop, **call) + unseen_part(self, kwargs)

    @property
    def lc_secrets(self) -> dict[str, str]:
        """The fields that dumps replace by the names of environment variables."""
        return {"openrouter_api_key": "OPENROUTER_API_KEY"}

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Whether `langchain_core.load` can store and restore a model: yes."""
        return True

    def _resolve_model_profile(self) -> ModelProfile | None:
        return profile_of(self.model_name, self.openrouter_api_base, self.openrouter_provider)

    def refresh_profile(self) -> None:
        """Fetch what the model and its providers can do, and set `profile` accordingly.

        Costs requests at most once an hour per process; profiles made afterwards see it as well.
        """
        with translated():
            refresh(self._sync(), self.model_name, self.openrouter_provider)
        self.profile = self._resolve_model_profile()

    async def arefresh_profile(self) -> None:
        """Fetch what the model and its providers can do, and set `profile` accordingly."""
        with translated():
            await arefresh(self._async(), self.model_name, self.openrouter_provider)
        self.profile = self._resolve_model_profile()

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        values = {**vars(self), **kwargs}
        params = LangSmithParams(
            ls_provider="openrouter",
            ls_model_name=kwargs.get("model") or self.model_name,
            ls_model_type="chat",
        )
        if (temperature := values["temperature"]) is not None:
            params["ls_temperature"] = temperature
        if limit := values["max_tokens"] or values["max_completion_tokens"]:
            params["ls_max_tokens"] = limit
        if stops := stop or values["stop"]:
            params["ls_stop"] = [stops] if isinstance(stops, str) else list(stops)
        return params

    def _combine_llm_outputs(self, llm_outputs: list[dict[str, Any] | None], /) -> dict[str, Any]:
        return combined(llm_outputs)

    # ------------------------------------------------------------------ token counts

    def get_num_tokens(self, text: str) -> int:
        """Estimate the tokens of a text: no tokenizer is at hand for the models of OpenRouter."""
        if self.custom_get_token_ids is not None:
            return len(self.custom_get_token_ids(text))
        return token_estimate.of_text(text)

    def get_token_ids(self, text: str) -> list[int]:
        """Return the ids that `custom_get_token_ids` gives.

        Raises:
            ConfigurationError: There is no such function, and no tokenizer is known.
        """
        if self.custom_get_token_ids is None:
            raise ConfigurationError(
                "The tokenizers of OpenRouter's models are not known here. get_num_tokens estimates; for "
                "ids pass custom_get_token_ids=..., a function from a text to a list of numbers."
            )
        return self.custom_get_token_ids(text)

    def get_num_tokens_from_messages(
        self, messages: list[BaseMessage], tools: Sequence[Tool] | None = None
    ) -> int:
        """Estimate the tokens of a conversation with its tools, as it would be sent."""
        with translated():
            wire = self._payload(messages, None, {"tools": to_tools(tools or ())}).body
        return token_estimate.of_messages(
            wire["messages"], wire.get("tools", ()), self.get_num_tokens
        )


_NO_RUN = nullcontext()


def _in_run(
    run_manager: CallbackManagerForLLMRun | AsyncCallbackManagerForLLMRun | None,
) -> AbstractContextManager[None]:
    """Let calls inside belong to a run, where a tracing exporter asks for runs."""
    return in_run(run_manager) if framework_runs.asked else _NO_RUN


def _notify_of_cancellation(
    run_manager: AsyncCallbackManagerForLLMRun | None, cancelled: CancelledError
) -> None:
    """Tell cost handlers of a cancelled call, which may be billed: LangChain tells nobody (1.8)."""
    for handler in run_manager.handlers if run_manager else ():
        if getattr(handler, "books_cancelled_calls", False):
            handler.on_llm_error(cancelled, run_id=cast("Any", run_manager).run_id)
