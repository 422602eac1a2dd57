"""One list of parameters: what the core's client takes, both adapters have as settings, under one name."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from langchain_openrouter import ChatOpenRouter, OpenRouterEmbeddings, OpenRouterRerank
from langchain_openrouter._settings.chat import FIELD_NAMES
from llama_index_openrouter import OpenRouter, OpenRouterEmbedding
from llama_index_openrouter import OpenRouterRerank as LlamaIndexRerank
from openrouter_core import ConfigurationError
from openrouter_core.chat.parameters import ChatParameters
from openrouter_core.config import ENVIRONMENT, ClientSettings
from openrouter_core.wire.chat import ChatOptions

OF_A_CALL_ALONE = {"tools", "extra_headers", "timeout_s"}
"""`server_tools`, `default_headers` and `timeout` are their settings."""
OTHER_NAMES = {"metadata": "request_metadata"}
"""Both frameworks have something else of that name."""
PARAMETERS = sorted(set(ChatOptions.__annotations__) - OF_A_CALL_ALONE)
ALL: dict[str, Any] = {
    "ChatOpenRouter": lambda **s: ChatOpenRouter(**{"model": "a/b", **s}),
    "OpenRouterEmbeddings": lambda **s: OpenRouterEmbeddings(**{"model": "a/b", **s}),
    "OpenRouterRerank": lambda **s: OpenRouterRerank(**{"model": "a/b", **s}),
    "OpenRouter": lambda **s: OpenRouter(**{"model": "a/b", **s}),
    "OpenRouterEmbedding": lambda **s: OpenRouterEmbedding(**{"model": "a/b", **s}),
    "LlamaIndexRerank": lambda **s: LlamaIndexRerank(**{"model": "a/b", **s}),
}
ONE_OF_EACH: dict[str, Any] = {
    "base_url": "https://a.example/api/v1",
    "app_url": "https://b.example",
    "app_title": "A",
    "app_categories": ["cli-agent"],
    "timeout_s": 7.0,
    "max_retries": 3,
    "max_wait_s": 9.0,
    "headers": {"x-a": "1"},
    "proxy": "http://proxy.example:3128",
    "max_connections": 7,
    "shared_backoff": False,
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_of_the_client_is_a_setting_of_both(name: str):
    name = OTHER_NAMES.get(name, name)

    assert FIELD_NAMES.get(name, name) in ChatOpenRouter.model_fields
    assert name in OpenRouter.model_fields


def test_both_have_the_fields_of_the_core_and_the_core_has_no_others():
    shared = set(ChatParameters.model_fields)

    assert shared <= set(ChatOpenRouter.model_fields)
    assert shared <= set(OpenRouter.model_fields)
    known = {OTHER_NAMES.get(name, name) for name in ChatOptions.__annotations__}
    options = {"reasoning_replay", "parse_text_tool_calls", "retry_empty"}
    assert shared - known == {*options, "server_tools"}


def test_the_table_has_every_setting_of_the_client():
    assert set(ONE_OF_EACH) == set(ClientSettings.__annotations__)


def config_of(made: Any) -> Any:
    client = made._sync() if hasattr(made, "_sync") else made.client
    return client.config


@pytest.mark.parametrize("make", ALL.values(), ids=ALL.keys())
def test_every_setting_of_the_client_is_one_of_each_class(make: Any):
    config = config_of(make(api_key="sk-or-test", **ONE_OF_EACH))

    assert config.base_url == ONE_OF_EACH["base_url"]
    assert (config.app_url, config.app_title) == (ONE_OF_EACH["app_url"], "A")
    assert config.app_categories == ("cli-agent",)
    assert config.timeouts.answer_s == 7
    assert (config.max_retries, config.max_wait_s, config.max_connections) == (3, 9, 7)
    assert dict(config.headers) == {"x-a": "1"}
    assert config.proxy == ONE_OF_EACH["proxy"]
    assert config.shared_backoff is False


@pytest.mark.parametrize("make", ALL.values(), ids=ALL.keys())
def test_none_means_unset_so_the_environment_counts(make: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-env")
    monkeypatch.setenv("OPENROUTER_BASE_URL", "https://env.example/api/v1")
    monkeypatch.setenv("OPENROUTER_SESSION_ID", "env")

    made = make(**dict.fromkeys([*ONE_OF_EACH, "api_key", "session_id", "provider", "user"]))

    config = config_of(made)
    assert config.key == "sk-or-env"
    assert config.base_url == "https://env.example/api/v1"
    assert (config.max_retries, config.max_wait_s, config.max_connections) == (2, 60, 1000)
    assert made.session_id == "env"


@pytest.mark.parametrize("make", ALL.values(), ids=ALL.keys())
@pytest.mark.parametrize(
    ("setting", "near"),
    [("max_retrys", "max_retries"), ("sesion_id", "session_id"), ("extra_bdy", "extra_body")],
)
def test_a_misspelt_setting_is_answered_with_the_near_name(make: Any, setting: str, near: str):
    with pytest.raises((ValueError, UserWarning), match=rf"[Dd]id you mean '?{near}'?\?"):
        make(api_key="sk-or-test", **{setting: 1})


@pytest.mark.parametrize("make", ALL.values(), ids=ALL.keys())
@pytest.mark.parametrize("setting", ["max_retries", "provider", "app_categories"])
def test_a_value_of_the_wrong_kind_is_one_class_of_error(make: Any, setting: str):
    """And not pydantic's, of which every framework has its own; the value is not quoted."""
    with pytest.raises(ConfigurationError, match=setting) as caught:
        make(api_key="sk-or-test", **{setting: "secret-value"})

    assert not isinstance(caught.value, ValidationError)
    assert "secret-value" not in str(caught.value)


def test_the_environment_is_named_in_one_place():
    assert ENVIRONMENT["base_url"] == ("OPENROUTER_BASE_URL", "OPENROUTER_API_BASE")
