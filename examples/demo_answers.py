"""What the emulator's models say in the demo: answers made of what they were given, where a real model would think.

A showcase of scripts, too: replies for a tool, for what follows its result, for a turn and for a prompt.
"""

from __future__ import annotations

import re
from typing import Any

from openrouter_emulator import Emulator, Reply, ToolCall

_DEGREES = re.compile(r"(\w+): (-?\d+) degrees, ([\w ]+)")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])|\n\s*\n|\n(?=[#|*-])")
_COMMON = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "by",
        "does",
        "for",
        "how",
        "in",
        "is",
        "it",
        "of",
        "on",
        "or",
        "over",
        "that",
        "the",
        "to",
        "what",
        "with",
    ]
)
_JACKET_BELOW = 15


def script(emulator: Emulator) -> None:
    """Tell the models what to say."""
    cities = [ToolCall("get_weather", {"city": city}) for city in ("Lisbon", "Oslo")]
    thought = "I need the weather of both cities; one call each, at the same time."
    emulator.script(Reply(reasoning=thought, tool_calls=cities), tool="get_weather", turn=1)
    emulator.script(compared, after_tool="get_weather")
    emulator.script(
        Reply(
            "9.9 is larger.",
            reasoning="As decimals both have a 9 before the point. Then 0.90 against 0.11: 0.90 is more.",
        ),
        prompt=r"9\.11 or 9\.9",
    )
    emulator.script(
        Reply(
            "Digit by digit: 9 equals 9, then 9 tenths are more than 1 tenth.",
            reasoning="I am asked for the way, and it stands in my earlier thoughts.",
        ),
        prompt="How did you compare",
    )
    emulator.script(from_context, prompt="^Context information is below")


def compared(body: dict[str, Any]) -> Reply:
    """An answer from the results of the tool."""
    results = [str(m.get("content")) for m in body["messages"] if m["role"] == "tool"]
    found = [(m[1], int(m[2]), m[3]) for m in map(_DEGREES.match, results) if m]
    cold = [city for city, degrees, _ in found if degrees < _JACKET_BELOW]
    report = ", ".join(f"{city} has {degrees} degrees and {sky}" for city, degrees, sky in found)
    return Reply(
        f"{report}. Take a jacket to {' and '.join(cold)}."
        if cold
        else f"{report}. No jacket needed.",
        reasoning=f"Below {_JACKET_BELOW} degrees a jacket is a good idea: {', '.join(cold) or 'nowhere'}.",
    )


def from_context(body: dict[str, Any]) -> Reply:
    """The sentence of the context that shares most words with the question, the shortest of several."""
    text = str(body["messages"][-1]["content"])
    context, _, question = text.rpartition("Query:")
    wanted = _words(question)
    sentences = [s.strip() for s in _SENTENCE.split(context) if len(s.split()) > 5]
    near = max(sentences, key=lambda s: (len(_words(s) & wanted), -len(s)), default="")
    return Reply(re.sub(r"\s+", " ", near) or "The documents do not say.")


def _words(text: str) -> set[str]:
    return {w.rstrip("s") for w in re.findall(r"[a-z]+", text.lower())} - _COMMON
