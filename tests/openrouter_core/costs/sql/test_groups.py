"""Sums that the database computes are those of a Decimal addition, also for amounts that it cannot add."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openrouter_core.costs import Cost, CostLedger, Labels, Tokens
from openrouter_core.costs.records.memory import MemoryStore
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.records.totals import Filter, GroupKey, Totals, grouped
from openrouter_core.costs.report import summary_of
from tests.openrouter_core.costs.factories import START
from tests.openrouter_core.costs.sql.test_sql_ledger import (  # noqa: F401  # pytest finds fixtures by name
    postgres_url,
    url,
)

sa = pytest.importorskip("sqlalchemy", reason="an SQL ledger needs the extra [ledger]")

from openrouter_core.costs.sql import SqlStore, tables  # noqa: E402  # needs SQLAlchemy
from openrouter_core.costs.sql.engine import _engine  # noqa: E402

KEYS: tuple[GroupKey, ...] = (
    *("model", "answered_model", "provider", "operation", "key_hash", "run", "tag", "session"),
    *("user", "error", "hour", "day", "month"),
)
ODD = "0.0000000000001"  # finer than 10^-12
# Together at most 28 digits: beyond them a sum of Decimals depends on its order.
AMOUNTS = st.one_of(
    st.decimals(-10, 10, places=12),
    st.decimals(0, 1, places=18),
    st.sampled_from(
        ["9223372.036854775807", "9223372.036854775808", "99999999", ODD, "0E-40", "-0.5"]
    ),
).map(Decimal)
NAMES = st.sampled_from([None, "", "a/one", "a/one-20260101", 'b"two', "%_\\", "模型"])


@st.composite
def records(draw: st.DrawFn) -> CostRecord:
    charged, upstream = (draw(st.none() | AMOUNTS) for _ in range(2))
    tokens = Tokens(*(draw(st.none() | st.integers(0, 10**6)) for _ in range(4)))
    discount = draw(st.none() | AMOUNTS)
    response = Cost(
        charged, upstream, cache_discount=discount, is_byok=draw(st.booleans()), tokens=tokens
    )
    tags = tuple(dict.fromkeys(draw(st.lists(st.sampled_from(['x"', "y%", "z"]), max_size=2))))
    return CostRecord(
        id=f"gen-{draw(st.uuids())}",
        at=START + timedelta(minutes=draw(st.integers(-50_000, 50_000))),
        operation=draw(st.sampled_from(["sendChatCompletionRequest", "createEmbeddings"])),
        outcome=draw(st.sampled_from(["ok", "error", "interrupted"])),
        error=draw(st.sampled_from([None, "RateLimitError"])),
        requested_model=draw(NAMES),
        model=draw(NAMES),
        provider=draw(NAMES),
        labels=Labels(draw(NAMES), tags, draw(NAMES), draw(NAMES)),
        latency_s=draw(st.none() | st.floats(0, 9)),
        lookup=draw(st.sampled_from(["none", "pending", "found"])),
        response=draw(st.sampled_from([None, response])),
    )


def stored(store: Any, made: list[CostRecord]) -> Any:
    for record in made:
        store.put(record)
    return store


def exact(groups: dict[tuple[str, ...], Totals]) -> dict[tuple[str, ...], Totals]:
    """Without groups of nothing."""
    return {name: totals for name, totals in groups.items() if totals.calls}


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(made=st.lists(records(), max_size=12))
def test_a_database_adds_as_decimals_do(url, made):  # noqa: F811  # the fixture
    store = stored(SqlStore(url), made)
    try:
        for wanted in (Filter(), Filter(tag='x"'), Filter(model="a/one"), Filter(outcome="ok")):
            found = list(filter(wanted.accepts, kept(store)))
            for keys in (*((key,) for key in KEYS), ("day", "model"), ("tag", "model"), ()):
                assert exact(store.grouped(wanted, *keys)) == grouped(found, keys), (wanted, keys)
            assert store.totals(wanted) == Totals.of(found)
    finally:
        store.close()
        emptied(url)


def kept(store: SqlStore) -> list[CostRecord]:
    return list(store.select(Filter()))


def emptied(url: str) -> None:  # noqa: F811  # the address
    engine = _engine(sa.make_url(url))
    with engine.begin() as db:
        db.execute(tables.calls.delete())
    engine.dispose()


@pytest.mark.parametrize(
    ("usd", "pico"),
    [
        (None, None),
        ("0", 0),
        ("0E-1000000", 0),
        ("0.00000034", 340_000),
        ("-0.000000000001", -1),
        ("9223372.036854775807", 2**63 - 1),
        ("9223372.036854775808", None),
        ("-9223372.036854775807", 1 - 2**63),
        ("1E+1000000", None),
        (ODD, None),
        ("1.0000000000001", None),
        ("1E-1000000", None),
        ("NaN", None),
        ("Infinity", None),
    ],
)
def test_an_amount_as_a_whole_number(usd, pico):
    assert tables.pico_of(None if usd is None else Decimal(usd)) == pico


def test_sums_beyond_64_bits_are_sums(url):  # noqa: F811  # the fixture
    largest = Decimal(2**63 - 1) / tables.PICO
    with CostLedger(url, reconcile="none") as ledger:
        for n in range(3):
            ledger.book(CostRecord(f"gen-{n}", START, "x", response=Cost(largest)))

        assert ledger.totals().charged == 3 * largest


def test_a_file_of_the_version_before_gets_its_whole_numbers_once(url):  # noqa: F811  # the fixture
    amounts = [Decimal("0.25"), Decimal(ODD), None, Decimal("-0.5")]
    with CostLedger(url, reconcile="none") as ledger:
        for n, usd in enumerate(amounts):
            ledger.book(CostRecord(f"gen-{n}", START, "x", response=Cost(usd)))
    as_version_5(url)

    tables_before = _engine(sa.make_url(url))
    with tables_before.connect() as db:  # and the power fails before the end
        tables._add_pico(db)
        db.rollback()
    assert "charged_pico" not in columns(tables_before)
    tables_before.dispose()

    with CostLedger(url, reconcile="none") as ledger:
        assert ledger.totals().charged == Decimal("-0.25") + Decimal(ODD)
    engine = _engine(sa.make_url(url))
    with engine.connect() as db:
        found = db.scalars(sa.select(tables.calls.c.charged_pico).order_by(tables.calls.c.id)).all()
    engine.dispose()
    assert found == [25 * 10**10, None, None, -5 * 10**11]


def columns(engine: Any) -> set[str]:
    return {column["name"] for column in sa.inspect(engine).get_columns("openrouter_calls")}


def as_version_5(url: str) -> None:  # noqa: F811  # the address
    engine = _engine(sa.make_url(url))
    with engine.begin() as db:
        db.execute(sa.text("DROP INDEX IF EXISTS ix_openrouter_calls_figures"))
        for name in tables.MONEY:
            db.execute(sa.text(f"ALTER TABLE openrouter_calls DROP COLUMN {name}_pico"))
        db.execute(tables._schema.update().values(version=5))
    engine.dispose()


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(made=st.lists(records(), max_size=12))
def test_a_report_of_a_database_is_that_of_a_ledger_in_memory(url, made):  # noqa: F811  # the fixture
    with CostLedger(url, reconcile="none") as ledger:
        stored(ledger.store, made)
        from_database = summary_of(ledger)
        read = kept(ledger.store)
    emptied(url)
    in_memory = CostLedger(reconcile="none")
    in_memory._store = stored(MemoryStore(), read)

    assert from_database == summary_of(in_memory)


def test_a_call_with_one_fine_amount_is_listed_once_among_the_most_expensive(url):  # noqa: F811  # the fixture
    with CostLedger(url, reconcile="none") as ledger:
        cost = Cost(Decimal(1), cache_discount=Decimal(ODD))
        ledger.book(CostRecord("gen-1", START, "x", response=cost))

        assert [record.id for record in summary_of(ledger).most_expensive] == ["gen-1"]
