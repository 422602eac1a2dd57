"""A model in a process: event loops, copies, connections, and LangChain's own switches."""

from __future__ import annotations

import asyncio
import copy
import gc
import warnings
from collections.abc import AsyncIterator
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage

from langchain_openrouter.errors import (
    AuthenticationError,
    RateLimitError,
)
from openrouter_emulator import Emulator, Raw, faults
from tests.langchain_openrouter import call_styles
from tests.langchain_openrouter.call_styles import CLAUDE, STREAMS, Ask, model

# ------------------------------------------------------------------ living in a process


def test_row50_copies_of_a_used_model_work(openrouter_emulator: Emulator):
    """Row 50."""
    made = model()
    made.invoke("Hi")

    assert copy.deepcopy(made).invoke("Hi").text


@pytest.mark.filterwarnings("error")
def test_row51_c5_several_event_loops_in_turn(openrouter_emulator: Emulator):
    """Row 51; quirks.md C5: no warning either."""
    made = model()

    for _ in range(3):
        assert asyncio.run(made.ainvoke("Hi")).text
        assert asyncio.run(call_styles.astream(made, "Hi")).text
    gc.collect()


@pytest.mark.filterwarnings("error")
def test_c5_many_models_share_connections(openrouter_emulator: Emulator):
    """quirks.md C5."""
    for _ in range(50):
        assert model().invoke("Hi").text
    gc.collect()


def test_row52_h2_no_attribution_header_unless_set(openrouter_emulator: Emulator):
    """Row 52; quirks.md H2 and H9."""
    model().invoke("Hi")
    model(app_url="https://a.b", app_title="A", default_headers={"User-Agent": "mine/1"}).invoke(
        "Hi"
    )

    plain, named = [
        {k.lower(): v for k, v in r.headers.items()} for r in openrouter_emulator.requests
    ]
    assert "http-referer" not in plain
    assert not any("title" in name for name in plain)
    assert named["http-referer"] == "https://a.b"
    assert named["user-agent"] == "mine/1"


# ------------------------------------------------------------------ LangChain's own switches


def test_j6_disable_streaming_is_honoured(openrouter_emulator: Emulator):
    """quirks.md J6."""
    chunks = list(model(disable_streaming=True).stream("Hi"))
    list(
        model(disable_streaming="tool_calling").stream(
            "Hi", tools=[{"type": "openrouter:datetime"}]
        )
    )
    list(model(streaming=False).stream("Hi"))

    assert len(chunks) == 1
    assert not any(body.get("stream") for body in openrouter_emulator.bodies)


@pytest.mark.parametrize("how", ["field", "argument"])
def test_invoke_streams_when_asked(openrouter_emulator: Emulator, how: str):
    made = model(streaming=True) if how == "field" else model()

    message = made.invoke("Hi", **({"stream": True} if how == "argument" else {}))

    assert openrouter_emulator.bodies[0]["stream"] is True
    assert type(message) is AIMessage


async def test_with_fallbacks_tells_errors_apart(openrouter_emulator: Emulator):
    """quirks.md C4: `exceptions_to_handle` works."""
    openrouter_emulator.fail_sequence([faults.rate_limited(), None, faults.unauthorized()])
    chain = model().with_fallbacks([model(CLAUDE)], exceptions_to_handle=(RateLimitError,))

    message = await chain.ainvoke("Hi")
    with pytest.raises(AuthenticationError):
        await chain.ainvoke("Hi")

    assert "claude" in message.response_metadata["model_name"]


def test_batch_and_generate_add_up_usage_and_cost(openrouter_emulator: Emulator):
    messages = [[HumanMessage("Hi")], [HumanMessage("Ho")]]

    output = model().generate(messages).llm_output

    assert output is not None
    assert output["token_usage"]["total_tokens"] == sum(
        b.prompt_tokens + b.completion_tokens for b in openrouter_emulator.charges
    )
    assert output["token_usage"]["cost"] == pytest.approx(float(openrouter_emulator.total_charged))


@STREAMS
async def test_tokens_are_reported_once_to_handlers(openrouter_emulator: Emulator, ask: Ask):
    class Seen(AsyncCallbackHandler):
        def __init__(self) -> None:
            self.tokens: list[str] = []

        async def on_llm_new_token(self, token: Any, **_: Any) -> None:
            self.tokens.append(token)

    seen = Seen()

    message = await ask(model(), "Hi", config={"callbacks": [seen]})

    assert "".join(seen.tokens) == message.text


async def test_stopping_early_closes_the_stream(openrouter_emulator: Emulator):
    openrouter_emulator.chunk_gap_s = 0.05
    stream: AsyncIterator[Any] = model().astream(
        "Tell a story about a long journey through the night"
    )

    async for _ in stream:
        break
    await stream.aclose()  # type: ignore[attr-defined]

    assert await asyncio.to_thread(openrouter_emulator.wait_idle, 2.0)
    assert openrouter_emulator.requests[0].path.endswith("/chat/completions")


def test_h11_debug_echo_reaches_the_metadata(openrouter_emulator: Emulator):
    """quirks.md H11: a chunk without choices."""
    first = {"id": "g", "choices": [], "debug": {"echo_upstream_body": {"model": "m"}}}
    chunk = {
        "id": "g",
        "model": "m",
        "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}],
    }
    openrouter_emulator.script([Raw([first, chunk])])

    first_chunk, *rest = model(debug={"echo_upstream_body": True}).stream("Hi")
    message = first_chunk + rest

    assert message.response_metadata["debug"] == {"echo_upstream_body": {"model": "m"}}


def test_no_warning_comes_from_ordinary_use(openrouter_emulator: Emulator):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = model(temperature=0)
        made.invoke("Hi")
        list(made.stream("Hi"))
        made.bind_tools([{"type": "openrouter:datetime"}]).invoke("Hi")


# ------------------------------------------------------------------ the thread as the session, in events

THREAD: Any = {"configurable": {"thread_id": "t-1"}}


@pytest.mark.filterwarnings("ignore:.*in beta")
@pytest.mark.parametrize("bound", [False, True], ids=["direct", "bound"])
@pytest.mark.parametrize("version", ["v2", "v3"])
async def test_f5_events_of_a_thread_belong_to_its_session(
    openrouter_emulator: Emulator, version: Any, bound: bool
):
    """quirks.md F5."""
    made: Any = model(session_from_thread=True)
    bound_model = made.bind(temperature=0.5) if bound else made

    events = bound_model.astream_events("Hi", THREAD, version=version)
    seen = [event async for event in (await events if version == "v3" else events)]

    assert seen
    assert openrouter_emulator.bodies[0]["session_id"] == "t-1"


@pytest.mark.filterwarnings("ignore:.*in beta")
def test_f5_blocking_events_of_a_thread_belong_to_its_session(openrouter_emulator: Emulator):
    """quirks.md F5: whatever is named for the call wins."""
    made = model(session_from_thread=True)

    assert made.stream_events("Hi", THREAD, version="v3").output.text
    assert made.stream_events("Hi", THREAD, version="v3", session_id="mine").output.text
    assert model().stream_events("Hi", THREAD, version="v3").output.text

    sessions = [body.get("session_id") for body in openrouter_emulator.bodies]
    assert sessions == ["t-1", "mine", None]
