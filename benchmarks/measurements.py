"""What is measured: one row per piece of work. Plain data, read by `run.py` and `report.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Metric = Literal["cpu_s", "wall_s"]


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of work, and how its cost is shown.

    Attributes:
        work: A method of `scenarios.Client`.
        answer: What the server sends (see `answers.py`).
        times: Calls, streams or tasks of one round; `slow_times` for contenders marked slow.
        metric: CPU time of the client, or wall time.
        per: Whether the figure is divided by what the work counts.
        rounds: Rounds of a full run; 0 takes the run's own number.
    """

    key: str
    title: str
    work: str
    answer: str
    times: int
    slow_times: int
    unit: Literal["µs", "ms", "s"] = "µs"
    metric: Metric = "cpu_s"
    per: bool = True
    rounds: int = 0
    in_quick: bool = True

    @property
    def job(self) -> tuple[str, str, int]:
        """What is done; two rows of one job are two readings of it."""
        return self.work, self.answer, self.times

    @property
    def needs(self) -> str:
        """The method that a contender must have to take part."""
        way = {"many": "acall", "streams": "astream", "threads": "call", "afirst": "astream"}
        way |= {"first": "stream", "construct": "call"}
        way |= {"call_costs": "without_costs", "stream_costs": "without_costs"}
        return way.get(self.work, self.work)

    def value(self, cost: dict[str, float]) -> float:
        """The figure of one round, in the row's unit."""
        seconds = cost[self.metric] / (cost["count"] if self.per else 1)
        return seconds * {"µs": 1e6, "ms": 1e3, "s": 1}[self.unit]


ROWS = (
    # the rows that say most come first: a short run may not reach the others
    Row("call", "one small call", "call", "call", 100, 10),
    Row("text", "text stream, one event per send, per chunk", "stream", "text.1000.1", 2, 1),
    Row("text.packed", "text stream, 20 events per send", "stream", "text.1000.20", 2, 1),
    Row("call.async", "one small call, async", "acall", "call", 100, 10),
    Row("text.async", "text stream, one event per send, async", "astream", "text.1000.1", 2, 1),
    Row(
        "text.packed.async",
        "text stream, 20 events per send, async",
        "astream",
        "text.1000.20",
        2,
        1,
    ),
    Row(
        "arguments.packed",
        "tool-argument stream, 20 events per send",
        "stream",
        "arguments.1000.20",
        2,
        1,
    ),
    Row(
        "reasoning.packed",
        "reasoning stream, 20 events per send",
        "stream",
        "reasoning.1000.20",
        2,
        1,
    ),
    Row("first", "time to first chunk (CPU)", "first", "text.10.1", 40, 8),
    Row("large", "a 200 kB answer", "call", "large", 30, 8),
    Row("construct", "another client or model object", "construct", "call", 10, 3),
    Row("call.tool", "a reply with a tool call", "call", "tool", 100, 10),
    Row("first.async", "time to first chunk (CPU), async", "afirst", "text.10.1", 40, 8),
    Row(
        "arguments", "tool-argument stream, one event per send", "stream", "arguments.1000.1", 2, 1
    ),
    Row("reasoning", "reasoning stream, one event per send", "stream", "reasoning.1000.1", 2, 1),
    Row(
        "reasoning.packed.async",
        "reasoning stream, 20 events per send, async",
        "astream",
        "reasoning.1000.20",
        2,
        1,
    ),
    Row(
        "arguments.packed.async",
        "tool-argument stream, 20 events per send, async",
        "astream",
        "arguments.1000.20",
        2,
        1,
    ),
    Row(
        "many.500",
        "500 concurrent calls of 200 ms (wall)",
        "many",
        "call.200",
        500,
        500,
        unit="s",
        metric="wall_s",
        per=False,
        rounds=2,
    ),
    Row("many.100.cpu", "CPU per call, 100 concurrent", "many", "call.200", 100, 100, rounds=3),
    Row(
        "many.2000",
        "2,000 concurrent calls of 200 ms (wall)",
        "many",
        "call.200",
        2000,
        2000,
        unit="s",
        metric="wall_s",
        per=False,
        rounds=1,
        in_quick=False,
    ),
    Row(
        "many.2000.cpu",
        "CPU per call, 2,000 concurrent",
        "many",
        "call.200",
        2000,
        2000,
        rounds=1,
        in_quick=False,
    ),
    Row(
        "streams",
        "200 concurrent streams of 200 chunks, CPU per chunk",
        "streams",
        "text.200.1",
        200,
        200,
        rounds=2,
    ),
    Row(
        "threads",
        "200 calls of 20 ms on 16 threads (wall)",
        "threads",
        "call.20",
        200,
        200,
        unit="s",
        metric="wall_s",
        per=False,
        rounds=3,
    ),
    Row(
        "threads.cpu",
        "200 calls on 16 threads, CPU per call",
        "threads",
        "call.20",
        200,
        200,
        rounds=3,
    ),
    Row("float", "embeddings 100 x 1,536, float", "embed", "float", 8, 4, unit="ms"),
    Row("base64", "embeddings 100 x 1,536, base64", "embed", "base64", 8, 4, unit="ms"),
    Row("models", "model list of 400", "models", "models", 8, 2, unit="ms"),
    Row("costs", "what a cost ledger adds to a call", "call_costs", "call", 1000, 1000),
    Row(
        "costs.chunk",
        "what a cost ledger adds to a chunk",
        "stream_costs",
        "text.1000.20",
        20,
        20,
    ),
)


@dataclass(frozen=True, slots=True)
class Growth:
    """How CPU grows with N: the exponent of the best fit, 1 where it is linear."""

    key: str
    title: str
    work: str
    answer: str
    """With `{n}` where the number of chunks goes."""
    sizes: tuple[int, ...]
    per_n: bool = False
    """Whether N is the number of tasks (`times`) rather than of chunks."""


GROWTHS = (
    Growth("chunks", "chunks of one stream", "stream", "text.{n}.1", (1_000, 4_000, 16_000)),
    Growth("concurrency", "concurrent calls", "many", "call.200", (125, 500, 2_000), per_n=True),
    Growth("history", "messages of the history", "history", "call", (100, 400, 1_600), per_n=True),
)
GROWING = ("floor", "httpx2_alone", "ours_core", "ours_langchain", "ours_llama_index")


@dataclass(frozen=True, slots=True)
class Endurance:
    """Memory of a fresh process after some work, and after more of it."""

    key: str
    title: str
    work: str
    answer: str
    times: tuple[int, ...]


ENDURANCES = (
    Endurance("many", "calls at once", "many", "call.200", (2_000,)),
    Endurance("chunks", "streams of 1,000 chunks", "stream", "text.1000.20", (20, 1_000)),
)
ENDURING = ("httpx2_alone", "ours_core", "ours_langchain", "ours_llama_index")
