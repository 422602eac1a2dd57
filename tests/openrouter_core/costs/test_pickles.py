"""Ledgers and budgets in other processes: the same book and the same limit, and no password on the way."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from openrouter_core import OpenRouterClient
from openrouter_core.costs import Budget, CostLedger, CostReconciler, CostTracker
from openrouter_core.costs.sql import reopen
from openrouter_core.costs.sql.reopen import Address, address_of
from openrouter_core.errors import BudgetExceededError, ConfigurationError
from openrouter_emulator import Emulator
from tests.openrouter_core.costs import postgres
from tests.openrouter_core.costs.factories import call

PASSWORD = "hunter2"
MODEL = "perplexity/sonar"
"""Takes 0.005 USD a request and a little for tokens."""
spawn = multiprocessing.get_context("spawn")


@pytest.fixture(autouse=True)
def _no_database_is_open(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in another process."""
    stores: dict[Any, Any] = {}
    monkeypatch.setattr(reopen, "_stores", stores)
    yield
    for open_one in (*stores.values(), *_opened):
        open_one.close()
    _opened.clear()


_opened: list[CostLedger] = []


def opened(url: str, **settings: Any) -> CostLedger:
    """A ledger that is closed at the end of its test."""
    _opened.append(CostLedger(url, **settings))
    return _opened[-1]


def through_pickle(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'costs.db'}"


def client_of(emulator: Emulator, *observers: Any) -> OpenRouterClient:
    return OpenRouterClient(
        emulator.api_key, base_url=emulator.base_url, observers=observers, max_retries=0
    )


def ask(client: OpenRouterClient, _number: int = 0) -> str:
    return client.chat.send([{"role": "user", "content": "Where?"}], model=MODEL).text


def ask_and_die(client: OpenRouterClient) -> None:
    ask(client)
    os.kill(os.getpid(), signal.SIGKILL)


# ------------------------------------------------------------------ the address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (
            f"postgresql+psycopg://ann:{PASSWORD}@db.example:5433/costs?sslmode=require",
            ("postgresql+psycopg://ann@db.example:5433/costs?sslmode=require", True),
        ),
        (
            f"mysql+pymysql://ann:{PASSWORD}@db.example/costs?charset=utf8mb4",
            ("mysql+pymysql://ann@db.example/costs?charset=utf8mb4", True),
        ),
        ("postgresql://db.example/costs", ("postgresql://db.example/costs", False)),
        ("sqlite:////var/costs.db", ("sqlite:////var/costs.db", False)),
    ],
)
def test_an_address_is_the_url_without_its_password(url: str, address: Address):
    assert address_of(sa.make_url(url)) == address


@pytest.mark.parametrize("name", ["password", "sslpassword", "odbc_connect", "some_new_token"])
def test_parameters_that_may_hold_a_password_are_refused(name: str):
    with pytest.raises(TypeError, match=f"the parameter '{name}' in its URL cannot be pickled"):
        address_of(sa.make_url(f"postgresql://db.example/costs?{name}={PASSWORD}"))


def test_the_refusal_does_not_quote_the_password():
    with pytest.raises(TypeError) as refused:
        address_of(sa.make_url(f"postgresql://db.example/costs?password={PASSWORD}"))

    assert PASSWORD not in str(refused.value)


# ------------------------------------------------------------------ ledgers


def test_a_ledger_comes_back_as_the_same_book(url: str):
    ledger = opened(url, reconcile="none")
    ledger.completed(call("gen-1", cost=1), None)
    twin = through_pickle(ledger)

    twin.completed(call("gen-2", cost=2), twin.admit(None))

    assert twin.reconcile == "none"
    assert ledger.totals().total == twin.totals().total == 3


def test_the_file_is_the_same_after_a_change_of_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    ledger = opened("sqlite:///costs.db", reconcile="none")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    through_pickle(ledger).completed(call(cost=1), None)

    assert ledger.totals().total == 1
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_was_booked_is_written_when_the_call_returns(url: str):
    twin = through_pickle(opened(url, reconcile="none"))

    twin.completed(call(cost=1), None)

    with closing(sqlite3.connect(sa.make_url(url).database or "")) as db:
        assert db.execute("SELECT count(*) FROM openrouter_calls").fetchone() == (1,)


def test_a_process_opens_a_database_once(url: str):
    one, other = through_pickle(opened(url)), through_pickle(opened(url))

    assert one.store is other.store
    with one:
        pass
    other.completed(call(cost=1), None)
    assert one.totals().calls == 1


def test_a_ledger_that_was_never_opened_can_be_pickled_on(url: str):
    twin = through_pickle(through_pickle(opened(url, reconcile="none")))

    twin.completed(call(cost=1), None)
    assert opened(url).totals().total == 1


def test_a_file_that_is_not_here_refuses_the_call(tmp_path: Path, emulator: Emulator):
    path = tmp_path / "costs.db"
    client = through_pickle(client_of(emulator, opened(f"sqlite:///{path}")))
    path.unlink()
    before = len(emulator.requests)

    with pytest.raises(ConfigurationError, match=r"costs\.db is not on this machine"):
        ask(client)
    assert len(emulator.requests) == before
    assert not path.exists()


@pytest.mark.parametrize(
    "make",
    [
        lambda url: opened(url, reconciler=CostReconciler()),
        lambda url: Budget(1, ledger=opened(url), reconciler=CostReconciler()),
        lambda url: Budget(1, per="process", ledger=opened(url)),
        lambda _: Budget(1, ledger=CostLedger()),
        lambda url: CostTracker(ledger=opened(url)),
    ],
    ids=["ledger's reconciler", "budget's reconciler", "per process", "in memory", "tracker"],
)
def test_what_cannot_be_opened_elsewhere_is_refused(url: str, make: Any):
    with pytest.raises(TypeError, match="cannot be pickled: it belongs to its process"):
        pickle.dumps(make(url))


# ------------------------------------------------------------------ passwords


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    if (reason := postgres.why_not()) is not None:
        pytest.skip(reason)
    with postgres.server(password=PASSWORD) as url:
        yield url


@pytest.fixture
def pickled(database: str) -> bytes:
    with CostLedger(database, reconcile="none") as ledger:
        return pickle.dumps(ledger)


def test_the_password_stays_behind(database: str, pickled: bytes):
    assert PASSWORD in database
    assert PASSWORD.encode() not in pickled


def test_without_the_password_the_call_is_refused(pickled: bytes, emulator: Emulator):
    client = client_of(emulator, pickle.loads(pickled))
    before = len(emulator.requests)

    with pytest.raises(ConfigurationError, match="set OPENROUTER_LEDGER_PASSWORD") as refused:
        ask(client)
    assert PASSWORD not in str(refused.value)
    assert len(emulator.requests) == before


@pytest.mark.parametrize("name", ["OPENROUTER_LEDGER_PASSWORD", "PGPASSWORD"])
def test_the_password_comes_from_the_environment(
    database: str, pickled: bytes, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(name, PASSWORD)
    twin = pickle.loads(pickled)

    twin.completed(call(name, cost=1), None)

    with CostLedger(database) as ledger:
        assert ledger.get(name) is not None


def test_a_budget_holds_in_other_processes(
    database: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    refused = spent_by_a_pool(database, emulator)

    assert PASSWORD in database
    assert refused > 0


# ------------------------------------------------------------------ other processes


def refused_or_not(client: OpenRouterClient, _number: int) -> bool:
    try:
        ask(client)
    except BudgetExceededError:
        return True
    return False


def spent_by_a_pool(url: str, emulator: Emulator) -> int:
    """Let two workers call twenty times on a budget for a few; return how many calls were refused."""
    ledger = opened(url, reconcile="none")
    budget = Budget("0.03", ledger=ledger, reserve_usd="0.006", price_of=no_price, name="pool")
    client = client_of(emulator, budget, ledger)
    before = ledger.totals()
    with spawn.Pool(2) as pool:
        refused = sum(pool.map(partial(refused_or_not, client), range(20), chunksize=1))
    after = ledger.totals()
    spent_usd = budget.spent_usd()

    assert after.calls - before.calls == 20 - refused
    assert 0 < spent_usd <= Decimal("0.03")
    assert after.total - before.total == spent_usd
    return refused


def no_price(_model: str) -> None:
    """A price list without prices."""


@pytest.fixture(autouse=True)
def _key(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", emulator.api_key)


def test_the_workers_of_a_pool_share_one_budget_and_book_every_call(url: str, emulator: Emulator):
    """The budget is per run, and calls without a run are one run of this very budget."""
    assert spent_by_a_pool(url, emulator) > 0


def test_a_process_that_is_killed_has_booked_its_call(url: str, emulator: Emulator):
    ledger = opened(url, reconcile="none")
    worker = spawn.Process(target=ask_and_die, args=(client_of(emulator, ledger),))

    worker.start()
    worker.join(60)

    assert worker.exitcode == -signal.SIGKILL
    assert ledger.totals().calls == 1


def test_a_pool_gets_the_sentence_of_a_ledger_that_cannot_be_opened(
    tmp_path: Path, emulator: Emulator
):
    """A pool whose work cannot even be read would wait for ever."""
    path = tmp_path / "costs.db"
    client = client_of(emulator, opened(f"sqlite:///{path}"))
    pickle.dumps(client)
    path.unlink()

    with spawn.Pool(1) as pool, pytest.raises(ConfigurationError, match="not on this machine"):
        pool.apply_async(ask, (client,)).get(60)
