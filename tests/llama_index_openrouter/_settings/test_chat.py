"""From constructor and call arguments to the options of a request."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage

from llama_index_openrouter import OpenRouter
from openrouter_core import ConfigurationError

HI = [ChatMessage(content="Hi")]
MODEL = "openai/gpt-4o-mini"


def sent(call: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    body = OpenRouter(MODEL, **settings).build_request(HI, **(call or {}))
    del body["messages"]
    return body


def test_h4_nothing_is_sent_that_nobody_set():
    assert sent() == {"model": MODEL}


def test_fields_go_out_under_their_names():
    assert sent(top_k=3, models=["a/b"], plugins=[{"id": "web"}], request_metadata={"k": "v"}) == {
        "model": MODEL,
        "models": ["a/b"],
        "top_k": 3,
        "plugins": [{"id": "web"}],
        "metadata": {"k": "v"},
    }


def test_zero_false_and_empty_are_values():
    assert sent(temperature=0, include_reasoning=False, user="", stop=[]) == {
        "model": MODEL,
        "temperature": 0,
        "include_reasoning": False,
        "user": "",
        "stop": [],
    }


def test_a11_gap_34_reasoning_goes_out_as_given():
    assert sent(reasoning={"max_tokens": 2000, "exclude": True})["reasoning"] == {
        "max_tokens": 2000,
        "exclude": True,
    }
    assert sent(reasoning_effort="xhigh")["reasoning"] == {"effort": "xhigh"}


def test_gap_35_numbers_in_max_price_keep_the_other_preferences():
    provider = {"max_price": {"prompt": 1.5}, "zdr": True, "data_collection": "deny", "novel": 1}

    assert sent(provider=provider)["provider"] == provider


def test_the_official_packages_first_arguments_keep_their_order():
    llm = OpenRouter(
        MODEL, 0.5, 100, {"seed": 1}, 3, "https://example.com/v1", "sk-or-1", ["azure"], False
    )

    assert (llm.max_retries, llm.api_base) == (3, "https://example.com/v1")
    body = llm.build_request(HI)
    assert (body["temperature"], body["max_tokens"], body["seed"]) == (0.5, 100, 1)
    assert body["provider"] == {"order": ["azure"], "allow_fallbacks": False}


def test_h3_provider_preferences_are_merged_not_replaced():
    body = sent(
        {"provider": {"sort": "price", "max_price": {"completion": 2}}},
        order=["azure"],
        provider={"zdr": True, "max_price": {"prompt": 1}},
        additional_kwargs={"extra_body": {"provider": {"only": ["azure"]}}},
    )

    assert body["provider"] == {
        "order": ["azure"],
        "zdr": True,
        "max_price": {"prompt": 1, "completion": 2},
        "sort": "price",
        "only": ["azure"],
    }
    assert "extra_body" not in body


def test_h6_gap_38_unknown_fields_pass_through():
    assert sent({"novel": 1}, additional_kwargs={"newer": [2]})["novel"] == 1
    assert sent(additional_kwargs={"newer": [2]})["newer"] == [2]
    assert sent(extra_body={"nothing": None}) == {"model": MODEL, "nothing": None}


def test_a_call_wins_over_the_object():
    body = sent({"model": "x/y", "temperature": 1}, temperature=0)

    assert (body["model"], body["temperature"]) == ("x/y", 1)


def test_none_in_a_call_takes_a_setting_back():
    assert sent({"temperature": None}, temperature=0) == {"model": MODEL}


def test_settings_of_the_object_are_not_changed_by_a_call():
    provider: dict[str, Any] = {"max_price": {"prompt": 1}}
    kwargs: dict[str, Any] = {"extra_body": {"provider": {"zdr": True}}}
    llm = OpenRouter(MODEL, provider=provider, additional_kwargs=kwargs)

    llm.build_request(HI, provider={"max_price": {"prompt": 2}}, tools=[{"type": "x:y"}])

    assert provider == {"max_price": {"prompt": 1}}
    assert kwargs == {"extra_body": {"provider": {"zdr": True}}}


SLUGS = {
    "openai/gpt-5": "openai/gpt-5",
    " openai/gpt-5 ": "openai/gpt-5",
    "openrouter/openai/gpt-5": "openai/gpt-5",
    "openrouter/auto": "openrouter/auto",
    "~anthropic/claude-sonnet-latest": "~anthropic/claude-sonnet-latest",
    "@preset/mine": "@preset/mine",
    "openai/gpt-5:nitro": "openai/gpt-5:nitro",
}


@pytest.mark.parametrize(("given", "name"), SLUGS.items(), ids=SLUGS.keys())
def test_h8_model_names(given: str, name: str):
    assert OpenRouter(given).build_request(HI)["model"] == name


@pytest.mark.parametrize("model", ["", "  ", None])
def test_h12_there_is_no_default_model(model: Any):
    with pytest.raises(ConfigurationError, match="needs a model"):
        OpenRouter(model)


def test_h7_models_or_a_preset_may_stand_instead_of_a_model():
    assert OpenRouter(models=["a/b"]).build_request(HI).keys() == {"messages", "models"}
    assert OpenRouter(preset="mine").build_request(HI).keys() == {"messages", "preset"}


BAD = {
    "temperature above 2": ({"temperature": 2.5}, "between 0 and 2, not 2.5"),
    "temperature below 0": ({"temperature": -1}, "between 0 and 2"),
    "top_logprobs alone": ({"top_logprobs": 3}, "needs logprobs=True"),
    "no tokens": ({"max_tokens": 0}, "1 or more"),
}


@pytest.mark.parametrize(("values", "sentence"), BAD.values(), ids=BAD.keys())
def test_bad_values_get_a_sentence_at_construction_and_at_the_call(
    values: dict[str, Any], sentence: str
):
    with pytest.raises(ConfigurationError, match=sentence):
        OpenRouter(MODEL, **values)
    with pytest.raises(ConfigurationError, match=sentence):
        sent(values)


def test_misspelt_setting_is_refused():
    with pytest.raises(ConfigurationError, match="no setting 'temperatur'"):
        OpenRouter(MODEL, temperatur=1)


def test_stream_is_not_an_option_of_chat():
    with pytest.raises(ConfigurationError, match="Use stream_chat"):
        sent({"stream": True})


def test_other_names_of_settings_are_understood():
    llm = OpenRouter(
        MODEL,
        timeout=7,
        default_headers={"X-A": "b"},
        base_url="https://a.example/v1",
        openrouter_api_key="sk-or-secret",
    )

    assert llm.api_key
    assert llm.api_key.get_secret_value() == "sk-or-secret"
    assert "sk-or-secret" not in repr(llm)
    assert (llm.timeout_s, llm.extra_headers, llm.api_base) == (
        7,
        {"X-A": "b"},
        "https://a.example/v1",
    )
    assert llm.client.config.base_url == "https://a.example/v1"


@pytest.mark.parametrize(
    "name",
    [
        "api_key",
        "openrouter_api_key",
        "api_base",
        "base_url",
        "max_retries",
        "proxy",
        "http_client",
    ],
)
def test_a_setting_of_the_connection_is_no_argument_of_a_call(name: str):
    """It would go out in the body, the key among them."""
    with pytest.raises(ConfigurationError, match=f"{name} is a setting of OpenRouter"):
        OpenRouter(MODEL).chat(HI, **{name: "sk-or-secret"})

    assert sent({name: None}) == {"model": MODEL}
    assert sent({"extra_body": {name: 1}}) == {"model": MODEL, name: 1}


NEEDLESS = ["reuse_client", "tokenizer", "api_version", "should_use_structured_outputs"]


@pytest.mark.parametrize("name", NEEDLESS)
def test_arguments_of_openai_like_that_have_nothing_to_do_are_taken_with_a_word(name: str):
    with pytest.warns(UserWarning, match=f"OpenRouter ignores {name}"):
        llm = OpenRouter(MODEL, **{name: True})

    assert llm.build_request(HI).keys() == {"model", "messages"}


def test_every_model_is_a_chat_model():
    assert OpenRouter(MODEL, is_chat_model=True).metadata.is_chat_model


def test_of_several_models_the_smallest_window_counts_and_the_first_is_named():
    llm = OpenRouter(models=["anthropic/claude-sonnet-4.5", MODEL])

    assert llm.metadata.context_window == 128_000
    assert llm.metadata.model_name == "anthropic/claude-sonnet-4.5"


def test_a_prompt_is_made_as_the_user_wants_it():
    llm = OpenRouter(MODEL, completion_to_prompt=lambda prompt: f"<{prompt}>")

    assert llm._prompt("Hi", False) == "<Hi>"
    assert llm._prompt("Hi", True) == "Hi"
