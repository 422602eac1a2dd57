"""The JSON schema, `help()` and an editor's hover say what each field of each public class is for."""

from __future__ import annotations

import ast
import inspect
import pydoc
import re
import subprocess
import sys
from typing import Any

import pytest
from pydantic import BaseModel

import langchain_openrouter
import llama_index_openrouter
import openrouter_core.chat.arguments as core_arguments
from langchain_openrouter._settings import arguments as langchain_arguments
from llama_index_openrouter._settings import arguments as llama_index_arguments
from openrouter_core.chat.connection_fields import ConnectionFields
from openrouter_core.chat.field_docs import field_docs
from openrouter_core.chat.parameters import ChatParameters
from openrouter_core.config import ClientSettings

PAIRS = [
    (langchain_openrouter.ChatOpenRouter, llama_index_openrouter.OpenRouter),
    (langchain_openrouter.OpenRouterEmbeddings, llama_index_openrouter.OpenRouterEmbedding),
    (langchain_openrouter.OpenRouterRerank, llama_index_openrouter.OpenRouterRerank),
]
CLASSES = [
    found
    for package in (langchain_openrouter, llama_index_openrouter)
    for found in (getattr(package, name) for name in package.__all__)
    if isinstance(found, type) and issubclass(found, BaseModel)
]
ARGUMENTS = [
    found
    for module in (core_arguments, langchain_arguments, llama_index_arguments)
    for name, found in vars(module).items()
    if name.endswith(("Arguments", "_Common", "_Clients")) and found.__module__ == module.__name__
] + [ClientSettings]
OF_NO_INTEREST_HERE = {"rate_limiter"}
"""LangChain says what its own is."""


def name_of(cls: type) -> str:
    return f"{cls.__module__}.{cls.__name__}"


def texts_of(cls: type[BaseModel]) -> dict[str, str]:
    """By the name of the argument."""
    texts = field_docs(cls)
    return {
        field.alias or name: texts.get(name) or field.description or ""
        for name, field in cls.model_fields.items()
    }


def own_keys(arguments: type) -> set[str]:
    """Those that stand in its source; at run time a TypedDict also has those of its bases."""
    (tree,) = ast.parse(inspect.getsource(arguments)).body
    assert isinstance(tree, ast.ClassDef)
    return {ast.unparse(line.target) for line in tree.body if isinstance(line, ast.AnnAssign)}


def test_all_public_classes_with_fields_are_looked_at():
    assert {cls for pair in PAIRS for cls in pair} < set(CLASSES)
    assert len(CLASSES) == 9


@pytest.mark.parametrize("cls", CLASSES, ids=name_of)
def test_every_field_is_described(cls: type[BaseModel]):
    if cls is llama_index_openrouter.OpenRouterCostHandler:  # a ledger, which JSON cannot say
        assert texts_of(cls)["ledger"]
        return
    properties: dict[str, Any] = cls.model_json_schema()["properties"]

    assert {name for name, entry in properties.items() if not entry.get("description")} == set()
    fields = {field.alias or name for name, field in cls.model_fields.items()}
    assert len(fields - properties.keys()) <= 4  # functions, which JSON cannot say


@pytest.mark.parametrize("cls", CLASSES, ids=name_of)
def test_help_lists_every_field(cls: type[BaseModel]):
    shown = re.sub(".\x08", "", pydoc.render_doc(cls))
    lines = dict(
        re.findall(r"^ \|      (\w+) \([^\n]*?(?:\n[^\n]*?)?\): +(\S?)", shown, re.MULTILINE)
    )

    assert {name for name in cls.model_fields if not lines.get(name)} == set()


def test_the_schema_describes_the_class_without_its_fields():
    schema = langchain_openrouter.ChatOpenRouter.model_json_schema()

    assert schema["description"].startswith("Any chat model on OpenRouter.")
    assert "Attributes:" not in schema["description"]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].__name__)
def test_what_both_adapters_have_has_one_text(pair: tuple[type[BaseModel], type[BaseModel]]):
    ours, theirs = (texts_of(cls) for cls in pair)
    shared = ours.keys() & theirs.keys() - OF_NO_INTEREST_HERE

    assert {name: (ours[name], theirs[name]) for name in shared if ours[name] != theirs[name]} == {}


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=name_of)
def test_every_argument_is_described_where_an_editor_looks(arguments: type):
    """Hover over `temperature=` shows the text under the key of the TypedDict."""
    texts = field_docs(arguments)
    own = own_keys(arguments)
    assert {name for name in own if not texts.get(name)} == set()


def test_arguments_have_the_texts_of_the_cores_fields():
    texts = field_docs(core_arguments.ModelArguments) | field_docs(core_arguments.ChatArguments)
    fields = field_docs(ChatParameters) | field_docs(ConnectionFields)
    shared = texts.keys() & fields.keys() - {"session_id", "extra_body"}  # embeddings too

    plain = {
        name: (" ".join(texts[name].split()), " ".join(fields[name].split())) for name in shared
    }
    assert len(shared) > 55
    assert {name: both for name, both in plain.items() if both[0] != both[1]} == {}


def test_texts_are_not_read_at_import():
    """That takes 20 ms: `ast` and the sources of all settings."""
    code = (
        "import langchain_openrouter, llama_index_openrouter\n"
        "from openrouter_core.chat import field_docs as f\n"
        "print(f._own_docs.cache_info().currsize)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100
    )

    assert done.stdout == "0\n"


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
