"""Pickles hold no key, no header value and no password, on every Python."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import httpx2
import pytest

import openrouter_core
import openrouter_core.costs
import openrouter_emulator
from openrouter_core import (
    AsyncOpenRouterClient,
    AuthenticationError,
    ClientConfig,
    OpenRouterClient,
    Secret,
)
from openrouter_core.costs import Budget, CostLedger, CostRecord, Labels
from openrouter_emulator import Emulator, HandlerRequest, RecordedRequest

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


# ------------------------------------------------------------------ every public class

CONFIG = ClientConfig.of(KEY, headers=HEADERS, proxy=PROXY)
ROUTE: Any = None
"""Of no interest here."""
MESSAGES = [{"role": "user", "content": "Hi"}]


class Seen:
    """An observer that keeps what it is given."""

    def __init__(self) -> None:
        self.things: list[Any] = []

    def admit(self, intent: Any, /) -> None:
        self.things.append(intent)

    def completed(self, call: Any, _ticket: object, /) -> None:
        self.things.append(call)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """An object of every public class that knows the settings of a client, by its name."""
    ledger = CostLedger(f"sqlite:///{tmp_path_factory.mktemp('pickles') / 'costs.db'}")
    seen = Seen()
    with ledger, Emulator() as emulator, httpx2.Client(headers=HEADERS) as http_client:
        settings: Any = {"base_url": emulator.base_url, "headers": HEADERS}
        sender = OpenRouterClient(
            emulator.api_key, http_client=http_client, observers=[seen], **settings
        )
        client = OpenRouterClient(KEY, proxy=PROXY, observers=[ledger], **settings)
        answer = sender.chat.send(MESSAGES, model="openai/gpt-4o-mini")
        with sender.chat.stream(MESSAGES, model="openai/gpt-4o-mini") as stream:
            chunks = list(stream)
        refused = OpenRouterClient("sk-or-wrong", http_client=http_client, **settings)
        with pytest.raises(AuthenticationError) as failure:
            refused.chat.send(MESSAGES, model="openai/gpt-4o-mini")
        yield {
            "AsyncOpenRouterClient": AsyncOpenRouterClient(KEY, proxy=PROXY, **settings),
            "AuthenticationError": failure.value,
            "Budget": Budget(1, ledger=ledger),
            "CallIntent": seen.things[0],
            "ChatChunk": chunks[0],
            "ChatResult": answer,
            "ClientConfig": CONFIG,
            "CompletedCall": seen.things[1],
            "CostLedger": ledger,
            "CostRecord": CostRecord.of_call(seen.things[1], Labels()),
            "Emulator": emulator,
            "HandlerRequest": HandlerRequest(emulator.state, ROUTE, emulator.last, {}, None),
            "OpenRouterClient": client,
            "RecordedRequest": emulator.last,
            "ReplyInfo": answer.http,
            "Secret": Secret(KEY),
            "Stream": stream,
        }


REFUSED = {"Emulator", "HandlerRequest", "Stream"}
"""Classes that belong to their process; `AsyncStream`, ledgers in memory and others are alike."""
KNOW_NO_SETTINGS = {
    "AsyncStream", "CallObserver", "Charge", "ChatAccumulator", "ChatOptions", "Cost", "CostReconciler",
    "CostTracker", "Cut", "Exchange", "Fault", "Labels", "ModelCatalog", "ModelFacts", "Page", "PendingHold", "Pause",
    "PlannedResponse", "Price", "Raw", "RawAccumulator", "Recording", "Reply", "Table", "Timeouts", "Tokens", "ToolCall", "ToolCalls",
    "Totals", "WireModel",
}  # fmt: skip
"""Classes of what is asked, answered and added up, and those that say in words that they stay."""


def public_classes() -> set[str]:
    return {
        name
        for package in (openrouter_core, openrouter_core.costs, openrouter_emulator)
        for name in package.__all__
        if isinstance(kind := getattr(package, name), type) and not issubclass(kind, Exception)
    }


def test_every_public_class_is_looked_at(made: dict[str, Any]):
    assert public_classes() == (set(made) - {"AuthenticationError"}) | KNOW_NO_SETTINGS


def test_no_pickle_of_a_public_class_holds_a_secret(made: dict[str, Any]):
    secrets = [*SECRETS, made["RecordedRequest"].headers["authorization"].split()[-1]]
    assert len(set(secrets)) == len(SECRETS) + 1

    for name, thing in made.items():
        if name in REFUSED:
            with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
                pickle.dumps(thing)
        else:
            pickled = pickle.dumps(thing)
            assert [s for s in secrets if s.encode() in pickled] == [], name
