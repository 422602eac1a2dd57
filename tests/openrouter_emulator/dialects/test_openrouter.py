"""What OpenRouter itself refuses before it asks a provider."""

from __future__ import annotations

from typing import Any

FOUR = [f"openai/gpt-{name}" for name in ("4o-mini", "4o", "4.1", "4.1-mini")]


def test_more_than_three_fallbacks_are_refused(wire: Any):
    assert wire.refusal(models=FOUR) == (400, "'models' array must have 3 items or fewer.")
    assert wire.ok(models=FOUR[:3])


def test_without_dialects_any_number_of_fallbacks_is_taken(wire: Any):
    wire.emulator.dialects = False

    assert wire.ok(models=FOUR)
