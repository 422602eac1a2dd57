"""What Google refuses of the schemas of functions, on both of its platforms."""

from __future__ import annotations

import json
from typing import Any

import pytest

GEMINI = "google/gemini-3-flash-preview"
NESTED = {
    "type": "object",
    "properties": {"steps": {"type": "array", "items": {"type": "object", "properties": {"a": {}}, "required": ["b"]}}},
    "required": ["steps"],
}  # fmt: skip
FLAT = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["position", "args"]}
VERTEX = (
    "Unable to submit request because required fields ['position', 'args'] are not defined in the "
    "schema properties."
)
AI_STUDIO = (
    "* GenerateContentRequest.tools[0].function_declarations[0].parameters.required[0]: property is not defined\n"
    "* GenerateContentRequest.tools[0].function_declarations[0].parameters.required[1]: property is not defined\n"
)
INNER = "parameters.properties[steps].items.required[0]: property is not defined"


def refusal_of(wire: Any, schema: Any, provider: str) -> dict[str, Any]:
    tools = [{"type": "function", "function": {"name": "f", "parameters": schema}}]
    answer = wire.chat(model=GEMINI, tools=tools, provider={"only": [provider]})
    assert answer.status_code == 400, answer.text
    return json.loads(answer.json()["error"]["metadata"]["raw"])["error"]


@pytest.mark.parametrize(
    ("provider", "schema", "words"),
    [
        ("google-vertex", FLAT, VERTEX),
        ("google-ai-studio", FLAT, AI_STUDIO),
        ("google-ai-studio", NESTED, INNER),
    ],
)
def test_required_fields_must_have_a_schema(wire: Any, provider: str, schema: Any, words: str):
    error = refusal_of(wire, schema, provider)

    assert words in error["message"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")


def test_without_dialects_they_need_none(wire: Any):
    wire.emulator.dialects = False
    tools = [{"type": "function", "function": {"name": "f", "parameters": FLAT}}]

    assert wire.ok(model=GEMINI, tools=tools)
