"""The JSON schema of each settings class says what its fields are for."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

import langchain_openrouter
import llama_index_openrouter
from openrouter_core.chat.field_docs import field_docs

CLASSES = [
    langchain_openrouter.ChatOpenRouter,
    langchain_openrouter.OpenRouterEmbeddings,
    langchain_openrouter.OpenRouterRerank,
    llama_index_openrouter.OpenRouter,
    llama_index_openrouter.OpenRouterEmbedding,
    llama_index_openrouter.OpenRouterRerank,
]
OF_THE_FRAMEWORK = {"callback_manager", "pydantic_program_mode", "class_name"}
"""Fields that LlamaIndex gives no text."""


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_every_field_is_described(cls: type[BaseModel]):
    properties: dict[str, Any] = cls.model_json_schema()["properties"]

    silent = {name for name, entry in properties.items() if not entry.get("description")}
    assert silent <= OF_THE_FRAMEWORK
    fields = {field.alias or name for name, field in cls.model_fields.items()}
    assert len(fields - properties.keys()) <= 2  # functions, which JSON cannot say


def test_a_subclass_describes_its_own_fields():
    class Mine(langchain_openrouter.ChatOpenRouter):
        temperature: float | None = None
        """Of my own."""
        team: str = ""
        """Who asks."""

    properties = Mine.model_json_schema()["properties"]

    assert properties["temperature"]["description"] == "Of my own."
    assert properties["team"]["description"] == "Who asks."
    assert properties["model"]["description"].startswith("E.g.")


def test_a_class_without_a_source_has_no_texts():
    space: dict[str, Any] = {"Base": langchain_openrouter.ChatOpenRouter}
    exec("class Made(Base):\n    more: int = 1\n", space)  # noqa: S102  # a class without a file

    assert "more" not in field_docs(space["Made"])
    assert "description" not in space["Made"].model_json_schema()["properties"]["more"]
