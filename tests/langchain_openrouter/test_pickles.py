"""Pickles of LangChain objects: no secret in them, and no budget lost on the way."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import traceback
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import joblib
import pytest

import langchain_openrouter
from langchain_openrouter import (
    ChatOpenRouter,
    OpenRouterEmbeddings,
    OpenRouterImageTool,
    OpenRouterRerank,
)
from openrouter_core import BudgetExceededError, OpenRouterClient
from openrouter_core.costs import Budget, CostLedger, CostTracker
from openrouter_emulator import Emulator

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


# ------------------------------------------------------------------ other processes


def no_price(_model: str) -> None:
    """A price list without prices."""


def ask(model: ChatOpenRouter, _number: int = 0) -> bool:
    """Call; return whether the budget refused."""
    try:
        model.invoke("Where?")
    except BudgetExceededError:
        return True
    return False


def by_spawn(model: ChatOpenRouter) -> list[bool]:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        return pool.map(partial(ask, model), range(12), chunksize=1)


def by_joblib(model: ChatOpenRouter) -> list[bool]:
    try:
        return joblib.Parallel(n_jobs=2)(joblib.delayed(ask)(model, n) for n in range(12))
    finally:
        joblib.externals.loky.get_reusable_executor().shutdown(wait=True)


@pytest.fixture
def there(openrouter_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> str:
    """The emulator's address; its key is in the environment of the other processes too."""
    monkeypatch.setenv("OPENROUTER_API_KEY", openrouter_emulator.api_key)
    return openrouter_emulator.base_url


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[CostLedger]:
    with CostLedger(f"sqlite:///{tmp_path / 'costs.db'}", reconcile="none") as made:
        yield made


@pytest.mark.timeout(300)  # each worker imports the framework, on a busy machine slowly
@pytest.mark.parametrize("run", [by_spawn, by_joblib])
def test_a_budget_and_a_ledger_hold_in_other_processes(run: Any, there: str, ledger: CostLedger):
    budget = Budget("0.03", ledger=ledger, reserve_usd="0.006", price_of=no_price)
    model = ChatOpenRouter(
        model="perplexity/sonar", base_url=there, observers=[budget, ledger], max_retries=0
    )

    refused = sum(run(model))

    assert refused > 0
    assert ledger.totals().calls == 12 - refused
    assert budget.spent_usd() == ledger.totals().total <= Decimal("0.03")


@pytest.mark.parametrize("run", [by_spawn, by_joblib])
def test_a_budget_in_memory_is_refused_with_a_sentence(run: Any, there: str):
    model = ChatOpenRouter(model="a/b", base_url=there, observers=[Budget(1)])

    with pytest.raises((TypeError, pickle.PicklingError)) as refused:
        run(model)
    shown = "".join(traceback.format_exception(refused.value))  # joblib wraps it
    assert "A Budget cannot be pickled: it belongs to its process. Make one in each" in shown


# ------------------------------------------------------------------ every public class


WITH_SECRETS: dict[str, Callable[[CostLedger], Any]] = {
    "BudgetMiddleware": lambda _: langchain_openrouter.BudgetMiddleware(1),
    "ChatOpenRouter": lambda ledger: CHAT(**CONNECTION, extra_headers=HEADERS, observers=[ledger]),
    "OpenRouterCostCallback": lambda ledger: langchain_openrouter.OpenRouterCostCallback(
        ledger=ledger, config=CHAT(**CONNECTION).client_config()
    ),
    "OpenRouterEmbeddings": lambda _: EMBEDDINGS(**CONNECTION),
    "OpenRouterFallbackMiddleware": lambda _: langchain_openrouter.OpenRouterFallbackMiddleware(
        ["c/d"]
    ),
    "OpenRouterImageTool": lambda _: IMAGES(**CONNECTION),
    "OpenRouterPromptCachingMiddleware": lambda _: (
        langchain_openrouter.OpenRouterPromptCachingMiddleware()
    ),
    "OpenRouterRerank": lambda _: RERANK(**CONNECTION),
}
REFUSED = {"BudgetMiddleware"}


def test_every_public_class_is_looked_at():
    names = {
        n
        for n in langchain_openrouter.__all__
        if isinstance(getattr(langchain_openrouter, n), type)
    }

    assert names == set(WITH_SECRETS)


@pytest.mark.parametrize("name", sorted(WITH_SECRETS))
def test_no_pickle_of_a_public_class_holds_a_secret(name: str, ledger: CostLedger):
    made = WITH_SECRETS[name](ledger)

    if name in REFUSED:
        with pytest.raises(TypeError, match="cannot be pickled: it belongs to its process"):
            pickle.dumps(made)
    else:
        assert held(made) == []
