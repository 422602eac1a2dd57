"""Pickles hold no key, no header value and no password, on every Python."""

from __future__ import annotations

import dataclasses
import pickle
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import httpx2
import pytest

import openrouter_core
import openrouter_emulator
from openrouter_core import AsyncOpenRouterClient, ClientConfig, OpenRouterClient
from openrouter_emulator import RecordedRequest

KEY = "sk-or-v1-never-in-a-pickle"
HEADERS = {"X-Gateway-Pass": "hunter2", "X-Team": "blue-team"}
PROXY = "http://user:third-secret@proxy.example:1"
SECRETS = (KEY, *HEADERS.values(), "third-secret")


def held(thing: Any) -> list[str]:
    """The secrets that a pickle of `thing` holds, whatever the protocol."""
    pickled = b"".join(pickle.dumps(thing, p) for p in range(pickle.HIGHEST_PROTOCOL + 1))
    return [secret for secret in SECRETS if secret.encode() in pickled]


def test_settings_leave_their_secrets_out():
    config = ClientConfig.of(KEY, headers=HEADERS, proxy=PROXY, app_title="App", max_retries=7)

    again = pickle.loads(pickle.dumps(config))

    assert held(config) == []
    assert (again.app_title, again.max_retries) == ("App", 7)
    assert (again.api_key, again.headers, again.proxy) == (None, (), None)
    assert config.key == KEY


@pytest.mark.parametrize("kind", [OpenRouterClient, AsyncOpenRouterClient])
def test_clients_leave_their_secrets_out(kind: Any):
    client = kind(KEY, headers=HEADERS, proxy=PROXY, max_retries=7)

    assert held(client) == []
    assert pickle.loads(pickle.dumps(client)).config.max_retries == 7


@pytest.mark.parametrize(
    ("kind", "http_client"),
    [(OpenRouterClient, httpx2.Client), (AsyncOpenRouterClient, httpx2.AsyncClient)],
)
def test_a_client_that_was_given_connections_says_why_it_cannot_be_pickled(
    kind: Any, http_client: Any
):
    """A copy without them would go around the gateway that they lead through."""
    client = kind(KEY, http_client=http_client())

    with pytest.raises(TypeError, match="An http_client cannot be pickled: it belongs to its"):
        pickle.dumps(client)


def test_a_request_that_the_emulator_saw_leaves_its_headers_out():
    seen = RecordedRequest("POST", "/x", {"a": "b"}, {"authorization": f"Bearer {KEY}"}, b"{}")

    assert held(seen) == []
    assert pickle.loads(pickle.dumps(seen)).query == {"a": "b"}


# ------------------------------------------------------------------ the kind


def modules() -> list[Any]:
    """Every module of the core and the emulator but the commands."""
    names = [
        found.name
        for package in (openrouter_core, openrouter_emulator)
        for found in walk_packages(package.__path__, f"{package.__name__}.")
    ]
    return [import_module(n) for n in names if not n.endswith("__main__")]


def test_no_frozen_dataclass_with_slots_counts_on_its_getstate():
    """Python 3.11.0 to 3.11.3 overwrite it: such a class needs `__reduce__`."""
    standard = getattr(dataclasses, "_dataclass_getstate")  # noqa: B009  # typeshed lacks it
    frozen = {
        value
        for module in modules()
        for value in vars(module).values()
        if isinstance(value, type)
        and dataclasses.is_dataclass(value)
        and "__slots__" in vars(value)
        and value.__dataclass_params__.frozen  # type: ignore[attr-defined]  # typeshed lacks it
    }

    assert ClientConfig in frozen
    assert {
        kind for kind in frozen if vars(kind).get("__getstate__", standard) is not standard
    } == set()
