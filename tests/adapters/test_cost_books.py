"""One table: whatever happens to a call, the frameworks' cost handlers book what `track_openrouter_cost` books.

A row is a way of calling and what the server does; the last column is what the tracker must have seen at least.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableParallel
from langchain_core.tools import tool
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.callbacks import CallbackManager
from llama_index.core.llms import ChatMessage
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool

from langchain_openrouter import ChatOpenRouter
from langchain_openrouter import OpenRouterCostCallback as LangChainCallback
from llama_index_openrouter import OpenRouter, OpenRouterCostHandler, OpenRouterEmbedding
from llama_index_openrouter import OpenRouterCostCallback as LlamaIndexCallback
from openrouter_core import OpenRouterError
from openrouter_core.costs import CostLedger, Totals, track_openrouter_cost
from openrouter_emulator import Emulator, Reply, faults

# llama-index-core 0.14 itself uses what pydantic calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MODEL = "openai/gpt-4o-mini"
SHORT_S = 1.0
"""Headers have come by then, also on a machine that is busy; bodies that pad or stall have not ended."""
Work = Callable[[Any], Awaitable[object]]
LONG = Reply("word " * 300)


@dataclass(frozen=True)
class Row:
    """A way of calling."""

    name: str
    work: Work
    fault: Any = None
    script: tuple[Any, ...] = ()
    timeout_s: float | None = None
    max_retries: int = 0
    times: int = 1
    """How often the fault comes."""
    calls: int = 1
    failed: int = 0
    unknown: int = 0
    by_callback: dict[str, int] = field(default_factory=dict)
    """What LlamaIndex's older callback has instead: it learns of no id of a stream that is left."""

    def __str__(self) -> str:
        return self.name


# ---------------------------------------------------------------------------- LangChain: `model(config)`


def get_weather(city: str) -> str:
    """Say how the weather is."""
    return f"It snows in {city}."


class Model:
    """A model with the config of its call."""

    def __init__(self, model: ChatOpenRouter, config: Any) -> None:
        self.model, self.config = model, config
        prompt = ChatPromptTemplate.from_template("Say {word}")
        self.chain = prompt | model | StrOutputParser()
        self.nested = RunnableParallel(a=self.chain, b=RunnableParallel(c=self.chain, d=self.chain))
        self.agent = create_agent(model, tools=[tool(get_weather)])


def lc(method: str, given: Any, of: str = "model") -> Work:
    """Call a method and read what it returns to its end."""

    async def work(made: Model) -> None:
        called = getattr(getattr(made, of), method)
        if method.startswith("a"):
            result = called(given, made.config)
            if hasattr(result, "__aiter__"):
                _ = [piece async for piece in result]
            else:
                await result
        elif method == "stream":
            list(called(given, made.config))
        else:
            called(given, made.config)

    return work


async def lc_left(made: Model) -> None:
    stream: Any = made.model.stream("Hello", made.config)
    next(stream)
    stream.close()


async def lc_aleft(made: Model) -> None:
    stream: Any = made.model.astream("Hello", made.config)
    await anext(stream)
    await stream.aclose()


async def lc_left_in_a_chain(made: Model) -> None:
    stream: Any = made.chain.astream({"word": "hello"}, made.config)
    await anext(stream)
    await stream.aclose()


# ---------------------------------------------------------------------------- LlamaIndex: `llm`

HI = [ChatMessage("Hello")]


def li(method: str, *given: Any) -> Work:
    """Call a method and read what it returns to its end."""

    async def work(llm: OpenRouter) -> None:
        result = getattr(llm, method)(*given)
        result = await result if method.startswith("a") else result
        if hasattr(result, "__aiter__"):
            _ = [piece async for piece in result]
        elif "stream" in method:
            list(result)

    return work


async def li_left(llm: OpenRouter) -> None:
    stream: Any = llm.stream_chat(HI)
    next(stream)
    stream.close()


async def li_aleft(llm: OpenRouter) -> None:
    stream: Any = await llm.astream_complete("Hello")
    await anext(stream)
    await stream.aclose()


async def li_agent(llm: OpenRouter, *, streaming: bool) -> None:
    tools = [FunctionTool.from_defaults(get_weather)]
    agent = FunctionAgent(tools=tools, llm=llm, streaming=streaming)
    await agent.run("get_weather of Oslo")


async def li_gathered(llm: OpenRouter) -> None:
    await asyncio.gather(*(llm.achat(HI) for _ in range(5)))


# ---------------------------------------------------------------------------- both


def failing(work: Work) -> Work:
    """In a thread, so that a call that is not awaited may hang."""

    async def both(made: Any) -> None:
        with pytest.raises(OpenRouterError):
            await work(made)

    return both


def cancelled(work: Work) -> Work:
    async def both(made: Any) -> None:
        task = asyncio.ensure_future(work(made))
        await asyncio.sleep(SHORT_S)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    return both


def failures(ways: dict[str, Work]) -> list[Row]:
    """Every way with failures of each kind; the tests of each adapter have more of them."""
    rows = list[Row]()
    for name, work in ways.items():
        fails, lost = (
            failing(work),
            int("stream" not in name),
        )  # streams have begun, so their id is known
        rows += [
            Row(f"{name}, 402", fails, faults.payment_required(), failed=1),
            Row(
                f"{name}, timeout",
                fails,
                faults.stall_silent(),
                timeout_s=SHORT_S,
                failed=1,
                unknown=lost,
            ),
        ]
        rows += tried_again(name, work)
        if name.startswith("a"):
            ends, hang, pad = cancelled(work), faults.stall_silent(), faults.stall_comments()
            rows.append(Row(f"{name}, cancelled", ends, hang, failed=1, unknown=lost))
            rows.append(Row(f"{name}, cancelled in the body", ends, pad, failed=1))
    return rows


def tried_again(name: str, work: Work) -> list[Row]:
    """A try that is lost may be billed as well: by its id where there is one, else nobody knows."""
    cut, half = faults.cut_before_headers(), faults.cut_in_body()
    two = {"max_retries": 1, "calls": 2}
    rows = [
        Row(f"{name}, cut and made again", work, cut, failed=1, unknown=1, **two),
        Row(f"{name}, cut twice", failing(work), cut, times=2, failed=2, unknown=2, **two),
    ]
    if "stream" not in name:  # streams are not made again once they have begun
        rows.append(Row(f"{name}, cut in the body and made again", work, half, failed=1, **two))
    return rows


LEFT = {"script": (LONG,), "failed": 1}
UNKNOWN = {"calls": 1, "failed": 1, "unknown": 1}
LANGCHAIN = [
    *(Row(way, lc(way, "Hello")) for way in ("invoke", "ainvoke", "stream", "astream")),
    Row("batch", lc("batch", ["one", "two", "three"]), calls=3),
    Row("abatch", lc("abatch", ["one", "two", "three"]), calls=3),
    *(Row(f"chain.{w}", lc(w, {"word": "hi"}, "chain")) for w in ("invoke", "ainvoke", "astream")),
    *(
        Row(f"nested.{way}", lc(way, {"word": "hi"}, "nested"), calls=3)
        for way in ("invoke", "ainvoke", "stream", "astream")
    ),
    *(
        Row(
            f"agent.{way}",
            lc(way, {"messages": [("user", "get_weather of Oslo")]}, "agent"),
            calls=2,
        )
        for way in ("invoke", "ainvoke", "stream", "astream")
    ),
    Row("left", lc_left, **LEFT),
    Row("aleft", lc_aleft, **LEFT),
    Row("left in a chain", lc_left_in_a_chain, **LEFT),
    *failures({way: lc(way, "Hello") for way in ("invoke", "ainvoke", "stream", "astream")}),
]
LLAMA_INDEX = [
    *(Row(way, li(way, HI)) for way in ("chat", "achat", "stream_chat", "astream_chat")),
    *(
        Row(way, li(way, "Hello"))
        for way in ("complete", "acomplete", "stream_complete", "astream_complete")
    ),
    Row("predict", li("predict", PromptTemplate("Say hi"))),
    Row("apredict", li("apredict", PromptTemplate("Say hi"))),
    Row("gathered", li_gathered, calls=5),
    Row("agent", partial(li_agent, streaming=False), calls=2),
    Row("streamed agent", partial(li_agent, streaming=True), calls=2),
    Row("left", li_left, **LEFT, by_callback=UNKNOWN),
    Row("aleft", li_aleft, **LEFT, by_callback=UNKNOWN),
    *failures({way: li(way, HI) for way in ("chat", "achat", "stream_chat", "astream_chat")}),
]


async def watched(row: Row, emulator: Emulator, made: Any, *books: Any) -> list[Totals]:
    """What the tracker booked, then what each of the others did."""
    emulator.chunk_gap_s = 0.005 if row.script else 0
    emulator.script(row.script)
    emulator.fail_next(row.fault or faults.none(), times=row.times)
    with track_openrouter_cost() as tracked:
        await row.work(made)
        del made
    assert await emulator.await_idle()  # LlamaIndex lets the loop close streams
    for book in (tracked, *books):
        assert await book.aflush(20) == ()
    return [book.totals for book in (tracked, *books)]


def check(row: Row, tracked: Totals, emulator: Emulator) -> None:
    assert (tracked.calls, tracked.failed, tracked.unknown) == (row.calls, row.failed, row.unknown)
    assert row.unknown or tracked.total == emulator.total_charged
    assert row.failed or tracked.total > 0


@pytest.mark.parametrize("row", LANGCHAIN, ids=str)
async def test_langchain_books_what_the_tracker_books(row: Row, openrouter_emulator: Emulator):
    spent = LangChainCallback(ledger=CostLedger())
    model = ChatOpenRouter(model=MODEL, max_retries=row.max_retries, request_timeout=row.timeout_s)
    made = Model(model, {"callbacks": [spent]})

    tracked, by_callback = await watched(row, openrouter_emulator, made, spent)

    check(row, tracked, openrouter_emulator)
    assert by_callback == tracked
    assert spent.by_model().keys() == {MODEL}


@pytest.mark.parametrize("row", LLAMA_INDEX, ids=str)
async def test_llama_index_books_what_the_tracker_books(row: Row, openrouter_emulator: Emulator):
    handler, callback = OpenRouterCostHandler(), LlamaIndexCallback()
    options: Any = {} if row.timeout_s is None else {"timeout_s": row.timeout_s}
    manager = CallbackManager([callback])
    llm = OpenRouter(MODEL, max_retries=row.max_retries, callback_manager=manager, **options)

    with handler:
        tracked, by_handler, by_callback = await watched(
            row, openrouter_emulator, llm, handler, callback
        )

    check(row, tracked, openrouter_emulator)
    assert by_handler == tracked
    if row.by_callback:
        assert {name: getattr(by_callback, name) for name in row.by_callback} == row.by_callback
    else:
        assert by_callback == tracked
    assert handler.by_model().keys() == {MODEL}


async def test_a_lost_try_of_an_embedding_is_booked(openrouter_emulator: Emulator):
    embedder = OpenRouterEmbedding(model_name="openai/text-embedding-3-small", max_retries=1)
    openrouter_emulator.fail_next(faults.cut_in_body())
    with OpenRouterCostHandler() as handler, track_openrouter_cost() as tracked:
        await embedder.aget_text_embedding("Hello")
    assert (await tracked.aflush(20), await handler.aflush(20)) == ((), ())

    assert handler.totals == tracked.totals
    totals = handler.totals  # of an embedding the id is known when all is read
    assert (totals.calls, totals.failed, totals.unknown) == (2, 1, 1)
