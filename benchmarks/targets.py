"""The goals, and whether a run reached them. Pure: figures in, verdicts out.

The "limit" of our core is the floor, that of an adapter the floor and its framework's own floor. Peers
are the other contenders of the same family.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Figures = Mapping[str, Mapping[str, float]]
"""Row -> contender -> median."""

MEMORY = {"many": "httpx2 alone", "chunks": "itself after 1/50"}
"""What memory is compared with."""

FAMILIES = {
    "ours_core": (("floor",), ("openrouter_sdk", "openai_sdk"), "openrouter_sdk"),
    "ours_core_costs": ((), (), ""),
    "ours_langchain": (
        ("floor", "langchain_floor"),
        ("langchain_official", "langchain_openai", "langchain_litellm"),
        "langchain_official",
    ),
    "ours_llama_index": (
        ("floor", "llama_index_floor"),
        ("llama_index_official",),
        "llama_index_official",
    ),
}
"""Ours -> what makes up its limit, its peers, the official one."""


@dataclass(frozen=True, slots=True)
class Target:
    """At most this ratio to the limit, to the best peer, to the official package, or this figure."""

    row: str
    ours: str
    limit: float | None = None
    peer: float | None = None
    official: float | None = None
    figure: float | None = None
    base: str = ""
    """The row whose limit counts; by default the same row."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One goal of one row, and what was measured."""

    row: str
    ours: str
    against: str
    wanted: float
    got: float | None

    @property
    def met(self) -> bool | None:
        """None when there is nothing to compare with."""
        return None if self.got is None else self.got <= self.wanted


def _streams(row: str, limit: float, peer: float, official: float) -> tuple[Target, ...]:
    return tuple(
        target
        for name in (row, f"{row}.async")
        for target in (
            Target(name, "ours_langchain", limit, peer, official),
            Target(name, "ours_llama_index", limit, peer),
        )
    )


TARGETS = (
    Target("import", "ours_core", limit=1.25),
    Target("import", "ours_langchain", limit=1.10, official=0.85),
    Target("import", "ours_llama_index", limit=1.10, official=0.70),
    Target("construct", "ours_core", figure=200),
    Target("construct", "ours_langchain", figure=200, official=1 / 150),
    Target("construct", "ours_llama_index", figure=200),
    Target("call", "ours_langchain", 4.0, 0.40, 1 / 22),
    Target("call", "ours_llama_index", 4.6, 0.40),
    Target("call.async", "ours_langchain", 4.5, 0.50, 1 / 15),
    Target("call.async", "ours_llama_index", 6.0, 0.50),
    Target("large", "ours_langchain", 3.2, 0.50, 1 / 13),
    Target("large", "ours_llama_index", 3.2, 0.50),
    Target("first", "ours_langchain", 3.0, 0.40, 1 / 25),
    Target("first", "ours_llama_index", 3.0, 0.40),
    Target("first.async", "ours_langchain", 3.8, 0.40, 1 / 25),
    Target("first.async", "ours_llama_index", 3.8, 0.40),
    *_streams("text", 2.2, 0.22, 1 / 25),
    *_streams("text.packed", 1.4, 0.16, 1 / 40),
    *_streams("reasoning.packed", 1.7, 0.20, 1 / 35),
    Target("arguments.packed", "ours_langchain", 2.5, 0.20, 1 / 30, base="text.packed"),
    Target("arguments.packed", "ours_llama_index", 1.4, 0.20),
    Target("many.500", "ours_langchain", None, 0.5, 1 / 18, figure=0.65),
    Target("many.500", "ours_llama_index", None, 0.5, figure=0.65),
    Target("many.2000", "ours_langchain", None, 0.4, figure=2.2),
    Target("many.2000", "ours_llama_index", None, 0.4, figure=2.2),
    Target("streams", "ours_langchain", 2.0, 0.25),
    Target("streams", "ours_llama_index", 2.4, 0.25),
    Target("threads", "ours_langchain", 1.1),
    Target("threads", "ours_llama_index", 1.1),
    Target("threads.cpu", "ours_langchain", 2.5, 0.42, 1 / 25),
    Target("threads.cpu", "ours_llama_index", 2.5, 0.42),
    Target("base64", "ours_core", 2.1, 0.7),
    Target("models", "ours_core", 2.0, 0.3),
    Target("costs", "ours_core_costs", figure=50),
    Target("costs.chunk", "ours_core_costs", figure=1),
)


def goal_of(row: str, ours: str) -> Target:
    """The goal that one of ours has in a row."""
    return next(target for target in TARGETS if (target.row, target.ours) == (row, ours))


def verdicts(figures: Figures) -> Iterator[Verdict]:
    """Judge every goal whose row was measured."""
    for target in TARGETS:
        mine = figures.get(target.row, {}).get(target.ours)
        if mine is not None:
            yield from _judged(target, mine, figures)
    yield from _relations(figures)


def _judged(target: Target, mine: float, figures: Figures) -> Iterator[Verdict]:
    official = FAMILIES[target.ours][-1]
    row = figures[target.row]
    limit = limit_of(target.ours, figures.get(target.base or target.row, {}), target.row)
    against = {
        "limit": (target.limit, limit),
        "best peer": (target.peer, best_peer(target.ours, row)),
        "official": (target.official, row.get(official)),
        "figure": (target.figure, 1.0),
    }
    for name, (wanted, other) in against.items():
        if wanted is not None:
            yield Verdict(target.row, target.ours, name, wanted, mine / other if other else None)


def limit_of(ours: str, row: Mapping[str, float], key: str = "") -> float | None:
    """What nobody can go below: the sum of the floors; None where one was not measured."""
    parts = FAMILIES[ours][0]
    if key.startswith("import"):
        parts = parts[1:] or ("httpx2_alone",)
    if key == "threads":  # wall time: the floors wait side by side
        parts = parts[:1]
    return sum(row[p] for p in parts) if parts and all(p in row for p in parts) else None


def best_peer(ours: str, row: Mapping[str, float]) -> float | None:
    """The lowest figure of the peers; None where none was measured."""
    return min((row[p] for p in FAMILIES[ours][1] if p in row), default=None)


def _relations(figures: Figures) -> Iterator[Verdict]:
    """Goals that compare two rows of one contender, or two contenders of ours."""
    for ours in FAMILIES:
        few, lots = (figures.get(f"many.{n}.cpu", {}).get(ours) for n in (100, 2000))
        if few and lots:
            name = "CPU per call at 100 concurrent"
            yield Verdict("many.2000.cpu", ours, name, 1.4, lots / few)
    for ours, memory in figures.get("endurance", {}).items():
        what, name = ours.split("/")
        most = {"many": 1.3, "chunks": 1.05}[what]
        yield Verdict(f"memory.{what}", name, MEMORY[what], most, memory)
    for name, grown in figures.get("growth", {}).items():
        row, contender = name.split("/")
        if contender in FAMILIES:
            yield Verdict(row, contender, "exponent", 1.1, grown)
