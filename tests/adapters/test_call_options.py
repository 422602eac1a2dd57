"""Options of a call that no server looks at: both adapters refuse a wrong one before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.llms import ChatMessage

from langchain_openrouter import ChatOpenRouter
from llama_index_openrouter import OpenRouter
from openrouter_core import ConfigurationError

MODEL: dict[str, Any] = {"model": "openai/gpt-4o-mini", "api_key": "sk-or-test"}


def of_langchain(**options: Any) -> dict[str, Any]:
    return ChatOpenRouter(**MODEL).build_request("Hi", **options)


def of_llama_index(**options: Any) -> dict[str, Any]:
    return OpenRouter(**MODEL).build_request([ChatMessage("Hi")], **options)


BOTH = pytest.mark.parametrize("build", [of_langchain, of_llama_index])
WRONG = [
    ({"extra_body": "x"}, "extra_body must be an object, e.g. .*, not a str"),
    ({"extra_headers": "x"}, "extra_headers must be an object, e.g. .*, not a str"),
    ({"extra_query": ["x"]}, "extra_query must be an object, e.g. .*, not a list"),
    (
        {"reasoning_replay": "never"},
        'reasoning_replay must be "auto", "all", "signed-only" or "none"',
    ),
    ({"retry_empty": "perhaps"}, "retry_empty must be True or False, not 'perhaps'"),
    ({"parse_text_tool_calls": "x"}, "parse_text_tool_calls must be True or False, not 'x'"),
    ({"response_healing": [1]}, "response_healing must be True or False"),
    ({"require_parameters": "yes"}, "require_parameters must be True or False"),
    ({"server_tools": "openrouter:web_search"}, "server_tools must be a list of server_tools"),
]


@BOTH
@pytest.mark.parametrize(("options", "sentence"), WRONG, ids=[next(iter(o)) for o, _ in WRONG])
def test_a_wrong_option_is_refused_with_what_it_takes(
    build: Callable[..., Any], options: dict[str, Any], sentence: str
):
    with pytest.raises(ConfigurationError, match=sentence):
        build(**options)


@BOTH
def test_right_ones_pass(build: Callable[..., Any]):
    body = build(
        extra_body={"a": 1},
        extra_headers={"x-a": "1"},
        extra_query={"q": 1},
        reasoning_replay="signed-only",
        retry_empty=False,
        server_tools=[{"type": "openrouter:web_search"}],
    )

    assert body["a"] == 1
    assert body["tools"] == [{"type": "openrouter:web_search"}]


@BOTH
@pytest.mark.parametrize("tool", [5, "x"])
def test_what_is_not_a_tool_is_refused_with_what_is(build: Callable[..., Any], tool: Any):
    with pytest.raises(ConfigurationError, match=f"This {type(tool).__name__} is not a valid tool"):
        build(tools=[tool])
