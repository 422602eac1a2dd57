"""How users write tests with the emulator, for mypy and pyright; never run.

A line with an `ignore` must be an error in both checkers: an unneeded `ignore` fails the check.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

from openrouter_emulator import Emulator, Exchange, Recording, Reply, ToolCall

JsonObject = dict[str, Any]


def answered(body: JsonObject) -> str | None:
    return "Hello!" if body.get("seed") else None


def scripts_take_replies_of_every_kind(emulator: Emulator) -> None:
    emulator.script("a text", model="openai/gpt-4o-mini")
    emulator.script(["first", Reply("second", first_token_s=0.2, tokens_per_s=80)], turn=1)
    emulator.script(ToolCall("get_weather", {"city": "Oslo"}), tool="get_weather")
    emulator.script([[ToolCall("a"), ToolCall("b")]], after_tool="get_weather", times=None)
    emulator.script(answered, prompt=r"\bhello\b")
    emulator.script("a text", models="openai/gpt-4o-mini")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def recordings_say_what_was_not_used(emulator: Emulator) -> None:
    recording = emulator.replay(Path("session.har"), match="body", times=None)
    assert_type(recording, Recording)
    assert_type(recording.unused, list[Exchange])
    emulator.replay("session.har", match="path")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def coroutines_have_it_too() -> None:
    async with Emulator(tokens_per_s=60) as emulator:
        assert_type(emulator, Emulator)
        assert_type(await emulator.await_idle(), bool)
