"""`OpenRouter`: the LLM class of LlamaIndex for the models on OpenRouter.

Users call it; agents, query engines and programs of LlamaIndex call it for them. It only joins the parts:
settings and messages to a request, the core client's answer to a response. No wire format is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, cast

from llama_index.core.base.llms.generic_utils import (
    achat_to_completion_decorator,
    astream_chat_to_completion_decorator,
    chat_to_completion_decorator,
    stream_chat_to_completion_decorator,
)
from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
)
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.llm import ToolSelection
from typing_extensions import override

from llama_index_openrouter._request.build import RULES, build
from llama_index_openrouter._request.tools import tool_options
from llama_index_openrouter._response.failures import with_failure_events
from llama_index_openrouter._response.message import to_chat_response
from llama_index_openrouter._response.stream_responses import ResponseConverter
from llama_index_openrouter._response.tool_selections import (
    keep_first_call,
    tool_selections,
    why_no_tool,
)
from llama_index_openrouter._spans import InSpan
from llama_index_openrouter._structured_output import StructuredPrediction
from openrouter_core import ReplyInfo
from openrouter_core.bulk import Item
from openrouter_core.chat.request import ChatRequest, check_defaults
from openrouter_core.chat.send import aask, aopen_again, aopen_stream, ask, open_again, open_stream

if TYPE_CHECKING:
    from llama_index.core.bridge.pydantic import SecretStr
    from llama_index.core.tools.types import BaseTool

    from llama_index_openrouter._settings.arguments import LLMArguments
    from openrouter_core.chat.send import AsyncChatStream, ChatStream

F = TypeVar("F", bound=Callable[..., Any])


def _observed_chat(method: F) -> F:
    """Fire LlamaIndex's events and callbacks around a chat method, and wait for its rate limiter."""
    return cast("F", llm_chat_callback()(with_failure_events(method)))


def _observed_completion(method: F) -> F:
    """The same for a completion method."""
    return cast("F", llm_completion_callback()(with_failure_events(method)))


class OpenRouter(StructuredPrediction, defer_build=False):
    """A model on OpenRouter.

    Nothing is sent that was not set here or in the call. Every answer tells what it cost:
    `response.additional_kwargs["cost"]`.

    Examples:
        ```python
        llm = OpenRouter(model="openai/gpt-5-mini", reasoning={"effort": "low"})
        print(llm.complete("Why is the sky blue?"))
        ```

    Raises:
        ConfigurationError: The model is missing, or a setting is unknown or out of range.
    """

    if TYPE_CHECKING:

        def __init__(
            self,
            model: str | None = None,
            temperature: float | None = None,
            max_tokens: int | None = None,
            additional_kwargs: dict[str, Any] | None = None,
            max_retries: int = 2,
            api_base: str | None = None,
            api_key: str | SecretStr | None = None,
            order: list[str] | None = None,
            allow_fallbacks: bool | None = None,  # noqa: FBT001  # of the package that this replaces
            /,
            **settings: Unpack[LLMArguments],  # pyright: ignore[reportGeneralTypeIssues]  # what comes before is positional
        ) -> None:
            """Take the fields by name, and their other names. `help(OpenRouter)` lists them.

            Raises:
                ConfigurationError: The model is missing, or a setting is unknown or out of range.
            """

    else:

        def __init__(self, *args: Any, **settings: Any) -> None:
            super().__init__(*args, **settings)
            check_defaults(self.chat_defaults(), RULES)

    @override
    @classmethod
    def class_name(cls) -> str:
        """Return the name under which LlamaIndex stores this class."""
        return "OpenRouter_LLM"

    # Chat

    @override
    @_observed_chat
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Answer a conversation.

        Args:
            kwargs: Any field of a chat request, over the settings; None takes a setting back.
                Also `extra_body`, `extra_headers`, `extra_query` and `timeout_s`.

        Raises:
            OpenRouterError: The call failed; see `openrouter_core.errors` for the tree.

        Source: sendChatCompletionRequest
        """
        return self._chat(messages, **kwargs)

    @override
    @_observed_chat
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """Answer a conversation piece by piece: each response holds the message so far and its `delta`.

        The last response is whole: usage in `raw`, cost in `additional_kwargs`, reasoning details, citations.

        Raises:
            MidStreamError: The answer broke off; the error holds what had arrived.
        """
        return self._stream_chat(messages, **kwargs)

    @override
    @_observed_chat
    async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Answer a conversation, awaited; see `chat`."""
        return await self._achat(messages, **kwargs)

    @override
    @_observed_chat
    async def astream_chat(
        self, messages: Sequence[ChatMessage], **kwargs: Any
    ) -> ChatResponseAsyncGen:
        """Answer a conversation piece by piece, awaited; see `stream_chat`."""
        return await self._astream_chat(messages, **kwargs)

    def _chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        request = build(self, messages, kwargs, streamed=False)
        return _response(*ask(self.client, request), request)

    async def _achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        request = build(self, messages, kwargs, streamed=False)
        return _response(*await aask(self.async_client, request), request)

    def _stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        return self._responses(build(self, messages, kwargs, streamed=True), InSpan())

    async def _astream_chat(
        self, messages: Sequence[ChatMessage], **kwargs: Any
    ) -> ChatResponseAsyncGen:
        return self._aresponses(build(self, messages, kwargs, streamed=True), InSpan())

    def _responses(self, request: ChatRequest, in_span: InSpan) -> ChatResponseGen:
        with in_span:
            stream: ChatStream | None = open_stream(client := self.client, request)
        while stream is not None:
            with stream:
                converter = ResponseConverter(stream.so_far, request.reply_reader())
                for chunk in stream:
                    if (response := converter.after(cast("Any", chunk))) is not None:
                        yield response
            with in_span:
                again = None if converter.has_begun else open_again(client, request, stream)
            if again is None:
                yield converter.last(stream.http)
            stream = again

    async def _aresponses(self, request: ChatRequest, in_span: InSpan) -> ChatResponseAsyncGen:
        client = self.async_client
        with in_span:
            stream: AsyncChatStream | None = await aopen_stream(client, request)
        while stream is not None:
            async with stream:
                converter = ResponseConverter(stream.so_far, request.reply_reader())
                async for chunk in stream:
                    if (response := converter.after(cast("Any", chunk))) is not None:
                        yield response
            with in_span:
                again = None if converter.has_begun else await aopen_again(client, request, stream)
            if again is None:
                yield converter.last(stream.http)
            stream = again

    def build_request(self, messages: Sequence[ChatMessage], **kwargs: Any) -> dict[str, Any]:
        """Return the JSON body that `chat` would send; nothing is sent.

        Args:
            kwargs: As for `chat`.
        """
        return build(self, messages, kwargs, streamed=False).body

    def to_response(
        self, body: Mapping[str, Any], *, request: Mapping[str, Any] | None = None
    ) -> ChatResponse:
        """Return the response that `chat` gives for a reply; nothing is sent.

        For replies that came another way: stored, from a batch, or from `core_client`. `to_object` reads a
        structured answer out of it.

        Args:
            body: The JSON of a chat completion, e.g. `core_client.chat.send(...).raw`.
            request: The body that was sent, if known, as `build_request` gives it: its tools help to read
                calls that a provider left in the text.

        Raises:
            ResponseShapeError: The body holds no choice.
        """
        options = {"parse_text_tool_calls": self.parse_text_tool_calls}
        asked = ChatRequest(dict(request or {}), options=options)
        return _response(dict(body), ReplyInfo(), asked)

    def batch_offline(
        self,
        inputs: Sequence[str | ChatMessage | Sequence[ChatMessage]],
        *,
        store: str | Path,
        timeout_s: float = 24 * 3600.0,
    ) -> list[Item[ChatResponse]]:
        """Answer many inputs by the Batch API, at half the price and within a day; wait for all of them.

        Each is an item with a `result` or an `error`, and its `cost`; its key is its place. Killed, or called
        again with the same file, it hands in nothing twice. `openrouter_core.bulk.Job` does more: hands in
        now, collects tomorrow.

        Args:
            inputs: Texts, messages or conversations, texts only.
            store: The file that keeps the answers, e.g. "reviews.db".
            timeout_s: How long to wait for one batch, in seconds.

        Raises:
            RequestTimeoutError: A batch has not ended in time. It goes on; call again.
        """
        from openrouter_core.bulk.batch_offline import batch_offline

        return batch_offline(self, inputs, store, timeout_s=timeout_s)

    async def abatch_offline(
        self,
        inputs: Sequence[str | ChatMessage | Sequence[ChatMessage]],
        *,
        store: str | Path,
        timeout_s: float = 24 * 3600.0,
    ) -> list[Item[ChatResponse]]:
        """Answer many inputs by the Batch API, as `batch_offline` does; the event loop stays free."""
        from openrouter_core.bulk.batch_offline import abatch_offline

        return await abatch_offline(self, inputs, store, timeout_s=timeout_s)

    # Completion: a chat with one user message

    @override
    @_observed_completion
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        """Answer a prompt; takes the options of `chat`."""
        return chat_to_completion_decorator(self._chat)(self._prompt(prompt, formatted), **kwargs)

    @override
    @_observed_completion
    def stream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseGen:
        """Answer a prompt piece by piece; takes the options of `chat`."""
        return stream_chat_to_completion_decorator(self._stream_chat)(
            self._prompt(prompt, formatted), **kwargs
        )

    @override
    @_observed_completion
    async def acomplete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponse:
        """Answer a prompt, awaited; takes the options of `chat`."""
        return await achat_to_completion_decorator(self._achat)(
            self._prompt(prompt, formatted), **kwargs
        )

    @override
    @_observed_completion
    async def astream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseAsyncGen:
        """Answer a prompt piece by piece, awaited; takes the options of `chat`."""
        return await astream_chat_to_completion_decorator(self._astream_chat)(
            self._prompt(prompt, formatted), **kwargs
        )

    def _prompt(self, prompt: str, formatted: bool) -> str:  # noqa: FBT001  # LlamaIndex's argument
        """The prompt as `completion_to_prompt` of the user's own makes it."""
        made = None if formatted else self.completion_to_prompt
        return prompt if made is None else made(prompt)

    # Tools

    @override
    def _prepare_chat_with_tools(
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        verbose: bool = False,
        allow_parallel_tool_calls: bool = False,
        tool_required: bool = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        choice = kwargs.pop("tool_choice", None)
        messages = list(chat_history or [])
        if user_msg is not None:
            messages.append(ChatMessage(user_msg) if isinstance(user_msg, str) else user_msg)
        options = tool_options(
            tools,
            choice=choice,
            required=tool_required,
            parallel=False if self._may_forbid(allow_parallel_tool_calls) else None,
        )
        return {"messages": messages, **options, **kwargs}

    def _may_forbid(self, parallel: bool) -> bool:  # noqa: FBT001  # LlamaIndex's argument
        """Whether to ask for one call at a time: a default of LlamaIndex's, and few models list it."""
        facts = None if parallel else self.facts_of(self.model)
        return facts is not None and "parallel_tool_calls" in facts.supported_parameters

    @override
    def _validate_chat_with_tools_response(
        self,
        response: ChatResponse,
        tools: Sequence[BaseTool],
        allow_parallel_tool_calls: bool = False,
        **kwargs: Any,
    ) -> ChatResponse:
        return response if allow_parallel_tool_calls else keep_first_call(response)

    @override
    def get_tool_calls_from_response(
        self, response: ChatResponse, error_on_no_tool_call: bool = True, **kwargs: Any
    ) -> list[ToolSelection]:
        """Return the tool calls of a response, whole or partial.

        Raises:
            ValueError: There is none, and `error_on_no_tool_call`; or a whole answer's arguments are not JSON.
                Without `error_on_no_tool_call`, as agents ask, such a call is given as one of a tool that does
                not exist, so that its error goes back to the model.
        """
        selections = tool_selections(response, for_agent=not error_on_no_tool_call)
        if not selections and error_on_no_tool_call:
            raise ValueError(why_no_tool(response))
        return selections


def _response(body: dict[str, Any], http: ReplyInfo, request: ChatRequest) -> ChatResponse:
    return to_chat_response(body, http=http, reader=request.reply_reader())
