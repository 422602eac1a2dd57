"""What earlier turns look like for the model that is asked now."""

from __future__ import annotations

import base64
import copy
import logging
import re
from typing import Any

import pytest

from openrouter_core import ConfigurationError
from openrouter_core._logging import warn_once
from openrouter_core.chat.history import asked_vendors, fit_history

CLAUDE = {"model": "anthropic/claude-sonnet-4.5"}
GPT = {"model": "openai/gpt-5.5"}
GEMINI = {"model": "google/gemini-3-flash-preview"}
KIMI = {"model": "moonshotai/kimi-k2"}
MISTRAL = {"model": "mistralai/mistral-large-2512"}
AUTO = {"model": "openrouter/auto"}

QUESTION = {"role": "user", "content": "Go on."}
EPHEMERAL = {"cache_control": {"type": "ephemeral"}}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").decode()


@pytest.fixture(autouse=True)
def nothing_logged_yet() -> None:
    warn_once.cache_clear()


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def fitted_parts(*parts: Any, request: dict[str, Any] = CLAUDE) -> Any:
    (message,) = fit_history([{"role": "user", "content": list(parts)}], request)
    return message["content"]


# ---------------------------------------------------------------- who is asked


@pytest.mark.parametrize(
    ("request_", "vendors"),
    [
        (CLAUDE, {"anthropic"}),
        ({"model": "~anthropic/claude-latest"}, {"anthropic"}),
        ({"model": "anthropic/claude-sonnet-4.5:thinking"}, {"anthropic"}),
        ({"model": "openai/gpt-5", "models": ["openai/gpt-5-mini"]}, {"openai"}),
        pytest.param(
            {"model": "openai/gpt-5", "models": ["google/gemini-3-pro"]},
            {"openai", "google"},
            id="models of two vendors",
        ),
        (AUTO, {None}),
        ({"model": "switchpoint/router"}, {None}),
        ({"model": "@preset/mine"}, {None}),
        ({"model": "openai/gpt-5@preset/mine"}, {None}),
        pytest.param(
            {"model": "openai/gpt-5", "preset": "mine"}, {"openai", None}, id="model and preset"
        ),
        ({"model": "a-model-of-a-gateway"}, {None}),
        ({}, {None}),
    ],
    ids=str,
)
def test_the_vendors_that_may_answer_are_known_or_known_to_be_hidden(
    request_: dict[str, Any], vendors: set[str | None]
):
    assert asked_vendors(request_) == vendors


# ---------------------------------------------------------------- reasoning

OF_CLAUDE = {
    "type": "reasoning.text",
    "text": "Hm.",
    "signature": "s",
    "format": "anthropic-claude-v1",
}
OF_GPT = {"type": "reasoning.encrypted", "data": "k", "id": "rs_1", "format": "openai-responses-v1"}
OF_AZURE = {**OF_GPT, "data": "z", "format": "azure-openai-responses-v1"}
OF_GEMINI = {"type": "reasoning.encrypted", "data": "g", "format": "google-gemini-v1"}
OF_GROK = {"type": "reasoning.encrypted", "data": "x", "format": "bedrock-xai-responses-v1"}
OF_MUSE = {"type": "reasoning.encrypted", "data": "m", "format": "meta-responses-v1"}
SUMMARY = {"type": "reasoning.summary", "summary": "Hm.", "format": "openai-responses-v1"}
OPEN = {"type": "reasoning.text", "text": "Hm.", "format": "unknown"}
NULL = {"type": "reasoning.encrypted", "data": "n", "format": None}
OF_TOMORROW = {"type": "reasoning.encrypted", "data": "t", "format": "tomorrow-v1"}
SEALED = [OF_CLAUDE, OF_GPT, OF_AZURE, OF_GEMINI, OF_GROK, OF_MUSE]
ALWAYS = [SUMMARY, OPEN, NULL, OF_TOMORROW]


def replayed(*details: Any, request: dict[str, Any], policy: Any = "auto") -> Any:
    turn = {"role": "assistant", "content": "So.", "reasoning_details": list(details)}
    first, _ = fit_history([turn, QUESTION], request, reasoning_replay=policy)
    return first.get("reasoning_details")


@pytest.mark.parametrize(
    ("model", "own"),
    [
        ("anthropic/claude-opus-5", [OF_CLAUDE]),
        ("openai/gpt-5.5", [OF_GPT, OF_AZURE]),
        ("google/gemini-3-pro", [OF_GEMINI]),
        ("x-ai/grok-4.5", [OF_GROK]),
        ("meta/muse-spark-1.1", [OF_MUSE]),
        ("~openai/gpt-latest", [OF_GPT, OF_AZURE]),
        ("deepseek/deepseek-v4", []),
    ],
)
def test_one_known_model_gets_the_sealed_reasoning_of_its_own_vendor_only(
    model: str, own: list[dict[str, Any]]
):
    assert replayed(*SEALED, *ALWAYS, request={"model": model}) == [*own, *ALWAYS]


@pytest.mark.parametrize(
    "request_",
    [
        AUTO,
        {"model": "openai/gpt-5.5", "preset": "mine"},
        {"model": "openai/gpt-5.5", "models": ["google/gemini-3-pro"]},
        {"model": "behind-a-gateway"},
    ],
    ids=["router", "preset", "vendors", "gateway"],
)
def test_where_it_is_not_known_who_answers_everything_goes(request_: dict[str, Any]):
    assert replayed(*SEALED, *ALWAYS, request=request_) == [*SEALED, *ALWAYS]


def test_fallbacks_of_one_vendor_are_one_vendor():
    request = {"model": "openai/gpt-5.5", "models": ["openai/gpt-5-mini"]}
    assert replayed(OF_CLAUDE, OF_GPT, request=request) == [OF_GPT]


def test_policy_all_leaves_out_nothing():
    assert replayed(*SEALED, request=GPT, policy="all") == SEALED


def test_an_array_of_which_nothing_is_left_goes_altogether_without_a_stand_in():
    turn = {
        "role": "assistant",
        "content": "So.",
        "reasoning_details": [OF_CLAUDE],
        "reasoning": "Hm.",
    }
    assert fit_history([turn], GPT) == [{"role": "assistant", "content": "So."}]


@pytest.mark.parametrize(
    ("policy", "sent"), [("auto", "Hm."), ("all", "Hm."), ("signed-only", None), ("none", None)]
)
def test_text_goes_back_where_there_are_no_details(policy: Any, sent: str | None):
    turn = {"role": "assistant", "content": "So.", "reasoning": "Hm."}
    (message,) = fit_history([turn], GPT, reasoning_replay=policy)
    assert message.get("reasoning") == sent


def test_text_is_not_sent_beside_details():
    turn = {
        "role": "assistant",
        "content": "So.",
        "reasoning": "Hm.",
        "reasoning_details": [SUMMARY],
    }
    assert fit_history([turn], GPT) == [
        {"role": "assistant", "content": "So.", "reasoning_details": [SUMMARY]}
    ]


def test_an_empty_array_that_was_received_is_sent():
    assert replayed(request={"model": "deepseek/deepseek-v4"}) == []


def test_a_copy_that_an_earlier_message_carries_is_sent_once():
    turn = {"role": "assistant", "content": "So.", "reasoning_details": [SUMMARY, OF_GPT]}
    again = {**turn, "reasoning_details": [OF_GPT, OPEN]}
    first, second, third = fit_history([turn, again, {**turn, "reasoning_details": [OPEN]}], GPT)
    assert first["reasoning_details"] == [SUMMARY, OF_GPT]
    assert second["reasoning_details"] == third["reasoning_details"] == [OPEN]


def test_what_was_left_out_is_said_once(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING, "openrouter"):
        replayed(OF_CLAUDE, request=GPT)
        replayed(OF_CLAUDE, request=GPT)
    (record,) = caplog.records
    assert 'reasoning_replay="all"' in record.message


# ---------------------------------------------------------------- ids of tool calls


def call(identity: Any, name: str = "f") -> dict[str, Any]:
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": "{}"}}


def calls(*identities: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": [call(i) for i in identities]}


def result(identity: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": identity, "content": "1"}


def ids_of(messages: list[dict[str, Any]]) -> list[str]:
    """The ids in the order in which they stand: calls and results."""
    return [
        identity
        for message in messages
        for identity in (
            [message["tool_call_id"]]
            if message["role"] == "tool"
            else [c["id"] for c in message.get("tool_calls") or ()]
        )
    ]


FOREIGN = [
    "functions.f:0",
    "call-é",
    "a b",
    "x" * 70,
    "chatcmpl-tool-592bcd4c265c48e3a93a244f28627ca3",
]


@pytest.mark.parametrize(
    ("request_", "allowed"),
    [
        (CLAUDE, r"[a-zA-Z0-9_-]+"),
        ({"model": "amazon/nova-pro-v1"}, r"[a-zA-Z0-9_-]{1,64}"),
        (GPT, r".{1,64}"),
        ({"model": "moonshotai/kimi-k2", "models": ["anthropic/claude-opus-5"]}, r"[a-zA-Z0-9_-]+"),
    ],
    ids=str,
)
@pytest.mark.parametrize("identity", FOREIGN)
def test_ids_that_the_asked_vendor_refuses_are_replaced_in_call_and_result_alike(
    request_: dict[str, Any], allowed: str, identity: str
):
    of_call, of_result = ids_of(fit_history([calls(identity), result(identity)], request_))

    assert of_call == of_result
    assert re.fullmatch(allowed, of_call)
    assert (of_call == identity) is bool(re.fullmatch(allowed, identity))


@pytest.mark.parametrize(
    "request_", [KIMI, MISTRAL, GEMINI, AUTO, {"model": "x-ai/grok-4.5"}], ids=str
)
@pytest.mark.parametrize("identity", FOREIGN)
def test_ids_stay_for_those_who_take_them(request_: dict[str, Any], identity: str):
    messages = [calls(identity), result(identity)]
    assert ids_of(fit_history(messages, request_)) == [identity, identity]


@pytest.mark.parametrize(
    ("request_", "identity"),
    [
        (KIMI, "functions.f:0"),
        (MISTRAL, "6vLUWtMFK"),
        (CLAUDE, "toolu_bdrk_01RHEwXB8LDU3AqGqvChVLo5"),
    ],
    ids=["kimi", "mistral", "claude"],
)
def test_a_models_own_ids_stay(request_: dict[str, Any], identity: str):
    messages = [calls(identity), {**result(identity), "name": "f"}]
    assert fit_history(messages, request_) == messages


def test_the_same_id_is_replaced_by_the_same_in_every_request():
    short = [calls("f:0"), result("f:0")]
    longer = [*short, QUESTION, calls("f:1"), result("f:1")]
    assert ids_of(fit_history(longer, CLAUDE))[:2] == ids_of(fit_history(short, CLAUDE))


def test_an_id_that_comes_again_is_another_for_claude_who_wants_each_once():
    messages = [
        calls("f0"),
        result("f0"),
        calls("f0"),
        result("f0"),
        calls("p", "p"),
        result("p"),
        result("p"),
    ]
    one, of_one, two, of_two, *parallel = ids_of(fit_history(messages, CLAUDE))
    assert one == of_one == "f0"
    assert two == of_two != one
    assert parallel[:2] == parallel[2:]
    assert len(set(parallel)) == 2
    assert ids_of(fit_history(messages, GEMINI)) == ids_of(messages)


@pytest.mark.parametrize("missing", [None, ""])
def test_calls_without_id_get_one_and_so_do_their_results(missing: Any):
    messages = [calls(missing, missing), result(missing), result(missing), calls("call_0", missing)]
    one, two, of_one, of_two, taken, three = ids_of(fit_history(messages, KIMI))
    assert (one, two) == (of_one, of_two)
    assert len({one, two, taken, three}) >= 3
    assert three not in {one, two, taken, ""}


def test_a_result_with_an_id_that_nobody_has_answers_a_call_without_id():
    """Who ran the tool may have made an id of its own."""
    call_id, result_id = ids_of(fit_history([calls(None), result("made-up")], KIMI))
    assert call_id == result_id


def test_a_result_that_answers_nothing_is_refused_with_a_sentence():
    with pytest.raises(ConfigurationError, match="tool_call_id"):
        fit_history([QUESTION, result(None)], KIMI)


def test_a_result_carries_the_name_of_its_tool():
    messages = [calls("c1"), result("c1"), {**result("c1"), "name": "other"}, result("unknown")]
    _, named, kept, nameless = fit_history(messages, CLAUDE)
    assert (named["name"], kept["name"], nameless.get("name")) == ("f", "other", None)


def test_an_older_function_call_becomes_a_tool_call_and_its_result_an_answer_to_it():
    older = {"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": "{}"}}
    turn, answered = fit_history([older, {"role": "tool", "content": "1"}], GPT)
    assert turn["tool_calls"][0]["function"] == {"name": "f", "arguments": "{}"}
    assert answered["tool_call_id"] == turn["tool_calls"][0]["id"]
    assert "function_call" not in turn


def test_an_older_function_call_beside_tool_calls_is_not_sent():
    """Gemini's own package keeps both; OpenAI refuses both at once."""
    (turn,) = fit_history([{**calls("c1"), "function_call": {"name": "f", "arguments": "{}"}}], GPT)
    assert turn == calls("c1")


# ---------------------------------------------------------------- empty text

EMPTY = {"role": "assistant", "content": ""}


@pytest.mark.parametrize("request_", [CLAUDE, GPT, AUTO], ids=["claude", "gpt", "auto"])
def test_empty_texts_are_left_out_where_something_else_is_there(request_: dict[str, Any]):
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    assert fitted_parts(text(""), text("x"), image, text(""), request=request_) == [
        text("x"),
        image,
    ]


def test_a_message_of_nothing_but_empty_text_is_left_to_its_sender():
    assert fitted_parts(text("")) == [text("")]


@pytest.mark.parametrize("content", ["", None, [], [text("")]])
def test_an_empty_turn_is_left_out_for_claude(content: Any):
    turn = {"role": "assistant", "content": content}
    assert fit_history([QUESTION, turn, QUESTION], CLAUDE) == [QUESTION, QUESTION]
    assert fit_history([QUESTION, turn, QUESTION], AUTO) == [QUESTION, QUESTION]
    assert fit_history([QUESTION, turn, QUESTION], GPT)[1] == turn


def test_an_empty_turn_at_the_end_stays():
    assert fit_history([QUESTION, EMPTY], CLAUDE) == [QUESTION, EMPTY]


@pytest.mark.parametrize(
    "more",
    [
        {"tool_calls": [call("c1")]},
        {"refusal": "No."},
        {"audio": {"id": "a"}},
        {"images": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]},
    ],
    ids=lambda more: next(iter(more)),
)
def test_content_is_null_beside_something_else(more: dict[str, Any]):
    assert fit_history([{**EMPTY, **more}, QUESTION], GPT)[0]["content"] is None


def test_an_answer_of_reasoning_alone_has_null_content_for_claude():
    turn = {**EMPTY, "reasoning_details": [OF_CLAUDE]}
    assert fit_history([turn, QUESTION], CLAUDE)[0] == {**turn, "content": None}


# ---------------------------------------------------------------- cache marks


@pytest.mark.parametrize("blank", [" ", "\n\n", "\t"])
def test_blanks_are_left_out_for_claude_who_refuses_them(blank: str):
    """Before a tool call many models write line breaks and nothing else."""
    assert fitted_parts(text(blank), text("x")) == [text("x")]
    assert fitted_parts(text(blank), text("x"), request=GPT) == [text(blank), text("x")]
    turn = {**calls("c1"), "content": blank}
    assert fit_history([turn], CLAUDE) == [calls("c1")]
    assert fit_history([turn], GPT) == [turn]
    assert fit_history([QUESTION, {**EMPTY, "content": blank}, QUESTION], CLAUDE) == [
        QUESTION,
        QUESTION,
    ]
    assert fitted_parts(text(blank)) == [text(blank)]


def test_a_mark_on_empty_text_goes_to_the_last_text_before_it():
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    assert fitted_parts(text("Look:"), image, text("", **EPHEMERAL)) == [
        text("Look:", **EPHEMERAL),
        image,
    ]


def test_a_mark_on_empty_text_goes_to_the_part_before_it_where_there_is_no_text():
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    assert fitted_parts(image, text("", **EPHEMERAL)) == [{**image, **EPHEMERAL}]


def test_a_mark_on_empty_text_with_nothing_before_it_is_left_out():
    assert fitted_parts(text("", **EPHEMERAL), text("x")) == [text("x")]
    assert fitted_parts(text("", **EPHEMERAL)) == [text("")]


@pytest.mark.parametrize("mark", [EPHEMERAL, {"prompt_cache_breakpoint": {"mode": "explicit"}}])
def test_either_kind_of_mark_is_moved(mark: dict[str, Any]):
    assert fitted_parts(text("x"), text("", **mark)) == [text("x", **mark)]


def marked(words: str, role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": [text(words, **EPHEMERAL)]}


def marks_in(messages: list[dict[str, Any]]) -> list[str]:
    return [
        part["text"]
        for message in messages
        for part in message["content"]
        if isinstance(part, dict) and "cache_control" in part
    ]


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({}, ["s", "3", "4", "5"]),
        ({"cache_control": {"type": "ephemeral"}}, ["s", "4", "5"]),
        (
            {"tools": [{"type": "function", "function": {"name": "f"}, **EPHEMERAL}]},
            ["s", "4", "5"],
        ),
    ],
    ids=["messages", "automatic", "tool"],
)
@pytest.mark.parametrize("request_", [CLAUDE, AUTO], ids=["claude", "auto"])
def test_four_marks_are_sent_and_the_earliest_are_left_out(
    request_: dict[str, Any], more: dict[str, Any], kept: list[str]
):
    messages = [marked("s", "system"), *(marked(str(n)) for n in range(1, 6))]
    assert marks_in(fit_history(messages, {**request_, **more})) == kept


def test_a_mark_on_a_tool_call_counts():
    turn = {"role": "assistant", "content": None, "tool_calls": [{**call("c1"), **EPHEMERAL}]}
    messages = [turn, *(marked(str(n)) for n in range(4))]
    first, *rest = fit_history(messages, CLAUDE)
    assert "cache_control" not in first["tool_calls"][0]
    assert marks_in(rest) == ["0", "1", "2", "3"]


def test_any_number_of_marks_goes_to_those_who_take_it():
    messages = [marked(str(n)) for n in range(6)]
    assert fit_history(messages, GEMINI) == messages


# ---------------------------------------------------------------- images


def test_images_of_earlier_answers_and_of_tool_results_have_their_type_too():
    wrong = {"type": "image_url", "image_url": {"url": f"data:image/jpg;base64,{PNG}"}}
    right = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    turn = {"role": "assistant", "content": "Here.", "images": [wrong]}
    seen = {"role": "tool", "tool_call_id": "c1", "content": [wrong]}
    first, _, last = fit_history([turn, calls("c1"), seen], CLAUDE)
    assert (first["images"], last["content"]) == ([right], [right])


# ---------------------------------------------------------------- all together


def test_what_needs_no_repair_is_the_same_object_and_nothing_is_logged(
    caplog: pytest.LogCaptureFixture,
):
    messages = [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                text("x"),
                {"type": "image_url", "image_url": {"url": "https://e.com/a.png"}},
            ],
        },
        calls("toolu_1"),
        {**result("toolu_1"), "name": "f"},
        {"role": "assistant", "content": "1"},
        QUESTION,
    ]
    assert all(a is b for a, b in zip(fit_history(messages, CLAUDE), messages, strict=True))
    assert not caplog.records


def test_the_messages_that_are_given_are_not_changed():
    messages = [
        marked("s", "system"),
        {"role": "user", "content": [text("x"), text("", **EPHEMERAL)]},
        {**calls("f:0"), "content": "", "reasoning_details": [OF_GPT, OF_CLAUDE]},
        result("f:0"),
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": f"data:image/jpg;base64,{PNG}"}}
            ],
        },
        EMPTY,
        *(marked(str(n)) for n in range(5)),
    ]
    before = copy.deepcopy(messages)
    fit_history(messages, CLAUDE)
    assert messages == before


def test_history_that_was_fitted_needs_nothing_more():
    messages = [
        marked("s", "system"),
        {**calls("f:0", None), "content": "", "reasoning_details": [OF_GPT, OF_CLAUDE]},
        result("f:0"),
        result(None),
        EMPTY,
        *(marked(str(n)) for n in range(5)),
    ]
    once = fit_history(messages, CLAUDE)
    assert fit_history(once, CLAUDE) == once
