"""The replies that a user scripted, and which of them answers a request. Values only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from openrouter_emulator.planned_response import JsonObject


@dataclass(slots=True)
class ScriptEntry:
    """One scripted reply and the requests that it is for; what is None does not matter."""

    item: Any
    model: str | None = None
    """The model that was asked for, or the one that answers; both as an id, or the dated slug."""
    tool: str | None = None
    """A function that the request offers."""
    after_tool: str | None = None
    """The function whose result is the last message."""
    turn: int | None = None
    """Which reply of the conversation this is: 1 where no message of the assistant stands before it."""
    prompt: str | None = None
    """A regular expression that the last message of the user holds."""
    times: int | None = 1
    """How often it answers; None for ever."""

    @property
    def conditions(self) -> int:
        """How much it asks for."""
        conditions = (self.model, self.tool, self.after_tool, self.turn, self.prompt)
        return sum(condition is not None for condition in conditions)

    def fits(self, body: JsonObject, models: Collection[str]) -> bool:
        """Whether it answers a request in the shape of chat, which one of these models would answer."""
        messages: list[JsonObject] = body["messages"]
        return (
            (self.model is None or self.model in models)
            and (self.tool is None or self.tool in _offered(body))
            and (self.after_tool is None or self.after_tool == _answered(messages))
            and (self.turn is None or self.turn == _turn(messages))
            and (self.prompt is None or re.search(self.prompt, _prompt(messages)) is not None)
        )


class Script:
    """Scripted replies in the order in which they were set."""

    def __init__(self) -> None:
        self.entries: list[ScriptEntry] = []

    def add(self, entries: Iterable[ScriptEntry]) -> None:
        self.entries.extend(entries)

    def __len__(self) -> int:
        return len(self.entries)

    def clear(self) -> None:
        self.entries.clear()

    def names(self, model: str) -> bool:
        """Whether a reply may be meant for a model, so that it has to exist."""
        return any(entry.model in {None, model} for entry in self.entries)

    def take(self, body: JsonObject, models: Collection[str]) -> Any | None:
        """The reply to a request; None when there is none.

        Of several that fit, one that is used up comes before one that stays, more conditions before
        fewer, and then the earlier.
        """
        fitting = [entry for entry in self.entries if entry.fits(body, models)]
        if not fitting:
            return None
        chosen = min(fitting, key=lambda entry: (entry.times is None, -entry.conditions))
        if chosen.times is not None:
            chosen.times -= 1
            self.entries = [e for e in self.entries if e is not chosen or chosen.times]
        return chosen.item


def _offered(body: JsonObject) -> set[str]:
    tools: list[JsonObject] = body.get("tools") or []
    return {tool["function"]["name"] for tool in tools if tool.get("type") == "function"}


def _answered(messages: list[JsonObject]) -> str | None:
    """The function whose result comes last."""
    last = messages[-1]
    if last["role"] != "tool":
        return None
    calls = [call for message in messages for call in message.get("tool_calls") or ()]
    return next((c["function"]["name"] for c in calls if c["id"] == last["tool_call_id"]), None)


def _turn(messages: list[JsonObject]) -> int:
    return 1 + sum(1 for message in messages if message["role"] == "assistant")


def _prompt(messages: list[JsonObject]) -> str:
    prompts = [m.get("content") for m in messages if m["role"] == "user"]
    content: Any = prompts[-1] if prompts else ""
    if isinstance(content, str):
        return content
    return "\n".join(str(p.get("text", "")) for p in content or () if p.get("type") == "text")
