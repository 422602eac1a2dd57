"""Schemas that stand in the prompt, in the words of those who write them there."""

from __future__ import annotations

import json
from typing import Any

import pytest

SCHEMA = {
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "type": "object",
}
INSTRUCTOR = f"""As a genius expert, your task is to understand the content and provide
the parsed objects in json that match the following json_schema:

{json.dumps(SCHEMA, indent=2)}

Make sure to return an instance of the JSON, not the schema itself"""
DSPY = """[[ ## question ## ]]
How old is Ada, who was born 36 years ago?

Respond with a JSON object in the following order of fields: `answer`, then `n` (must be formatted as a valid Python int), then `tags` (must be formatted as a valid Python list[str])."""
MD = "Return the correct JSON response within a ```json codeblock. not the JSON_SCHEMA"
OBJECT = {"response_format": {"type": "json_object"}}


def test_schema_of_the_instructions_is_followed(wire: Any):
    """instructor 1.17, JSON mode."""
    messages = [
        {"role": "system", "content": INSTRUCTOR},
        {"role": "user", "content": "'Ada' is 36 years old"},
    ]

    assert json.loads(wire.message(messages, **OBJECT)["content"]) == {"name": "Ada", "age": 36}


def test_code_block_is_written_where_one_is_asked_for(wire: Any):
    """instructor 1.17, MD_JSON mode: nothing in the request says that JSON is wanted."""
    messages = [
        {"role": "system", "content": INSTRUCTOR},
        {"role": "user", "content": f"'Ada' is 36 years old\n\n{MD}"},
    ]
    text = wire.message(messages)["content"]

    assert text.startswith("```json\n")
    assert json.loads(text[8:-4]) == {"name": "Ada", "age": 36}


@pytest.mark.parametrize("how", [OBJECT, {}])
def test_fields_and_types_in_words_are_followed(wire: Any, how: Any):
    """DSPy 3.4, JSONAdapter: for models that its tables do not know it sends no format."""
    answer = json.loads(wire.message(DSPY, **how)["content"])

    assert list(answer) == ["answer", "n", "tags"]
    assert [type(value) for value in answer.values()] == [str, int, list]
    assert answer["n"] == 36


@pytest.mark.parametrize("prompt", ["Hello", 'What does {"a": 1} mean?', json.dumps(SCHEMA)])
def test_other_prompts_get_prose(wire: Any, prompt: str):
    assert not wire.message(prompt)["content"].startswith(("{", "```"))


@pytest.mark.usefixtures("collector_waits")
@pytest.mark.parametrize(
    "prompt", ['{"properties":' * 5_000, '{"' * 200_000], ids=["nested deeply", "never closed"]
)
def test_hostile_json_in_a_prompt_is_text(wire: Any, prompt: str):
    assert wire.message(prompt, **OBJECT)["content"]
