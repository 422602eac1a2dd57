"""What type checkers are told of constructors is what constructors take, name for name and type for type."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from typing import Any, get_type_hints

import pytest
from pydantic import BaseModel

import langchain_openrouter as lc
import llama_index_openrouter as li
from langchain_openrouter._settings import arguments as lc_arguments
from langchain_openrouter._settings import chat as lc_chat
from langchain_openrouter._settings import retrieval as lc_retrieval
from llama_index_openrouter._settings import arguments as li_arguments
from llama_index_openrouter._settings import client as li_client
from llama_index_openrouter._settings import model as li_model
from openrouter_core.chat.arguments import ChatArguments
from openrouter_core.chat.parameters import ChatParameters

LI_CLIENT, LI_CHAT = li_client._OTHER_NAMES, li_client._OTHER_NAMES | li_model._OTHER_NAMES
CLASSES: dict[str, tuple[type[BaseModel], Any, Mapping[str, str]]] = {
    "ChatOpenRouter": (
        lc.ChatOpenRouter,
        lc_arguments.ChatOpenRouterArguments,
        lc_chat.FIELD_NAMES,
    ),
    "OpenRouterEmbeddings": (
        lc.OpenRouterEmbeddings,
        lc_arguments.EmbeddingsArguments,
        lc_retrieval._NAMES,
    ),
    "OpenRouterRerank": (lc.OpenRouterRerank, lc_arguments.RerankArguments, lc_retrieval._NAMES),
    "OpenRouterImageTool": (
        lc.OpenRouterImageTool,
        lc_arguments.ImageToolArguments,
        lc_retrieval._NAMES,
    ),
    "OpenRouter": (li.OpenRouter, li_arguments.LLMArguments, LI_CHAT),
    "OpenRouterEmbedding": (
        li.OpenRouterEmbedding,
        li_arguments.EmbeddingArguments,
        LI_CLIENT | {"model": "model_name"},
    ),
    "LlamaIndexRerank": (li.OpenRouterRerank, li_arguments.RerankArguments, LI_CLIENT),
}
BESIDE_FIELDS = {"n": "checked, and kept nowhere"}


def taken_by(cls: type[BaseModel], other_names: Mapping[str, str]) -> set[str]:
    """Every keyword that the constructor reads: fields, aliases, other names."""
    aliases = {field.alias for field in cls.model_fields.values() if field.alias}
    return set(cls.model_fields) | aliases | set(other_names)


@pytest.mark.parametrize(("cls", "declared", "other_names"), CLASSES.values(), ids=CLASSES)
def test_every_argument_is_declared_and_no_other(
    cls: type[BaseModel], declared: Any, other_names: Mapping[str, str]
):
    names = set(get_type_hints(declared)) - set(BESIDE_FIELDS)

    assert names == taken_by(cls, other_names)


@pytest.mark.parametrize(
    "name", sorted(set(ChatParameters.model_fields) - {"provider", "reasoning"})
)
def test_chat_parameters_have_the_types_of_their_fields(name: str):
    assert get_type_hints(ChatArguments)[name] == ChatParameters.model_fields[name].annotation


def test_the_names_beside_fields_are_taken():
    lc.ChatOpenRouter(model="a/b", api_key="sk-or-test", n=1)
    li.OpenRouter(model="a/b", api_key="sk-or-test", n=1)


def test_nothing_of_it_is_imported_to_run():
    code = (
        "import sys; from langchain_openrouter import ChatOpenRouter; "
        "from llama_index_openrouter import OpenRouter; "
        "print([m for m in sys.modules if 'openrouter' in m and m.endswith('.arguments')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
