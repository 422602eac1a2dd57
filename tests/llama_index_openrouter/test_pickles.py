"""Pickles of LlamaIndex objects: no secret in them, no budget lost, and the original stays whole."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from llama_index.core.extractors import TitleExtractor
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import TextNode

import llama_index_openrouter
from llama_index_openrouter import (
    OpenRouter,
    OpenRouterCostCallback,
    OpenRouterCostHandler,
    OpenRouterEmbedding,
    OpenRouterRerank,
    WireBlock,
)
from openrouter_core import BudgetExceededError
from openrouter_core.costs import Budget, CostLedger, CostTracker
from openrouter_emulator import Emulator

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


@pytest.mark.parametrize(
    "refused",
    [{"observers": [CostLedger()]}, {"http_client": httpx2.Client()}],
    ids=["observer", "http_client"],
)
def test_a_container_of_llama_index_drops_a_model_that_is_refused_with_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture, refused: Any
):
    """As docs/llama_index.md says; the refusal itself is caught there. The model stays whole."""
    llm = OpenRouter("a/b", api_key=KEY, **refused)
    pickle.dumps(TitleExtractor(llm=llm))

    assert "Removing unpickleable attribute llm" in caplog.text
    assert llm.client.config.key == KEY
    assert KEY not in caplog.text


@MODELS
@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy])
def test_copies_share_observers_and_keep_the_key(kind: Any, copier: Any):
    budget, http_client = Budget(1), httpx2.Client()

    twin = copier(kind("a/b", **CONNECTION, observers=[budget], http_client=http_client))

    assert twin.observers == [budget]
    assert twin.http_client is http_client
    assert twin.client.config.key == KEY


# ------------------------------------------------------------------ other processes


def no_price(_model: str) -> None:
    """A price list without prices."""


def ask(model: OpenRouter, _number: int) -> bool:
    """Call; return whether the budget refused."""
    try:
        model.complete("Where?")
    except BudgetExceededError:
        return True
    return False


@pytest.fixture
def there(openrouter_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Settings for the emulator; its key is in the environment of the other processes too."""
    monkeypatch.setenv("OPENROUTER_API_KEY", openrouter_emulator.api_key)
    return {"api_base": openrouter_emulator.base_url, "max_retries": 0}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[CostLedger]:
    with CostLedger(f"sqlite:///{tmp_path / 'costs.db'}", reconcile="none") as made:
        yield made


@pytest.mark.timeout(300)  # each worker imports the framework, on a busy machine slowly
def test_a_budget_and_a_ledger_hold_in_the_processes_of_a_pool(
    ledger: CostLedger, there: dict[str, Any]
):
    budget = Budget("0.03", ledger=ledger, reserve_usd="0.006", price_of=no_price)
    model = OpenRouter("perplexity/sonar", observers=[budget, ledger], **there)

    with multiprocessing.get_context("spawn").Pool(2) as pool:
        refused = sum(pool.map(partial(ask, model), range(12), chunksize=1))

    assert refused > 0
    assert ledger.totals().calls == 12 - refused
    assert budget.spent_usd() == ledger.totals().total <= Decimal("0.03")
    assert model.observers == [budget, ledger]


@pytest.mark.timeout(300)  # each worker imports the framework, on a busy machine slowly
def test_an_ingestion_with_two_workers_books_every_call(ledger: CostLedger, there: dict[str, Any]):
    budget = Budget(1, ledger=ledger, price_of=no_price)
    embed = OpenRouterEmbedding(
        "openai/text-embedding-3-small", embed_batch_size=5, observers=[budget, ledger], **there
    )
    nodes = [TextNode(text=f"Otter {n}") for n in range(20)]

    done = IngestionPipeline(transformations=[embed]).run(nodes=nodes, num_workers=2)

    assert all(node.embedding for node in done)
    assert ledger.totals().calls == 4
    assert budget.spent_usd() == ledger.totals().total > 0
    assert embed.get_query_embedding("Otters?")  # the original is whole
    assert ledger.totals().calls == 5


def test_an_ingestion_on_a_budget_in_memory_is_refused_with_a_sentence(there: dict[str, Any]):
    embed = OpenRouterEmbedding("a/b", observers=[Budget(1)], **there)

    with pytest.raises(TypeError, match="A Budget cannot be pickled: it belongs to its process"):
        IngestionPipeline(transformations=[embed]).run(
            nodes=[TextNode(text="Otter"), TextNode(text="Beaver")], num_workers=2
        )
    assert len(embed.observers or []) == 1


@pytest.mark.timeout(300)  # each worker imports the framework, on a busy machine slowly
def test_an_ingestion_past_its_budget_is_refused(ledger: CostLedger, there: dict[str, Any]):
    budget = Budget("0.001", ledger=ledger, reserve_usd="0.01", price_of=no_price)
    embed = OpenRouterEmbedding("openai/text-embedding-3-small", observers=[budget], **there)

    with pytest.raises(BudgetExceededError, match="Nothing was sent"):
        IngestionPipeline(transformations=[embed]).run(
            nodes=[TextNode(text="Otter"), TextNode(text="Beaver")], num_workers=2
        )


# ------------------------------------------------------------------ every public class

WITH_SECRETS: dict[str, Callable[[CostLedger], Any]] = {
    "OpenRouter": lambda ledger: OpenRouter("a/b", **CONNECTION, observers=[ledger]),
    "OpenRouterCostCallback": lambda ledger: OpenRouterCostCallback(ledger=ledger),
    "OpenRouterCostHandler": lambda ledger: OpenRouterCostHandler(ledger=ledger),
    "OpenRouterEmbedding": lambda ledger: OpenRouterEmbedding(
        "a/b", **CONNECTION, observers=[ledger]
    ),
    "OpenRouterRerank": lambda ledger: OpenRouterRerank("a/b", **CONNECTION, observers=[ledger]),
    "WireBlock": lambda _: WireBlock({"type": "text", "text": "x"}),
}


def test_every_public_class_is_looked_at():
    public = llama_index_openrouter.__all__

    assert set(WITH_SECRETS) == {
        name for name in public if isinstance(getattr(llama_index_openrouter, name), type)
    }


@pytest.mark.parametrize("name", sorted(WITH_SECRETS))
def test_no_pickle_of_a_public_class_holds_a_secret(name: str, ledger: CostLedger):
    assert held(WITH_SECRETS[name](ledger)) == []
