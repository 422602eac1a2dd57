"""Pickles of LangChain objects: no secret in them, and no budget lost on the way."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import httpx2
import pytest

from langchain_openrouter import (
    ChatOpenRouter,
    OpenRouterEmbeddings,
    OpenRouterImageTool,
    OpenRouterRerank,
)
from openrouter_core import OpenRouterClient
from openrouter_core.costs import Budget, CostLedger, CostTracker

KEY = "sk-or-v1-never-in-a-pickle"
HEADERS = {"X-Gateway-Pass": "hunter2", "X-Team": "blue-team"}
PROXY = "http://user:third-secret@proxy.example:1"
SECRETS = (KEY, *HEADERS.values(), "third-secret")
CONNECTION = {"api_key": KEY, "default_headers": HEADERS, "proxy": PROXY}

CHAT: Any = lambda **more: ChatOpenRouter(model="a/b", **{"api_key": KEY, **more})  # noqa: E731
EMBEDDINGS: Any = lambda **more: OpenRouterEmbeddings(model="a/b", **{"api_key": KEY, **more})  # noqa: E731
RERANK: Any = lambda **more: OpenRouterRerank(model="a/b", **{"api_key": KEY, **more})  # noqa: E731
IMAGES: Any = lambda **more: OpenRouterImageTool(model="a/b", **{"api_key": KEY, **more})  # noqa: E731
MODELS = pytest.mark.parametrize(
    "make", [CHAT, EMBEDDINGS, RERANK, IMAGES], ids=["chat", "embeddings", "rerank", "images"]
)


def held(thing: Any) -> list[str]:
    """The secrets that a pickle of `thing` holds, whatever the protocol."""
    pickled = b"".join(pickle.dumps(thing, p) for p in range(2, pickle.HIGHEST_PROTOCOL + 1))
    return [secret for secret in SECRETS if secret.encode() in pickled]


# ------------------------------------------------------------------ secrets


@MODELS
def test_no_key_header_or_proxy_is_pickled(make: Any, monkeypatch: pytest.MonkeyPatch):
    made = make(**CONNECTION)
    made._sync()

    assert held(made) == []
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-there")
    again = pickle.loads(pickle.dumps(made))
    assert (again.default_headers, again.proxy) == (None, None)
    assert again._sync().config.key == "sk-or-there"
    assert made._sync().config.key == KEY


def test_headers_of_the_chat_model_s_calls_are_not_pickled():
    made = CHAT(**CONNECTION, extra_headers=HEADERS)

    assert held(made) == []
    assert pickle.loads(pickle.dumps(made)).extra_headers is None
    assert made.extra_headers == HEADERS


# ------------------------------------------------------------------ connections and observers


@MODELS
@pytest.mark.parametrize(
    "given",
    [
        {"http_client": httpx2.Client()},
        {"http_async_client": httpx2.AsyncClient()},
        {"client": OpenRouterClient(KEY, http_client=httpx2.Client())},
    ],
    ids=lambda given: next(iter(given)),
)
def test_connections_that_were_passed_in_are_refused(make: Any, given: Any):
    made = make(**given)

    with pytest.raises(TypeError, match="An http_client cannot be pickled: it belongs to its"):
        pickle.dumps(made)


@MODELS
def test_a_client_that_was_passed_in_goes_along(make: Any):
    made = make(client=OpenRouterClient(KEY, base_url="https://gateway.example/v1"))

    again = pickle.loads(pickle.dumps(made))

    assert held(made) == []
    assert again.client.config.base_url == "https://gateway.example/v1"


@MODELS
@pytest.mark.parametrize(
    "observer",
    [Budget(1), Budget(1, ledger=CostLedger()), CostLedger(), CostTracker()],
    ids=["budget", "budget on memory", "ledger", "tracker"],
)
def test_observers_of_this_process_are_refused(make: Any, observer: Any):
    made = make(observers=[observer])

    with pytest.raises(TypeError, match="cannot be pickled: it belongs to its process"):
        pickle.dumps(made)
    assert list(made.observers) == [observer]


@MODELS
@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy])
def test_copies_share_observers_and_keep_the_key(make: Any, copier: Any):
    budget, http_client = Budget(1), httpx2.Client()

    twin = copier(make(**CONNECTION, observers=[budget], http_client=http_client))

    assert list(twin.observers) == [budget]
    assert twin.http_client is http_client
    assert twin.client_config().key == KEY
