"""Names of functions that providers refuse, in their words."""

from __future__ import annotations

import json
from typing import Any

import pytest

GPT, CLAUDE, GEMINI = (
    "openai/gpt-4o-mini",
    "anthropic/claude-haiku-4.5",
    "google/gemini-3-flash-preview",
)
OPENAI = "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
TOO_LONG = "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64, but got a string with length 65 instead."
ANTHROPIC = "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"
GOOGLE = "tools[0].function_declarations[0].name: [FIELD_INVALID] Invalid function name. Must start with a letter or an underscore."
REFUSED = [
    (GPT, "a.b", OPENAI),
    (GPT, "x" * 65, TOO_LONG),
    (CLAUDE, "a b", ANTHROPIC),
    (CLAUDE, "x" * 129, ANTHROPIC),
    (GEMINI, "1a", GOOGLE),
    (GEMINI, "a/b", GOOGLE),
]


def offering(model: str, name: str) -> dict[str, Any]:
    """A request with one function, of Google's AI Studio where Google is asked."""
    function = {"name": name, "parameters": {"type": "object", "properties": {}}}
    only = {"provider": {"only": ["google-ai-studio"]}} if model == GEMINI else {}
    return {"model": model, "tools": [{"type": "function", "function": function}], **only}


@pytest.mark.parametrize(("model", "name", "words"), REFUSED)
def test_a_name_is_refused_in_the_words_of_the_provider(
    wire: Any, model: str, name: str, words: str
):
    answer = wire.chat(**offering(model, name))

    assert answer.status_code == 400
    assert words in json.loads(answer.json()["error"]["metadata"]["raw"])["error"]["message"]


@pytest.mark.parametrize(
    ("model", "name"),
    [(CLAUDE, "x" * 128), (GEMINI, "a.b:c-d"), ("moonshotai/kimi-k2-thinking", "a.b c")],
)
def test_others_take_it(wire: Any, model: str, name: str):
    assert wire.ok(**offering(model, name))


@pytest.mark.parametrize(("model", "name"), [case[:2] for case in REFUSED])
def test_without_dialects_all_of_them_are_taken(wire: Any, model: str, name: str):
    wire.emulator.dialects = False

    assert wire.ok(**offering(model, name))
