"""Which parameters a request demands, and whether the models of the bundled list take them."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from openrouter_core import ModelFacts, NoEndpointsError, facts_offline
from openrouter_core._logging import warn_once
from openrouter_core.chat.requirements import (
    constraints_of,
    explain,
    lists,
    note_who_required,
    parameters_of,
    require_listed_parameters,
    unlisted_parameters,
)

SCHEMA = {"type": "json_schema", "json_schema": {"name": "N", "schema": {}}}
GPT5, CLAUDE, LLAMA = (
    "openai/gpt-5",
    "anthropic/claude-sonnet-4.5",
    "meta-llama/llama-3.2-3b-instruct",
)


@pytest.fixture(autouse=True)
def _nothing_was_logged_before():
    warn_once.cache_clear()


def test_what_openrouter_reads_itself_is_not_demanded():
    body = {
        "model": "a/b",
        "messages": [],
        "session_id": "s",
        "provider": {},
        "plugins": [],
        "stream": True,
    }

    assert parameters_of({**body, "temperature": 0, "seed": None, "safe_prompt": True}) == [
        "temperature",
        "safe_prompt",
    ]


def test_schema_demands_more_than_a_json_object():
    assert parameters_of({"response_format": SCHEMA}) == ["response_format", "structured_outputs"]
    assert parameters_of({"response_format": {"type": "json_object"}}) == ["response_format"]


UNLISTED: dict[str, tuple[dict[str, Any], list[str] | None]] = {
    "temperature on GPT-5": ({"model": GPT5, "temperature": 0}, ["temperature"]),
    "nothing": ({"model": GPT5, "response_format": SCHEMA}, []),
    "seed on Claude": ({"model": CLAUDE, "seed": 1, "temperature": 0}, ["seed"]),
    "parallel calls": ({"model": CLAUDE, "parallel_tool_calls": False}, ["parallel_tool_calls"]),
    "schema on Llama": ({"model": LLAMA, "response_format": SCHEMA}, ["response_format"]),
    "any of the fallbacks": (
        {"model": CLAUDE, "models": [GPT5], "temperature": 0},
        ["temperature"],
    ),
    "fallbacks alone": ({"models": [CLAUDE, GPT5], "temperature": 0}, ["temperature"]),
    "unknown model": ({"model": "no/such"}, None),
    "unknown fallback": ({"model": CLAUDE, "models": ["no/such"]}, None),
    "preset": ({"model": CLAUDE, "preset": "p"}, None),
    "preset in the name": ({"model": f"{CLAUDE}@preset/p"}, None),
    "no model": ({}, None),
}


@pytest.mark.parametrize(("body", "unlisted"), UNLISTED.values(), ids=UNLISTED)
def test_parameters_that_a_model_does_not_list(body: dict[str, Any], unlisted: list[str] | None):
    assert unlisted_parameters(body, facts_offline) == unlisted


def test_requirement_is_added_where_everything_is_listed():
    body = {"model": GPT5, "response_format": SCHEMA, "provider": {"zdr": True}}

    sent = require_listed_parameters(body, facts_offline)

    assert sent["provider"] == {"zdr": True, "require_parameters": True}
    assert body["provider"] == {"zdr": True}


@pytest.mark.parametrize(
    ("body", "names"),
    [({"model": GPT5, "temperature": 0}, "temperature"), ({"model": "no/such"}, "no/such")],
)
def test_requirement_is_left_out_and_the_reason_logged_once(
    body: Any, names: str, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING, "openrouter"):
        assert [require_listed_parameters(body, facts_offline) for _ in range(3)] == [body] * 3

    assert len(caplog.messages) == 1
    assert names in caplog.text


@pytest.mark.parametrize("decided", [True, False])
def test_what_the_user_decided_stays(decided: bool, caplog: pytest.LogCaptureFixture):
    body = {"model": GPT5, "temperature": 0, "provider": {"require_parameters": decided}}

    assert require_listed_parameters(body, facts_offline) is body
    assert not caplog.messages


def test_unknown_models_may_take_everything():
    known = ModelFacts("a/b", supported_parameters=frozenset({"tools"}))

    assert lists(None, "tools")
    assert lists(ModelFacts("a/b"), "tools")
    assert lists(known, "tools")
    assert not lists(known, "tools", "tool_choice")


# ------------------------------------------------------------------ when nobody is left


def explained(**body: Any) -> NoEndpointsError:
    error = NoEndpointsError("No endpoints found.")
    explain(error, body)
    return error


REQUIRED = {"require_parameters": True}


@pytest.mark.parametrize(
    ("body", "unlisted"),
    [
        ({"model": GPT5, "temperature": 0, "provider": REQUIRED}, ["temperature"]),
        ({"model": CLAUDE, "seed": 1, "parallel_tool_calls": False, "provider": REQUIRED},
         ["seed", "parallel_tool_calls"]),
        ({"model": LLAMA, "response_format": SCHEMA, "provider": REQUIRED}, ["response_format"]),
        ({"model": GPT5, "temperature": 0}, []),
        ({"model": LLAMA, "tools": [{}]}, ["tools"]),
        ({"model": "no/such", "temperature": 0, "provider": REQUIRED}, []),
    ],
)  # fmt: skip
def test_parameters_that_nobody_takes_are_named(body: Any, unlisted: list[str]):
    error = explained(**body)

    assert error.unlisted == unlisted
    for name in unlisted:
        assert name in str(error)
    assert ("does not list" in str(error)) is bool(unlisted)


@pytest.mark.parametrize(
    "body", [{}, {"provider": None}, {"provider": "x"}, {"response_format": "json"},
             {"response_format": {"json_schema": "x"}}]
)  # fmt: skip
def test_c14_strange_bodies_have_no_strange_constraints(body: dict[str, Any]) -> None:
    """Looking for a reason must not raise."""
    assert "provider" not in str(constraints_of(body))
    assert str(explained(**body)).startswith("No endpoints found.")


@pytest.mark.parametrize(
    ("provider", "is_added", "says"),
    [
        (REQUIRED, True, "was added for the structured answer: require_parameters=False"),
        (REQUIRED, False, "that you set"),
        ({}, False, None),
    ],
)
def test_who_wanted_the_requirement_is_said(provider: Any, is_added: bool, says: str | None):
    error = NoEndpointsError("No endpoints found.")

    note_who_required(error, {"provider": provider}, is_added=is_added)

    assert error.args == (error.message,)
    assert (says in error.message) if says else error.message == "No endpoints found."
