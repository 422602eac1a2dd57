"""Pickles of LlamaIndex objects: no secret in them, no budget lost, and the original stays whole."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import httpx2
import pytest

from llama_index_openrouter import OpenRouter, OpenRouterEmbedding, OpenRouterRerank
from openrouter_core.costs import Budget, CostLedger, CostTracker

KEY = "sk-or-v1-never-in-a-pickle"
HEADERS = {"X-Gateway-Pass": "hunter2", "X-Team": "blue-team"}
PROXY = "http://user:third-secret@proxy.example:1"
SECRETS = (KEY, *HEADERS.values(), "third-secret")
CONNECTION = {"api_key": KEY, "extra_headers": HEADERS, "proxy": PROXY}
MODELS = pytest.mark.parametrize("kind", [OpenRouter, OpenRouterEmbedding, OpenRouterRerank])


def held(thing: Any) -> list[str]:
    """The secrets that a pickle of `thing` holds, whatever the protocol."""
    pickled = b"".join(pickle.dumps(thing, p) for p in range(2, pickle.HIGHEST_PROTOCOL + 1))
    return [secret for secret in SECRETS if secret.encode() in pickled]


# ------------------------------------------------------------------ secrets


@MODELS
@pytest.mark.parametrize("is_used", [False, True], ids=["new", "used"])
def test_no_key_header_or_proxy_is_pickled(
    kind: Any, is_used: bool, monkeypatch: pytest.MonkeyPatch
):
    made = kind("a/b", **CONNECTION)
    if is_used:
        _ = made.client

    assert held(made) == []
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-there")
    again = pickle.loads(pickle.dumps(made))
    assert (again.extra_headers, again.proxy) == (None, None)
    assert again.client.config.key == "sk-or-there"
    assert made.client.config.key == KEY
    assert made.extra_headers == HEADERS


# ------------------------------------------------------------------ connections and observers


@MODELS
@pytest.mark.parametrize(
    "given",
    [{"http_client": httpx2.Client()}, {"async_http_client": httpx2.AsyncClient()}],
    ids=lambda given: next(iter(given)),
)
def test_connections_that_were_passed_in_are_refused(kind: Any, given: Any):
    made = kind("a/b", **CONNECTION, **given)
    before = dict(vars(made))

    with pytest.raises(TypeError, match="An http_client cannot be pickled: it belongs to its"):
        pickle.dumps(made)
    assert vars(made) == before


@MODELS
@pytest.mark.parametrize(
    "observer",
    [Budget(1), Budget(1, ledger=CostLedger()), CostLedger(), CostTracker()],
    ids=["budget", "budget on memory", "ledger", "tracker"],
)
def test_observers_of_this_process_are_refused(kind: Any, observer: Any):
    made = kind("a/b", **CONNECTION, observers=[observer])
    before = dict(vars(made))

    with pytest.raises(TypeError, match="cannot be pickled: it belongs to its process"):
        pickle.dumps(made)
    assert vars(made) == before
    assert made.client._observers == (observer,)


def test_what_llama_index_cannot_pickle_stays_on_the_original(caplog: pytest.LogCaptureFixture):
    """It deletes such fields from the state, which is the object's own `__dict__`."""
    made = OpenRouter("a/b", messages_to_prompt=lambda _messages: "prompt")

    again = pickle.loads(pickle.dumps(made))

    assert "Removing unpickleable attribute messages_to_prompt" in caplog.text
    assert made.messages_to_prompt([]) == "prompt"
    assert again.model == "a/b"


@MODELS
@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy])
def test_copies_share_observers_and_keep_the_key(kind: Any, copier: Any):
    budget, http_client = Budget(1), httpx2.Client()

    twin = copier(kind("a/b", **CONNECTION, observers=[budget], http_client=http_client))

    assert twin.observers == [budget]
    assert twin.http_client is http_client
    assert twin.client.config.key == KEY
