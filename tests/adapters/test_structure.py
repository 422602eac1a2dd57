"""What both adapters send when they are asked for structure in the same way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.prompts import PromptTemplate
from pydantic import BaseModel

from langchain_openrouter import ChatOpenRouter
from llama_index_openrouter import OpenRouter
from llama_index_openrouter._structured_output import program_for
from openrouter_core import ConfigurationError
from tests.openrouter_core.chat.classes import Cat, Described, Empty, Kin, Node, Plain, Union


class Scores(BaseModel):
    """What strict mode cannot say."""

    scores: dict[str, int]


FIELDS = ("model", "response_format", "tools", "tool_choice", "provider", "parallel_tool_calls")
CLASSES: list[type[BaseModel]] = [Cat, Described, Empty, Kin, Node, Plain, Union, Scores]
MODELS = [
    "openai/gpt-4o-mini",
    "openai/gpt-5.5",
    "anthropic/claude-opus-4",
    "meta-llama/llama-3.3-70b-instruct",
]
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "temperature": {"temperature": 0},
    "provider": {"provider": {"zdr": True}},
    "decided": {"provider": {"require_parameters": False}},
    "insists": {"provider": {"require_parameters": True}},
    "fallbacks": {"models": ["openai/gpt-5.5"], "temperature": 0},
    "preset": {"preset": "p"},
    "extra body": {"extra_body": {"top_k": 3}},
}


FIELDS = {"provider": "openrouter_provider"}
"""The names of fields that LangChain uses itself."""


def langchain(model: str, settings: Any, **call: Any) -> dict[str, Any]:
    settings = {FIELDS.get(name, name): value for name, value in settings.items()}
    made = ChatOpenRouter(model=model, api_key="sk-or-test", **settings)
    return _fields(made.build_request("Hi", **call))


def llama_index(model: str, settings: Any, **call: Any) -> dict[str, Any]:
    made = OpenRouter(model, api_key="sk-or-test", **settings)
    return _fields(made.build_request([ChatMessage(content="Hi")], **call))


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in FIELDS if name in body}


def langchain_object(model: str, cls: Any, settings: Any, strict: bool | None) -> Any:
    made = ChatOpenRouter(
        model=model,
        api_key="sk-or-test",
        **{FIELDS.get(name, name): value for name, value in settings.items()},
    )
    chain: Any = made.with_structured_output(cls, strict=strict)
    return _fields(made.build_request("Hi", **chain.first.kwargs))


def llama_index_object(model: str, cls: Any, settings: Any, strict: bool | None) -> Any:
    made = OpenRouter(model, api_key="sk-or-test", strict=strict, **settings)
    program: Any = program_for(made, cls, PromptTemplate("Hi"))
    options = program._options(None, healing=False)
    return _fields(made.build_request([ChatMessage(content="Hi")], **options))


def outcome(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except ConfigurationError as error:
        return str(error)


@pytest.mark.parametrize("strict", [None, True, False])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_classes_are_asked_for_alike(cls: Any, model: str, strict: bool | None):
    mine = outcome(lambda: langchain_object(model, cls, {}, strict))

    assert mine == outcome(lambda: llama_index_object(model, cls, {}, strict))


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("model", MODELS[:3])
def test_providers_are_asked_alike(model: str, settings: Any):
    mine = langchain_object(model, Cat, settings, None)

    assert mine == llama_index_object(model, Cat, settings, None)


OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": OBJECT}}
CALLS: dict[str, dict[str, Any]] = {
    "nested tool": {"tools": [TOOL]},
    "server tool": {"tools": [{"type": "openrouter:web_search", "new": 1}]},
    "no tools": {"tools": []},
    "any": {"tools": [TOOL], "tool_choice": "any"},
    "only one": {"tools": [TOOL], "tool_choice": True},
    "of several": {"tools": [TOOL, {"type": "openrouter:datetime"}], "tool_choice": True},
    "by name": {"tools": [TOOL], "tool_choice": "f"},
    "unknown name": {"tools": [TOOL], "tool_choice": "g"},
    "without tools": {"tool_choice": "required"},
    "name without tools": {"tool_choice": "f"},
    "Anthropic's choice": {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "f"}},
    "parallel without tools": {"parallel_tool_calls": False},
    "format": {"response_format": {"type": "json_object"}},
    "open format": {
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": OBJECT}}
    },
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("model", MODELS[:2])
def test_calls_are_sent_alike(model: str, call: Any):
    mine = outcome(lambda: langchain(model, {}, **call))

    assert mine == outcome(lambda: llama_index(model, {}, **call))
