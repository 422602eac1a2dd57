"""From settings and the arguments of a call to what is sent. The table of both adapters."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from typing import Any

import pytest

from openrouter_core import ConfigurationError, facts_offline
from openrouter_core.chat import checks, request, sound
from openrouter_core.chat.request import (
    ChatDefaults,
    ChatRequest,
    ChatRules,
    chat_request,
    check_defaults,
)
from openrouter_core.config import CLIENT_SETTINGS
from openrouter_core.wire.chat import ChatOptions

Body = dict[str, Any]
RULES = ChatRules(
    owner="TheModel",
    to_tools=lambda tools: [dict(tool) for tool in tools],
    to_response_format=lambda given: (
        {"type": "json_schema", "json_schema": given} if isinstance(given, str) else dict(given)
    ),
    several_answers="Ask several times.",
    streams="Use stream().",
    fetches_models="the.refresh()",
    framework_arguments=frozenset({"ls_format"}),
)
TOOL = {"type": "function", "function": {"name": "f"}}
SEARCH = {"type": "openrouter:web_search"}


def made(
    fields: Mapping[str, Any] | None = None,
    /,
    *,
    more: Mapping[str, Any] | None = None,
    streamed: bool = False,
    **call: Any,
) -> ChatRequest:
    defaults = ChatDefaults({"model": "a/b", **(fields or {})}, more or {})
    return chat_request(defaults, call, RULES, facts=facts_offline, streamed=streamed)


def sent(fields: Mapping[str, Any] | None = None, /, **call: Any) -> Body:
    body = made(fields, **call).body
    if body.get("model") == "a/b":
        del body["model"]
    return body


@pytest.fixture(autouse=True)
def _nothing_warned_yet():
    checks._warn_of_misspelt.cache_clear()
    sound._log_replaced.cache_clear()


# ------------------------------------------------------------------ precedence

PRECEDENCE: dict[str, tuple[Body, Body, Body, Body]] = {
    # fields, unnamed fields, call, body
    "nothing": ({}, {}, {}, {}),
    "unset": ({"temperature": None}, {}, {}, {}),
    "zero, false and empty are values": (
        {"temperature": 0, "include_reasoning": False, "user": "", "stop": []}, {}, {},
        {"temperature": 0, "include_reasoning": False, "user": "", "stop": []},
    ),
    "unnamed over named": ({"seed": 1}, {"seed": 2}, {}, {"seed": 2}),
    "call over object": ({"seed": 1}, {"seed": 2}, {"seed": 3}, {"seed": 3}),
    "extra_body over call": ({"seed": 1}, {}, {"seed": 3, "extra_body": {"seed": 4}}, {"seed": 4}),
    "extra_body of the object over the call": (
        {"extra_body": {"seed": 4}}, {}, {"seed": 3}, {"seed": 4},
    ),
    "extra_body of the call over the object's, key by key": (
        {"extra_body": {"seed": 4, "a": {"x": 1}, "b": 1}}, {},
        {"extra_body": {"seed": 5, "a": {"y": 1}}},
        {"seed": 5, "a": {"y": 1}, "b": 1},
    ),
    "extra_body among the unnamed": ({}, {"extra_body": {"a": 1}}, {}, {"a": 1}),
    "None in a call takes a setting back": (
        {"seed": 1, "top_p": 1}, {"new": 1}, {"seed": None, "new": None}, {"top_p": 1},
    ),
    "None in extra_body is sent": ({"seed": 1}, {}, {"extra_body": {"seed": None}}, {"seed": None}),
    "unknown fields": ({}, {"new": [1, None]}, {"newer": {"x": None}}, {"new": [1, None], "newer": {"x": None}}),
    "an empty session is none": ({"session_id": ""}, {}, {}, {}),
    "an empty session of a call": ({"session_id": "s"}, {}, {"session_id": ""}, {}),
    "other names": (
        {}, {"model_name": "c/d"},
        {"request_metadata": {"a": "b"}, "openrouter_provider": {"zdr": True}, "stop_sequences": ["x"]},
        {"model": "c/d", "metadata": {"a": "b"}, "provider": {"zdr": True}, "stop": ["x"]},
    ),
    "one answer is what every call gives": ({"n": 1}, {"n": 1}, {"n": 1}, {}),
    "n in extra_body": ({}, {}, {"extra_body": {"n": 2}}, {"n": 2}),
    "arguments of the framework": ({}, {}, {"ls_format": {}}, {}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "more", "call", "body"), PRECEDENCE.values(), ids=PRECEDENCE.keys()
)
def test_call_over_object_and_extra_body_over_all(fields: Body, more: Body, call: Body, body: Body):
    assert sent(fields, more=more, **call) == body


@pytest.mark.parametrize("name", sorted(set(ChatOptions.__annotations__) - {"model"}))
def test_every_parameter_of_the_api_is_a_body_field_or_an_option(name: str):
    value: Any = {"tools": [TOOL], "models": ["c/d"], "top_logprobs": 1}.get(name, {"x": 1})
    beside = {"logprobs": True} if name == "top_logprobs" else {}

    body = made(**{name: value}, **beside).body

    wire = {"reasoning_effort": "reasoning"}.get(name, name)
    assert (wire in body) == (name not in request._NOT_BODY)


def test_settings_of_the_object_are_not_changed_by_a_call():
    fields: Body = {
        "provider": {"max_price": {"prompt": 1}},
        "reasoning": {"effort": "low"},
        "extra_body": {"provider": {"zdr": True}},
        "plugins": [{"id": "web"}],
        "server_tools": [SEARCH],
    }
    before = repr(fields)

    made(fields, provider={"max_price": {"prompt": 2}}, tools=[TOOL], response_healing=True,
         reasoning_effort="high", extra_body={"provider": {"only": ["x"]}})  # fmt: skip

    assert repr(fields) == before


# ------------------------------------------------------------------ provider

PROVIDER: dict[str, tuple[Any, Any, Any, Any]] = {
    # object, call, extra_body, provider
    "call only": (None, {"sort": "price"}, None, {"sort": "price"}),
    "merged": ({"zdr": True}, {"order": ["x"]}, {"only": ["y"]}, {"zdr": True, "order": ["x"], "only": ["y"]}),
    "at every level": (
        {"max_price": {"prompt": 1, "image": 2}, "options": {"a": {"x": 1}}},
        {"max_price": {"prompt": 3}, "options": {"a": {"y": 1}}},
        {"max_price": {"image": 4}},
        {"max_price": {"prompt": 3, "image": 4}, "options": {"a": {"x": 1, "y": 1}}},
    ),
    "the very key given anew": ({"zdr": True}, {"zdr": None}, None, {"zdr": None}),
    "an object replaced by a word": ({"sort": {"by": "price"}}, {"sort": "latency"}, None, {"sort": "latency"}),
    "None in a call says nothing": ({"zdr": True}, None, None, {"zdr": True}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("mine", "call", "extra", "merged"), PROVIDER.values(), ids=PROVIDER.keys()
)
def test_a_privacy_setting_disappears_only_when_its_key_is_given_anew(
    mine: Any, call: Any, extra: Any, merged: Any
):
    extra_body = {} if extra is None else {"extra_body": {"provider": extra}}

    assert sent({"provider": mine}, provider=call, **extra_body)["provider"] == merged
    assert sent(more={"provider": mine}, provider=call, **extra_body)["provider"] == merged


def test_provider_none_in_extra_body_loosens_nothing():
    assert sent({"provider": {"zdr": True}}, extra_body={"provider": None}) == {
        "provider": {"zdr": True}
    }
    assert sent(extra_body={"provider": None}) == {"provider": None}


def test_providers_of_both_extra_bodies_are_merged():
    fields = {"extra_body": {"provider": {"zdr": True}}}

    assert sent(fields, extra_body={"provider": {"only": ["x"]}})["provider"] == {
        "zdr": True,
        "only": ["x"],
    }


# ------------------------------------------------------------------ reasoning

REASONING: dict[str, tuple[Body, Body, Body]] = {
    # object, call, body
    "the short form is the effort": ({"reasoning_effort": "xhigh"}, {}, {"reasoning": {"effort": "xhigh"}}),
    "in a call too": ({}, {"reasoning_effort": "brand-new"}, {"reasoning": {"effort": "brand-new"}}),
    "both together": ({"reasoning": {"exclude": True}, "reasoning_effort": "low"}, {}, {"reasoning": {"exclude": True, "effort": "low"}}),
    "both alike": ({"reasoning": {"effort": "low"}, "reasoning_effort": "low"}, {}, {"reasoning": {"effort": "low"}}),
    "effort of a call, the rest of the object": ({"reasoning": {"effort": "low", "exclude": True}}, {"reasoning_effort": "high"}, {"reasoning": {"exclude": True, "effort": "high"}}),
    "effort over a budget": ({"reasoning": {"max_tokens": 9}}, {"reasoning_effort": "high"}, {"reasoning": {"effort": "high"}}),
    "effort over being off": ({"reasoning": {"enabled": False}}, {"reasoning_effort": "high"}, {"reasoning": {"effort": "high"}}),
    "reasoning over an effort": ({"reasoning_effort": "low"}, {"reasoning": {"max_tokens": 9}}, {"reasoning": {"max_tokens": 9}}),
    "reasoning over reasoning": ({"reasoning": {"effort": "low"}}, {"reasoning": {"max_tokens": 9}}, {"reasoning": {"max_tokens": 9}}),
    "both over an effort": ({"reasoning_effort": "low"}, {"reasoning": {"exclude": True}, "reasoning_effort": "high"}, {"reasoning": {"exclude": True, "effort": "high"}}),
    "no effort any more": ({"reasoning_effort": "low"}, {"reasoning_effort": None}, {}),
    "the old switch": ({"include_reasoning": True}, {}, {"include_reasoning": True}),
    "reasoning over the old switch": ({"include_reasoning": False}, {"reasoning": {"effort": "low"}}, {"reasoning": {"effort": "low"}}),
    "the old switch over exclude": ({"reasoning": {"effort": "low", "exclude": True}}, {"include_reasoning": True}, {"reasoning": {"effort": "low"}, "include_reasoning": True}),
    "nothing remains": ({"reasoning": {"exclude": True}}, {"include_reasoning": True}, {"include_reasoning": True}),
    "extra_body over an effort": ({"reasoning_effort": "low"}, {"extra_body": {"reasoning": {"max_tokens": 9}}}, {"reasoning": {"max_tokens": 9}}),
    "an effort in extra_body": ({"reasoning": {"max_tokens": 9}}, {"extra_body": {"reasoning_effort": "high"}}, {"reasoning_effort": "high"}),
    "extra_body is sent as it is": ({}, {"extra_body": {"reasoning": {"effort": "low"}, "reasoning_effort": "high"}}, {"reasoning": {"effort": "low"}, "reasoning_effort": "high"}),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "call", "body"), REASONING.values(), ids=REASONING.keys())
def test_reasoning_is_said_once(fields: Body, call: Body, body: Body):
    assert sent(fields, **call) == body
    assert sent(more=fields, **call) == body


# ------------------------------------------------------------------ model

MODELS = {
    "openai/gpt-5": "openai/gpt-5",
    " openai/gpt-5 ": "openai/gpt-5",
    "openrouter/anthropic/claude-sonnet-4.5": "anthropic/claude-sonnet-4.5",
    "openrouter/auto": "openrouter/auto",
    "@preset/x": "@preset/x",
    "a/c:nitro": "a/c:nitro",
    "~a/b-latest": "~a/b-latest",
    "a/c@preset/x": "a/c@preset/x",
}


@pytest.mark.parametrize(("given", "name"), MODELS.items(), ids=MODELS.keys())
def test_only_blanks_and_a_foreign_prefix_are_taken_off_the_model(given: str, name: str):
    assert sent({"model": given}) == {"model": name}
    assert sent(model=given) == {"model": name}


def test_the_model_of_extra_body_is_sent_as_it_is():
    assert sent(extra_body={"model": "openrouter/x/y"}) == {"model": "openrouter/x/y"}


@pytest.mark.parametrize("instead", [{"models": ["c/d"]}, {"preset": "p"}], ids=str)
@pytest.mark.parametrize("model", [None, "", " "], ids=repr)
def test_models_or_a_preset_may_stand_in_the_place_of_a_model(instead: Body, model: Any):
    assert sent({"model": model, **instead}) == instead
    assert sent({"model": model}, extra_body=instead) == instead


# ------------------------------------------------------------------ tools and formats

TOOLS: dict[str, tuple[Body, Body]] = {
    "no tools": ({"tools": []}, {}),
    "tools go unchanged": ({"tools": [TOOL, SEARCH]}, {"tools": [TOOL, SEARCH]}),
    "any": ({"tools": [TOOL], "tool_choice": "any"}, {"tools": [TOOL], "tool_choice": "required"}),
    "a name": ({"tools": [TOOL], "tool_choice": "f"}, {"tools": [TOOL], "tool_choice": TOOL}),
    "a server tool": ({"tools": [TOOL, SEARCH], "tool_choice": SEARCH["type"]}, {"tools": [TOOL, SEARCH], "tool_choice": SEARCH}),
    "the only tool": ({"tools": [TOOL], "tool_choice": True}, {"tools": [TOOL], "tool_choice": TOOL}),
    "False": ({"tools": [TOOL], "tool_choice": False}, {"tools": [TOOL]}),
    "Anthropic's shape": ({"tools": [TOOL], "tool_choice": {"type": "tool", "name": "f"}}, {"tools": [TOOL], "tool_choice": TOOL}),
    "without tools": ({"tool_choice": "required", "parallel_tool_calls": False}, {"tool_choice": "required", "parallel_tool_calls": False}),
    "any without tools": ({"tool_choice": "any"}, {"tool_choice": "required"}),
    "a name without tools": ({"tool_choice": "of_the_preset"}, {"tool_choice": {"type": "function", "function": {"name": "of_the_preset"}}}),
    "tools of extra_body": ({"tool_choice": "f", "extra_body": {"tools": [TOOL]}}, {"tool_choice": TOOL, "tools": [TOOL]}),
    "a choice in extra_body": ({"tools": [TOOL], "extra_body": {"tool_choice": "any"}}, {"tools": [TOOL], "tool_choice": "any"}),
}  # fmt: skip


@pytest.mark.parametrize(("call", "body"), TOOLS.values(), ids=TOOLS.keys())
def test_tools_and_their_choice(call: Body, body: Body):
    assert sent(**call) == body


def test_tools_of_the_object_are_added_to_those_of_a_call():
    assert sent({"server_tools": [SEARCH]}, tools=[TOOL])["tools"] == [TOOL, SEARCH]
    assert sent({"server_tools": [SEARCH]})["tools"] == [SEARCH]
    with pytest.raises(ConfigurationError, match="exactly one tool"):
        sent({"server_tools": [SEARCH]}, tools=[TOOL], tool_choice=True)


def test_tools_and_formats_of_the_framework_are_converted():
    assert sent(tools=[iter(TOOL.items())])["tools"] == [TOOL]
    assert sent(response_format="S")["response_format"] == {
        "type": "json_schema",
        "json_schema": "S",
    }
    assert sent(extra_body={"response_format": "S"})["response_format"] == "S"


def test_healing_is_for_calls_that_are_not_streamed():
    fields = {"plugins": [{"id": "web"}], "response_healing": True}

    assert made(fields).body["plugins"] == [{"id": "web"}, {"id": "response-healing"}]
    assert made(fields, streamed=True).body["plugins"] == [{"id": "web"}]
    assert made(fields, response_healing=False).body["plugins"] == [{"id": "web"}]
    both = {"plugins": [{"id": "response-healing", "x": 1}], "response_healing": True}
    assert made(both).body["plugins"] == both["plugins"]


# ------------------------------------------------------------------ sound

SOUND = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}


def test_wav_is_made_of_the_sound_that_streams_have(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, "openrouter")

    request = made(SOUND)
    made(SOUND)

    assert request.body["audio"] == {"voice": "alloy", "format": "pcm16"}
    assert request.needs_stream
    assert request.wants_wav
    assert len(caplog.records) == 1
    assert SOUND["audio"] == {"voice": "alloy", "format": "wav"}


@pytest.mark.parametrize(
    "call",
    [
        {**SOUND, "audio": {"voice": "alloy", "format": "pcm16"}},
        {**SOUND, "audio": {"voice": "alloy", "format": "mp3"}},
        {"extra_body": SOUND},
    ],
    ids=["pcm16", "mp3", "extra_body"],
)
def test_any_other_sound_is_asked_for_as_given(call: Body):
    request = made(**call)

    assert request.body["audio"] == call.get("extra_body", call)["audio"]
    assert request.needs_stream
    assert not request.wants_wav


def test_text_needs_no_stream():
    assert not made(modalities=["text"]).needs_stream
    assert not made(extra_body={"modalities": None}).needs_stream
    assert not made({"audio": SOUND["audio"]}).needs_stream


# ------------------------------------------------------------------ headers, query, timeout


def test_headers_query_and_timeout_are_options_of_the_call():
    fields = {"extra_headers": {"A": "1", "b": "1"}, "extra_query": {"q": 1}}

    request = made(fields, extra_headers={"B": "2"}, extra_query={"r": 2}, timeout=5)

    assert request.headers == {"A": "1", "B": "2"}
    assert request.query == {"q": 1, "r": 2}
    assert request.timeout_s == 5
    assert request.add_messages([{"role": "user"}]).arguments() == {
        "messages": [{"role": "user"}],
        "extra_body": {"model": "a/b"},
        "extra_headers": {"A": "1", "B": "2"},
        "extra_query": {"q": 1, "r": 2},
        "timeout_s": 5,
    }


def test_the_response_cache_is_asked_for_by_headers():
    fields = {"response_cache": True, "response_cache_ttl_s": 600}

    assert made(fields, response_cache_clear=True).headers == {
        "X-OpenRouter-Cache": "true",
        "X-OpenRouter-Cache-TTL": "600",
        "X-OpenRouter-Cache-Clear": "true",
    }
    assert made({"response_cache": True}, response_cache=False).headers == {
        "X-OpenRouter-Cache": "false"
    }
    own = {"x-openrouter-cache": "false"}
    assert made({"response_cache": True, "extra_headers": own}).headers == own


def test_options_of_the_adapter_are_not_sent():
    fields = {"reasoning_replay": "all", "retry_empty": False}

    request = made(fields, reasoning_replay="none", parse_text_tool_calls=True)

    assert request.options == {
        "reasoning_replay": "none",
        "retry_empty": False,
        "parse_text_tool_calls": True,
    }
    assert request.body == {"model": "a/b"}


def test_nothing_beside_the_body_is_sent_unless_set():
    assert made().add_messages([{"role": "user"}]).arguments() == {
        "messages": [{"role": "user"}],
        "extra_body": {"model": "a/b"},
    }


def test_messages_of_extra_body_stay():
    own = {"extra_body": {"messages": [{"role": "system"}]}}

    first = made(own).add_messages([{"role": "user"}])

    assert first.arguments()["messages"] == [{"role": "system"}]


# ------------------------------------------------------------------ refused before sending

REFUSED: dict[str, tuple[Body, str]] = {
    "no model": ({"model": None}, "model is missing. TheModel needs a model"),
    "an empty model": ({"model": ""}, "model is empty. TheModel needs a model"),
    "hot": ({"temperature": 2.1}, "between 0 and 2, not 2.1"),
    "cold": ({"temperature": -0.1}, "between 0 and 2"),
    "top_logprobs": ({"top_logprobs": 3}, "needs logprobs=True"),
    "no top_logprobs": ({"top_logprobs": 0}, "needs logprobs=True"),
    "no tokens": ({"max_tokens": 0}, "max_tokens must be 1 or more"),
    "no completion tokens": ({"max_completion_tokens": -1}, "max_completion_tokens must be 1 or"),
    "two answers": ({"n": 2}, "n=2: OpenRouter gives one answer per call. Ask several times."),
    "a long session": ({"session_id": "x" * 257}, "at most 256 characters, not 257"),
    "four models": ({"models": ["a/1", "a/2", "a/3", "a/4"]}, "models has 4 entries"),
    "one model as models": ({"models": "a/1"}, "models must be a list"),
    "a dict as tools": ({"tools": TOOL}, "tools must be a list"),
    "an unknown tool": ({"tools": [TOOL], "tool_choice": "nope"}, "'nope' is not one of the tools"),
    "the only of none": ({"tool_choice": True}, "exactly one tool, and there are 0"),
    "the only of two": ({"tools": [TOOL, SEARCH], "tool_choice": True}, "and there are 2"),
    "efforts that disagree": ({"reasoning": {"effort": "low"}, "reasoning_effort": "high"}, "disagree"),
    "a word as reasoning": ({"reasoning": "high"}, "reasoning must be an object"),
    "a list as provider": ({"provider": ["x"]}, "provider must be an object"),
    "stream": ({"stream": True}, r"'stream' is not an option of a call. Use stream\(\)"),
    "stream in extra_body": ({"extra_body": {"stream": True}}, "'stream' is not an option"),
    "messages": ({"messages": []}, "'messages' is not an option"),
}  # fmt: skip


@pytest.mark.parametrize(("values", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_can_only_be_refused_is_refused_in_call_and_constructor(values: Body, sentence: str):
    with pytest.raises(ConfigurationError, match=sentence):
        sent(None if values.get("model") != "" else {"model": ""}, **values)
    with pytest.raises(ConfigurationError, match=sentence):
        check_defaults(ChatDefaults({"model": "a/b", **values}), RULES)
    with pytest.raises(ConfigurationError, match=sentence):
        check_defaults(ChatDefaults({"model": "a/b"}, values), RULES)


PASSES = [
    {"temperature": 2.1},
    {"top_logprobs": 3},
    {"max_tokens": 0},
    {"n": 2},
    {"session_id": ""},
    {"session_id": "x" * 257},
    {"models": ["a/1", "a/2", "a/3", "a/4"]},
    {"tools": TOOL},
    {"tool_choice": "nope"},
    {"reasoning": {"effort": "low"}, "reasoning_effort": "high"},
    {"provider": ["x"]},
    {"model": ""},
    {"api_key": 1},
]


@pytest.mark.parametrize("values", PASSES, ids=str)
def test_extra_body_passes(values: Body):
    body = made(extra_body=values).body

    assert {name: body[name] for name in values} == values


@pytest.mark.parametrize("name", sorted(CLIENT_SETTINGS))
def test_a_setting_of_the_client_is_not_an_argument_of_a_call(name: str):
    """It would go out in the body, the key among them."""
    with pytest.raises(ConfigurationError, match=f"{name} is a setting of TheModel") as raised:
        sent(**{name: "sk-or-secret"})
    with pytest.raises(ConfigurationError, match=f"{name} is a setting of TheModel"):
        sent(more={name: "sk-or-secret"})

    assert "secret" not in str(raised.value)
    assert sent(**{name: None}) == {}


# ------------------------------------------------------------------ against the catalogue

ALWAYS = "openai/gpt-oss-20b"
OFF: list[Any] = [
    {"reasoning": {"effort": "none"}},
    {"reasoning": {"enabled": False}},
    {"reasoning_effort": "none"},
]


@pytest.mark.parametrize("off", OFF, ids=str)
def test_mandatory_reasoning_cannot_be_switched_off(off: Body):
    with pytest.raises(ConfigurationError, match=r"always reasons.*Choose an effort instead: high"):
        sent({"model": ALWAYS}, **off)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"model": "unknown/model"},
        {"model": "~openai/gpt-latest"},
        {"model": f"{ALWAYS}@preset/x"},
        {"model": ALWAYS, "models": ["c/d"]},
        {"model": ALWAYS, "preset": "x"},
        {"model": ALWAYS, "extra_body": {"reasoning": {"effort": "none"}}},
    ],
    ids=str,
)
@pytest.mark.parametrize("off", OFF, ids=str)
def test_reasoning_may_be_switched_off_where_another_model_may_answer(elsewhere: Body, off: Body):
    assert sent(elsewhere, **off)["reasoning"] in [{"effort": "none"}, {"enabled": False}]


def test_auto_modalities_are_exactly_what_the_model_puts_out():
    auto = {"modalities": "auto"}

    assert sent({"model": "google/gemini-2.5-flash-image"}, **auto)["modalities"] == [
        "image",
        "text",
    ]
    with pytest.raises(ConfigurationError, match=r"fetch the list: the.refresh\(\)"):
        sent({"model": "un/known"}, **auto)


def test_a_constructor_asks_nothing_of_the_catalogue():
    fields = {"model": ALWAYS, "reasoning_effort": "none", "modalities": "auto"}

    check_defaults(ChatDefaults(fields), RULES)


# ------------------------------------------------------------------ misspelt keys


def heard(**call: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made(**call)
    return [str(warning.message) for warning in caught]


MISSPELT = [
    ("provider", "zrd", "zdr"),
    ("provider", "onyl", "only"),
    ("provider", "allowFallbacks", "allow_fallbacks"),
    ("provider", "data_colection", "data_collection"),
    ("reasoning", "efort", "effort"),
    ("reasoning", "maxTokens", "max_tokens"),
]


@pytest.mark.parametrize(("place", "key", "near"), MISSPELT)
@pytest.mark.parametrize("by_extra_body", [False, True], ids=["named", "extra_body"])
def test_a_misspelt_key_is_sent_with_one_warning(
    place: str, key: str, near: str, by_extra_body: bool
):
    value = {place: {key: 1}}
    call: Any = {"extra_body": value} if by_extra_body else value

    first, again = heard(**call), heard(**call)

    assert len(first) == 1
    assert f"{place} has the key {key!r}" in first[0]
    assert f"Did you mean {near!r}?" in first[0]
    assert again == []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert made(**call).body[place] == {key: 1}


@pytest.mark.parametrize("value", [{"provider": {"brand_new": 1}}, {"reasoning": {"novel": 1}}])
def test_a_key_that_is_merely_new_passes_without_a_word(value: Any):
    assert heard(**value) == []
    assert sent(**value) == value
