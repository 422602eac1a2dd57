"""Settings of the client among the arguments of a call are refused by every method, before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_core import ConfigurationError, OpenRouterClient
from openrouter_core.resources import RESOURCES
from tests.contract import samples
from tests.contract.declared import Declared, declared

KEY = "sk-or-v1-another-key"
SETTINGS = {
    "api_key": KEY,
    "headers": {"A": "b"},
    "timeout": 5,
    "max_retries": 0,
    "http_client": object(),
    "a_token": KEY,
    "authorization": f"Bearer {KEY}",
}


class _Nobody:
    """A client that must not be asked."""

    def perform(self, route: Any, call: Any, /) -> Any:
        pytest.fail(f"{route.operation} was sent")

    open = download = perform


def _takes(one: Declared, name: str) -> bool:
    return name in one.parameters()


@pytest.mark.parametrize("one", declared(), ids=str)
@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_of_the_client_is_no_argument_of_a_call(one: Declared, setting: str):
    if _takes(one, setting) or not any(p.kind is p.VAR_KEYWORD for p in one.signature()):
        return
    method = getattr(one.owner(_Nobody()), one.method)

    with pytest.raises(ConfigurationError, match=rf"{setting}.*othing was sent") as refused:
        samples.call(one, method, {**samples.arguments(one), setting: SETTINGS[setting]})

    assert KEY not in str(refused.value)


def test_an_endpoint_that_has_such_a_field_gets_it():
    """`base_url` and `query` are body fields of some."""
    found = {(one.name, n) for one in declared() for n in ("base_url", "query") if _takes(one, n)}

    assert found
    for one in declared():
        for name in ("base_url", "query"):
            if _takes(one, name):
                bound = one.endpoint.describe.__get__(one.owner(_Nobody()))
                values = {**samples.arguments(one), name: "https://mine.example"}
                described = samples.call(one, bound, values)
                assert "https://mine.example" in str((described.json, described.query))


class _Sent:
    """A client that notes what it is asked."""

    def perform(self, route: Any, call: Any, /) -> Any:
        del route
        return call


@pytest.mark.parametrize("one", [one for one in declared() if _takes(one, "base_url")], ids=str)
def test_and_by_the_method_that_is_called(one: Declared):
    method = getattr(one.owner(_Sent()), one.method)

    call = samples.call(one, method, {**samples.arguments(one), "base_url": "https://mine.example"})

    assert "https://mine.example" in str(call.json)


@pytest.mark.parametrize("group", RESOURCES)
def test_the_refusal_names_the_method(group: str):
    first = next(one for one in declared() if one.resource == group)
    if not any(p.kind is p.VAR_KEYWORD for p in first.signature()):
        return
    method = getattr(getattr(OpenRouterClient("k"), group), first.method)

    with pytest.raises(ConfigurationError, match=rf"\.{first.method}"):
        samples.call(first, method, {**samples.arguments(first), "api_key": KEY})
