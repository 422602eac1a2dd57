"""Events, callbacks, token counts and rate limiters around the calls."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.bridge.pydantic import Field
from llama_index.core.callbacks import CallbackManager, CBEventType, TokenCountingHandler
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.events import BaseEvent
from llama_index.core.instrumentation.events.exception import ExceptionEvent
from llama_index.core.instrumentation.events.llm import (
    LLMChatEndEvent,
    LLMChatStartEvent,
    LLMCompletionEndEvent,
    LLMCompletionStartEvent,
)
from llama_index.core.instrumentation.events.rerank import ReRankEndEvent
from llama_index.core.instrumentation.span import BaseSpan
from llama_index.core.instrumentation.span_handlers import BaseSpanHandler
from llama_index.core.rate_limiter import BaseRateLimiter
from llama_index.core.schema import NodeWithScore, TextNode
from llama_index_instrumentation import get_dispatcher

from llama_index_openrouter import OpenRouterRerank
from openrouter_core import OpenRouterError, ServerError
from openrouter_emulator import Emulator, Reply, faults
from tests.llama_index_openrouter.factories import MakeLlm
from tests.llama_index_openrouter.test_chat import (
    Ask,
    by_achat,
    by_acomplete,
    by_astream,
    by_astream_complete,
    by_chat,
    by_complete,
    by_stream,
    by_stream_complete,
    four_ways,
)

HI = [ChatMessage(content="Hi")]


class Recorder(BaseEventHandler):
    """Keeps every event."""

    events: list[Any] = []

    @classmethod
    def class_name(cls) -> str:
        return "Recorder"

    def handle(self, event: BaseEvent, **kwargs: Any) -> None:
        self.events.append(event)

    def of(self, kind: type[BaseEvent]) -> list[Any]:
        return [event for event in self.events if type(event) is kind]


@pytest.fixture
def recorder():
    dispatcher = get_dispatcher()
    handler = Recorder(events=[])
    dispatcher.add_event_handler(handler)
    yield handler
    dispatcher.event_handlers.remove(handler)


@four_ways
async def test_chat_fires_one_start_and_one_end(make_llm: MakeLlm, ask: Ask, recorder: Recorder):
    await ask(make_llm(temperature=0), HI)

    [start] = recorder.of(LLMChatStartEvent)
    [end] = recorder.of(LLMChatEndEvent)
    assert start.model_dict["model"] == "openai/gpt-4o-mini"
    assert end.response.raw["usage"]["prompt_tokens"] > 0
    assert end.response.additional_kwargs["cost"] > 0


@pytest.mark.parametrize(
    "complete", [by_complete, by_acomplete, by_stream_complete, by_astream_complete]
)
async def test_completion_fires_no_second_pair(make_llm: MakeLlm, recorder: Recorder, complete):
    await complete(make_llm(), "Hi")

    assert len(recorder.of(LLMCompletionStartEvent)) == 1
    assert len(recorder.of(LLMCompletionEndEvent)) == 1
    assert recorder.of(LLMChatStartEvent) == []


@four_ways
async def test_tokens_are_counted_once_and_truly(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    counter = TokenCountingHandler(tokenizer=str.split)
    llm = make_llm("anthropic/claude-haiku-4.5", callback_manager=CallbackManager([counter]))

    await ask(llm, HI)

    [booking] = openrouter_emulator.charges
    assert counter.prompt_llm_token_count == booking.prompt_tokens
    assert counter.completion_llm_token_count == booking.completion_tokens


@four_ways
async def test_failed_call_ends_its_callback_event(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Ask
):
    seen: list[Any] = []

    class Watch(TokenCountingHandler):
        def on_event_end(self, event_type: CBEventType, payload: Any = None, **kwargs: Any) -> None:
            seen.append(payload)

    openrouter_emulator.fail_next(faults.bad_gateway())
    llm = make_llm(callback_manager=CallbackManager([Watch(tokenizer=str.split)]))

    with pytest.raises(OpenRouterError):
        await ask(llm, HI)

    assert [type(payload["exception"]).__name__ for payload in seen] == ["ServerError"]


def test_broken_stream_fires_an_exception_event(
    openrouter_emulator: Emulator, make_llm: MakeLlm, recorder: Recorder
):
    openrouter_emulator.script(Reply("word " * 40))
    openrouter_emulator.fail_next(faults.midstream_error())

    with pytest.raises(OpenRouterError):
        list(make_llm().stream_chat(HI))

    assert len(recorder.of(ExceptionEvent)) == 1
    assert recorder.of(LLMChatEndEvent) == []


class Spans(BaseSpanHandler[BaseSpan]):
    """Keeps the names of the spans that were dropped."""

    dropped: list[str] = Field(default_factory=list)

    def __init__(self) -> None:
        super().__init__()
        self.dropped = []

    @classmethod
    def class_name(cls) -> str:
        return "Spans"

    def new_span(self, id_: str, *args: Any, **kwargs: Any) -> BaseSpan:
        return BaseSpan(id_=id_)

    def prepare_to_exit_span(self, id_: str, *args: Any, **kwargs: Any) -> BaseSpan:
        return BaseSpan(id_=id_)

    def prepare_to_drop_span(self, id_: str, *args: Any, **kwargs: Any) -> BaseSpan:
        self.dropped.append(id_)
        return BaseSpan(id_=id_)


@pytest.fixture
def spans():
    dispatcher = get_dispatcher()
    handler = Spans()
    dispatcher.add_span_handler(handler)
    yield handler
    dispatcher.span_handlers.remove(handler)


EIGHT_WAYS = {
    **dict.fromkeys([by_chat, by_achat, by_stream, by_astream], HI),
    **dict.fromkeys([by_complete, by_acomplete, by_stream_complete, by_astream_complete], "Hi"),
}


@pytest.mark.parametrize("ask", EIGHT_WAYS, ids=lambda ask: ask.__name__)
async def test_refused_call_fires_one_exception_event_in_its_span(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Any, recorder: Recorder
):
    """LlamaIndex alone fires none for calls that are not streamed."""
    openrouter_emulator.fail_next(faults.bad_gateway())

    with pytest.raises(ServerError) as caught:
        await ask(make_llm(), EIGHT_WAYS[ask])

    [failed] = recorder.of(ExceptionEvent)
    [start] = [*recorder.of(LLMChatStartEvent), *recorder.of(LLMCompletionStartEvent)]
    assert failed.exception is caught.value
    assert failed.span_id == start.span_id
    assert not recorder.of(LLMChatEndEvent)
    assert not recorder.of(LLMCompletionEndEvent)


@pytest.mark.parametrize("ask", [by_chat, by_achat, by_complete, by_acomplete])
async def test_refused_call_drops_its_span(
    openrouter_emulator: Emulator, make_llm: MakeLlm, ask: Any, spans: Spans
):
    openrouter_emulator.fail_next(faults.bad_gateway())

    with pytest.raises(ServerError):
        await ask(make_llm(), EIGHT_WAYS[ask])

    assert len(spans.dropped) == 1
    assert spans.dropped[0].startswith("OpenRouter.")


def test_argument_that_is_refused_here_fires_an_exception_event_too(
    openrouter_emulator: Emulator, make_llm: MakeLlm, recorder: Recorder
):
    with pytest.raises(ValueError, match="temperature"):
        make_llm().stream_chat(HI, temperature=3)

    assert len(recorder.of(ExceptionEvent)) == 1


async def test_refused_rerank_fires_one_exception_event(
    openrouter_emulator: Emulator, recorder: Recorder
):
    openrouter_emulator.fail_next(faults.bad_gateway())
    rerank = OpenRouterRerank("cohere/rerank-v3.5", max_retries=0)

    with pytest.raises(ServerError):
        await rerank.apostprocess_nodes([NodeWithScore(node=TextNode(text="a"))], query_str="q")

    assert len(recorder.of(ExceptionEvent)) == 1
    assert recorder.of(ReRankEndEvent) == []


class Turnstile(BaseRateLimiter):
    """Counts who passes."""

    def __init__(self) -> None:
        self.passed = 0

    def acquire(self, num_tokens: int = 0) -> None:
        self.passed += 1

    async def async_acquire(self, num_tokens: int = 0) -> None:
        self.passed += 1


@four_ways
async def test_rate_limiter_is_asked_once(make_llm: MakeLlm, ask: Ask):
    turnstile = Turnstile()

    await ask(make_llm(rate_limiter=turnstile), HI)

    assert turnstile.passed == 1


def test_bad_argument_fails_at_the_call_and_sends_nothing(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    with pytest.raises(ValueError, match="temperature"):
        make_llm().stream_chat(HI, temperature=3)

    assert openrouter_emulator.requests == []
