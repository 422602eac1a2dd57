"""From settings and a call's arguments to the body: what is sent, and what is not."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.prompts import ChatPromptTemplate
from pydantic import BaseModel

from langchain_openrouter import ChatOpenRouter
from langchain_openrouter._request.build import build
from langchain_openrouter._settings.chat import ChatSettings
from langchain_openrouter.errors import ConfigurationError


def model(**settings: Any) -> ChatOpenRouter:
    return ChatOpenRouter(**{"model": "a/b", "api_key": "sk-or-test", **settings})


def body(settings: dict[str, Any] | None = None, /, **kwargs: Any) -> dict[str, Any]:
    sent = model(**(settings or {})).build_request("Hi", **kwargs)
    assert sent.pop("messages") == [{"role": "user", "content": "Hi"}]
    return sent


VALUES: dict[str, Any] = {
    "models": ["c/d"],
    "preset": "p",
    "openrouter_provider": {"only": ["x"], "brand_new": {"y": 1}},
    "route": "fallback",
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 40,
    "min_p": 0.1,
    "top_a": 0.2,
    "frequency_penalty": -1.0,
    "presence_penalty": 1.0,
    "repetition_penalty": 1.1,
    "seed": 0,
    "max_tokens": 10,
    "max_completion_tokens": 11,
    "stop": ["x"],
    "logit_bias": {"50256": -100.0},
    "logprobs": True,
    "top_logprobs": 3,
    "verbosity": "low",
    "prediction": {"type": "content", "content": "x"},
    "reasoning": {"max_tokens": 100, "exclude": True, "enabled": True, "new": 1},
    "include_reasoning": False,
    "response_format": {"type": "json_object"},
    "structured_outputs": True,
    "modalities": ["text", "image"],
    "audio": {"voice": "alloy", "format": "pcm16"},
    "image_config": {"aspect_ratio": "1:1"},
    "tool_choice": "required",
    "parallel_tool_calls": False,
    "max_tool_calls": 3,
    "stop_server_tools_when": [{"type": "step_count_is", "step_count": 2}],
    "deferred_tools": {"x": 1},
    "plugins": [{"id": "brand-new", "x": 1}],
    "web_search_options": {"search_context_size": "low"},
    "x_search_filter": {"from_date": "2026-01-01"},
    "transforms": ["middle-out"],
    "cache_control": {"type": "ephemeral", "ttl": "1h"},
    "prompt_cache_key": "k",
    "prompt_cache_options": {"mode": "explicit"},
    "service_tier": "flex",
    "session_id": "s",
    "user": "u",
    "request_metadata": {"a": "b"},
    "trace": {"trace_id": "t", "custom": 1},
    "debug": {"echo_upstream_body": True},
    "stream_options": {"include_usage": True},
    "usage": {"include": True},
}
WIRE = {"openrouter_provider": "provider", "request_metadata": "metadata"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


def test_nothing_is_sent_that_was_not_set():
    """quirks.md H4: no silent caps or defaults."""
    assert body() == {"model": "a/b"}


def test_table_of_values_covers_every_field():
    not_in_the_body = {
        *("reasoning_replay", "response_cache", "response_cache_ttl_s", "response_cache_clear"),
        *("server_tools", "extra_body", "extra_query", "extra_headers", "parse_text_tool_calls"),
        "retry_empty",
    }

    fields = set(ChatSettings.sent_fields) - not_in_the_body

    assert {*VALUES, "reasoning_effort", "model_name"} == fields


@pytest.mark.parametrize("name", VALUES)
def test_row34_to_38_field_is_sent_unchanged(name: str):
    """Gap rows 34 to 38; quirks.md F2, F5, H3, H7, H10, H11."""
    also = {"logprobs": True} if name == "top_logprobs" else {}

    sent = body({name: VALUES[name], **also})

    assert sent == {"model": "a/b", WIRE.get(name, name): VALUES[name], **also}


@pytest.mark.parametrize("name", VALUES)
def test_argument_of_a_call_is_sent_unchanged(name: str):
    also = {"logprobs": True} if name == "top_logprobs" else {}

    assert body(**{name: VALUES[name]}, **also) == {
        "model": "a/b",
        WIRE.get(name, name): VALUES[name],
        **also,
    }


def test_call_wins_over_instance():
    sent = body(
        {"temperature": 0.1, "model": "a/b", "stop": ["x"]},
        temperature=0.9,
        model="c/d",
        stop=["y"],
    )

    assert sent == {"model": "c/d", "temperature": 0.9, "stop": ["y"]}


def test_none_takes_the_instances_value_away():
    assert body({"temperature": 0.1, "max_tokens": 5}, temperature=None) == {
        "model": "a/b",
        "max_tokens": 5,
    }


def test_row36_row38_unknown_arguments_reach_the_wire():
    """Gap rows 36 and 38; quirks.md A11."""
    with pytest.warns(UserWarning, match="brand_new"):
        made = model(brand_new={"x": [1, None]})

    sent = made.build_request("Hi", also_new=2)

    assert sent["brand_new"] == {"x": [1, None]}
    assert sent["also_new"] == 2


def test_h3_row35_provider_objects_are_merged():
    """quirks.md H3, gap row 35: an order per call does not loosen the instance's privacy."""
    mine = {"zdr": True, "max_price": {"prompt": 1, "completion": "2"}, "order": ["a"]}
    other = {"order": ["b"], "max_price": {"completion": 3}, "data_collection": "invalid"}

    assert body({"openrouter_provider": mine}, provider=other)["provider"] == {
        "zdr": True,
        "max_price": {"prompt": 1, "completion": 3},
        "order": ["b"],
        "data_collection": "invalid",
    }


def test_h6_extra_body_wins_and_keeps_the_provider():
    """quirks.md H6."""
    settings = {
        "temperature": 0.1,
        "extra_body": {"temperature": 0.2, "a": 1},
        "provider": {"zdr": True},
    }

    sent = body(settings, extra_body={"a": 2, "provider": {"order": ["x"]}, "null": None})

    assert sent == {
        "model": "a/b",
        "temperature": 0.2,
        "a": 2,
        "provider": {"zdr": True, "order": ["x"]},
        "null": None,
    }


def test_h6_headers_query_and_timeout_are_options_of_the_call():
    """quirks.md H6."""
    made = model(extra_headers={"a": "1", "b": "1"}, extra_query={"q": 1})

    request = build(
        made,
        [HumanMessage("Hi")],
        None,
        {"extra_headers": {"b": "2"}, "extra_query": {"r": 2}, "timeout": 5},
        streamed=False,
    )

    assert request.arguments() == {
        "messages": [{"role": "user", "content": "Hi"}],
        "extra_body": {"model": "a/b"},
        "extra_headers": {"a": "1", "b": "2"},
        "extra_query": {"q": 1, "r": 2},
        "timeout_s": 5,
    }


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("openrouter/anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.5"),
        ("openrouter/auto", "openrouter/auto"),
        ("@preset/x", "@preset/x"),
        ("a/b:nitro", "a/b:nitro"),
        ("~a/b-latest", "~a/b-latest"),
        ("a/b@preset/x", "a/b@preset/x"),
    ],
)
def test_h8_only_a_foreign_prefix_is_taken_off_the_model(given: str, sent: str):
    """quirks.md H8."""
    assert body({"model": given})["model"] == sent
    assert body(model=given)["model"] == sent


# ------------------------------------------------------------------ reasoning


def test_a11_reasoning_effort_becomes_the_effort():
    """quirks.md A11: any string, e.g. "xhigh"."""
    assert body({"reasoning_effort": "xhigh"}) == {"model": "a/b", "reasoning": {"effort": "xhigh"}}


def test_a11_effort_of_a_call_is_any_string():
    """quirks.md A11."""
    assert body(reasoning_effort="brand-new")["reasoning"] == {"effort": "brand-new"}


@pytest.mark.parametrize(
    ("settings", "call", "reasoning"),
    [
        ({"reasoning": {"exclude": True}, "reasoning_effort": "low"}, {}, {"exclude": True, "effort": "low"}),
        ({"reasoning": {"effort": "low", "exclude": True}}, {"reasoning_effort": "high"}, {"exclude": True, "effort": "high"}),
        ({"reasoning": {"max_tokens": 9}}, {"reasoning_effort": "high"}, {"effort": "high"}),
        ({"reasoning_effort": "low"}, {"reasoning": {"max_tokens": 9}}, {"max_tokens": 9}),
        ({"reasoning": {"effort": "low"}}, {"reasoning": {"max_tokens": 9}}, {"max_tokens": 9}),
        ({"reasoning_effort": "low"}, {"reasoning": {"exclude": True}, "reasoning_effort": "high"}, {"exclude": True, "effort": "high"}),
    ],
)  # fmt: skip
def test_what_a_call_says_of_reasoning_replaces_the_instances(
    settings: Any, call: Any, reasoning: Any
):
    assert body(settings, **call)["reasoning"] == reasoning


def test_efforts_that_disagree_are_refused():
    with pytest.raises(ConfigurationError, match="disagree"):
        body(reasoning={"effort": "low"}, reasoning_effort="high")


@pytest.mark.parametrize("off", [{"effort": "none"}, {"enabled": False}], ids=str)
def test_a12_mandatory_reasoning_cannot_be_switched_off(off: dict[str, Any]):
    """quirks.md A12."""
    with pytest.raises(ConfigurationError, match=r"always reasons.*Choose an effort"):
        body({"model": "openai/gpt-oss-20b"}, reasoning=off)

    assert body({"model": "unknown/model"}, reasoning=off)["reasoning"] == off


# ------------------------------------------------------------------ tools and formats


def test_d8_empty_tools_are_not_sent_and_what_is_said_of_tools_is():
    """quirks.md D8: providers refuse `tools: []`. Presets and some routers bring tools of their own."""
    sent = body({"parallel_tool_calls": True}, tools=[], tool_choice="any")

    assert sent == {"model": "a/b", "parallel_tool_calls": True, "tool_choice": "required"}


def test_tools_of_a_call_are_converted():
    def add(a: int) -> int:
        """Add."""
        return a

    sent = body(tools=[add], tool_choice="any")

    assert sent["tools"][0]["function"]["name"] == "add"
    assert sent["tool_choice"] == "required"


def test_wire_tools_of_a_call_are_sent_unchanged():
    tools = [
        {"type": "function", "function": {"name": "f"}, "x": 1},
        {"type": "openrouter:datetime"},
    ]

    assert body(tools=tools)["tools"] == tools


def test_schema_as_response_format_is_converted():
    class Answer(BaseModel):
        text: str

    sent = body(response_format=Answer)["response_format"]

    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["name"] == "Answer"


@pytest.mark.parametrize(
    "internal",
    [
        {"ls_structured_output_format": {"schema": {}}},
        {"stream": True},
        {"stream_usage": False},
        {"reasoning_replay": "none"},
        {"response_healing": False},
    ],
    ids=str,
)
def test_langchains_own_arguments_are_not_sent(internal: dict[str, Any]):
    assert body(**internal) == {"model": "a/b"}


def test_e3_healing_is_for_calls_that_are_not_streamed():
    """quirks.md E3: the plugin works without streaming only."""
    made = model(plugins=[{"id": "web"}])
    kwargs = {"response_healing": True}

    plain = build(made, [HumanMessage("Hi")], None, kwargs, streamed=False).body
    streamed = build(made, [HumanMessage("Hi")], None, kwargs, streamed=True).body

    assert plain["plugins"] == [{"id": "web"}, {"id": "response-healing"}]
    assert streamed["plugins"] == [{"id": "web"}]
    assert made.plugins == [{"id": "web"}]


# ------------------------------------------------------------------ checks


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ({"model": ""}, "model is empty"),
        ({"temperature": 2.1}, "between 0 and 2"),
        ({"temperature": -0.1}, "between 0 and 2"),
        ({"top_logprobs": 3}, "needs logprobs"),
        ({"n": 2}, "one answer per call"),
        ({"session_id": "x" * 257}, "at most 256"),
    ],
    ids=str,
)
def test_what_can_only_be_refused_is_refused_before_sending(call: Any, says: str):
    with pytest.raises(ConfigurationError, match=says):
        body(**call)


def test_j5_build_request_takes_what_invoke_takes():
    """quirks.md J5: a public, pure function."""
    prompt = ChatPromptTemplate.from_messages([("system", "Be brief"), ("human", "{question}")])
    history = AIMessage("Hello", additional_kwargs={"reasoning_content": "Hm."})
    made = model(reasoning_replay="none")

    assert made.build_request(prompt.invoke({"question": "Why?"}))["messages"] == [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "Why?"},
    ]
    assert made.build_request([history])["messages"] == [{"role": "assistant", "content": "Hello"}]
    assert (
        made.build_request([history], reasoning_replay="auto")["messages"][0]["reasoning"] == "Hm."
    )


def test_empty_session_is_none():
    assert body({"session_id": ""}) == {"model": "a/b"}


@pytest.mark.parametrize(
    "name", ["api_key", "openrouter_api_key", "base_url", "max_retries", "proxy", "http_client"]
)
def test_a_setting_of_the_connection_is_no_argument_of_a_call(name: str):
    """It would go out in the body, the key among them."""
    with pytest.raises(ConfigurationError, match=f"{name} is a setting of ChatOpenRouter"):
        model().invoke("Hi", **{name: "sk-or-secret"})

    assert body(**{name: None}) == {"model": "a/b"}
    assert body(timeout=5) == {"model": "a/b"}
    assert body(extra_body={name: 1}) == {"model": "a/b", name: 1}
