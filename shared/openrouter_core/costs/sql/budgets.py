"""What is spent and held back, in the database: budgets that many processes share. Needs SQLAlchemy.

Reserving asks the database while the call waits, and locks the scope's row, so two processes never decide
on the same state; a database that cannot be asked refuses the call. Whatever happens to a hold later is
queued and written like a record. A hold counts until somebody says what its call cost: while the process
lives it is renewed, and when it expires it counts as spent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from openrouter_core.costs.budget.store import (
    BudgetState,
    PendingHold,
    grouped_holds,
)
from openrouter_core.costs.records.totals import BudgetLine
from openrouter_core.costs.sql.database import Database
from openrouter_core.costs.sql.tables import budgets, holds
from openrouter_core.costs.sql.writer import PatientWriter
from openrouter_core.errors import BudgetExceededError, ConfigurationError

HOLD_LASTS = timedelta(minutes=15)
"""A hold that was not renewed for so long counts as spent: its process has died."""
JOB_LASTS = timedelta(hours=25)
"""The same for the hold of a job, which nobody renews: a batch may take a day."""
_MANY = 500


@dataclass(frozen=True, slots=True)
class _Change:
    """What happens to a hold after its call was sent; `id` is the hold's."""

    id: str
    apply: Callable[[sa.Connection], object]


class SqlBudgetStore:
    """BudgetStore in a database. See `BudgetStore`."""

    is_shared = True

    def __init__(self, database: Database, *, writes_through: bool = False) -> None:
        self._database = database
        self._writer = PatientWriter[_Change](
            self._write,
            "budget entries",
            tick=self._renew,
            tick_s=_renewed_every_s,
            writes_through=writes_through,
        )
        self.reset()

    def reset(self) -> None:
        """Know of no call under way. Runs after a fork too: they are the parent's."""
        self._under_way: set[str] = set()
        self._renewed_s = time.monotonic()

    def reserve(
        self,
        scope: str,
        hold: str,
        amount: Decimal,
        limit: Decimal,
        opening: Callable[[], Decimal],
        run: str | None = None,
    ) -> BudgetState:
        try:
            self._writer.flush()
            found = self._reserve(scope, hold, amount, limit, run)
            if found is None:
                self._open(scope, opening())
                found = self._reserve(scope, hold, amount, limit, run)
        except (exc.SQLAlchemyError, ConfigurationError, TimeoutError) as error:
            raise BudgetExceededError(
                f"The budget cannot be checked: its database failed ({type(error).__name__}). "
                "Nothing was sent."
            ) from error
        assert found is not None, "the row was just made"
        if found.is_granted:
            self._follow(hold)
        return found

    def hold(self, scope: str, hold: str, amount: Decimal, run: str | None = None) -> None:
        row = _row(scope, hold, amount, run)
        self._follow(hold)
        self._change(hold, lambda db: db.execute(holds.insert().values(row)))

    def settle(self, scope: str, hold: str, spent: Decimal) -> None:
        self._under_way.discard(hold)
        self._change(hold, lambda db: _replace(db, scope, hold, spent))

    def keep(self, job_id: str, hold: str, scopes: Sequence[str]) -> None:  # noqa: ARG002  # its rows
        self._under_way.discard(hold)
        kept = {"job_id": job_id, "expires_at": datetime.now(UTC) + JOB_LASTS}
        self._change(
            hold, lambda db: db.execute(holds.update().where(holds.c.hold == hold).values(kept))
        )

    def look_up(self, hold: str, generation_id: str) -> None:
        noted = holds.update().where(holds.c.hold == hold).values(generation_id=generation_id)
        self._change(hold, lambda db: db.execute(noted))

    def settle_job(
        self, job_id: str, budget: str, spent: Decimal, *, is_known: bool = True
    ) -> None:
        def settle(db: sa.Connection) -> None:
            mine = holds.c.job_id == job_id, holds.c.scope.startswith(budget, autoescape=True)
            for row in db.execute(sa.select(holds).where(*mine).order_by(holds.c.scope)).all():
                usd = spent if is_known else max(spent, row.usd)
                _replace(db, row.scope, row.hold, usd)

        self._change(job_id, settle)

    def state(self, scope: str, opening: Callable[[], Decimal]) -> BudgetState:
        self._writer.flush()
        with self._database.reading() as db:
            spent = db.scalar(sa.select(budgets.c.spent).where(budgets.c.scope == scope))
            found = _state(db, scope, spent or Decimal(0))
        return found if spent is not None else replace(found, spent=found.spent + opening())

    def lines(self) -> list[BudgetLine]:
        """How all scopes in this database stand, ordered by their names."""
        self._writer.flush()
        with self._database.reading() as db:
            accounts = db.execute(sa.select(budgets).order_by(budgets.c.scope)).all()
            states = [_state(db, account.scope, account.spent) for account in accounts]
        return [
            BudgetLine(account.scope, state.spent, state.reserved, account.limit_usd)
            for account, state in zip(accounts, states, strict=True)
        ]

    def pending(self, budget: str = "") -> list[PendingHold]:
        self._writer.flush()
        mine = holds.c.scope.startswith(budget, autoescape=True)
        lost = holds.c.expires_at <= datetime.now(UTC)
        statement = (
            sa.select(holds).where(mine, lost).order_by(holds.c.at, holds.c.hold, holds.c.scope)
        )
        with self._database.reading() as db:
            rows = db.execute(statement).all()
        return grouped_holds(
            PendingHold(r.hold, (r.scope,), r.usd, r.at, r.run, r.generation_id, r.job_id)
            for r in rows
        )

    def close_hold(self, hold: str, spent: Decimal, budget: str = "") -> bool:
        self._writer.flush()
        mine = holds.c.hold == hold, holds.c.scope.startswith(budget, autoescape=True)
        with self._database.writing() as db:
            scopes = db.scalars(sa.select(holds.c.scope).where(*mine).order_by(holds.c.scope)).all()
            closed = [_replace(db, scope, hold, spent) for scope in scopes]
        self._under_way.discard(hold)
        return any(closed)

    def flush(self) -> None:
        """Return when every change is written."""
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()

    def _change(self, name: str, apply: Callable[[sa.Connection], object]) -> None:
        self._writer.put(_Change(name, apply))

    def _write(self, changes: Sequence[_Change]) -> None:
        with self._database.writing() as db:
            for change in changes:
                change.apply(db)

    def _follow(self, hold: str) -> None:
        self._under_way.add(hold)
        self._writer.start()

    def _renew(self) -> None:
        """Let the holds of calls under way last longer."""
        if time.monotonic() < self._renewed_s + _renewed_every_s():
            return
        self._renewed_s = time.monotonic()
        mine = tuple(self._under_way)
        until = datetime.now(UTC) + HOLD_LASTS
        for start in range(0, len(mine), _MANY):
            some = holds.c.hold.in_(mine[start : start + _MANY])
            with self._database.writing() as db:
                db.execute(holds.update().where(some).values(expires_at=until))

    def _reserve(
        self, scope: str, hold: str, amount: Decimal, limit: Decimal, run: str | None
    ) -> BudgetState | None:
        with self._database.writing() as db:
            account = _locked(db, scope)
            if account is None:
                return None
            if account.limit_usd != limit:  # for whoever looks at the database
                mine = budgets.update().where(budgets.c.scope == scope)
                db.execute(mine.values(limit_usd=limit))
            state = _state(db, scope, account.spent)
            if state.spent + state.reserved + amount > limit:
                return BudgetState(state.spent, state.reserved, is_granted=False)
            db.execute(holds.insert().values(_row(scope, hold, amount, run)))
            return state

    def _open(self, scope: str, spent: Decimal) -> None:
        with suppress(exc.IntegrityError), self._database.writing() as db:  # somebody was faster
            db.execute(budgets.insert().values(scope=scope, spent=spent))


def settle_found(db: sa.Connection, prices: Mapping[str, Decimal]) -> None:
    """Replace what is held for these generations with what their records say. Inside a transaction."""
    if prices:
        found = holds.c.generation_id.in_(prices)
        for row in db.execute(sa.select(holds).where(found).order_by(holds.c.scope)).all():
            _replace(db, row.scope, row.hold, prices[row.generation_id])


def _row(scope: str, hold: str, amount: Decimal, run: str | None) -> Mapping[str, object]:
    now = datetime.now(UTC)
    expires_at = now + HOLD_LASTS
    return {
        "hold": hold,
        "scope": scope,
        "usd": amount,
        "expires_at": expires_at,
        "at": now,
        "run": run,
    }


def _replace(db: sa.Connection, scope: str, hold: str, spent: Decimal) -> bool:
    """Put what was spent in the place of a hold; False if somebody did so before."""
    before = _locked(db, scope)
    gone = db.execute(holds.delete().where(holds.c.hold == hold, holds.c.scope == scope))
    if not gone.rowcount:
        return False
    if before is None:
        db.execute(budgets.insert().values(scope=scope, spent=spent))
    elif spent:
        mine = budgets.update().where(budgets.c.scope == scope)
        db.execute(mine.values(spent=before.spent + spent))
    return True


def _locked(db: sa.Connection, scope: str) -> sa.Row[Any] | None:
    return db.execute(sa.select(budgets).where(budgets.c.scope == scope).with_for_update()).first()


def _state(db: sa.Connection, scope: str, spent: Decimal) -> BudgetState:
    now = datetime.now(UTC)
    kept = db.execute(
        sa.select(holds.c.usd, holds.c.expires_at).where(holds.c.scope == scope)
    ).all()
    under_way = _sum(usd for usd, expires_at in kept if expires_at > now)
    lost = _sum(usd for usd, expires_at in kept if expires_at <= now)
    return BudgetState(spent + lost, under_way)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _renewed_every_s() -> float:
    return max(0.1, HOLD_LASTS.total_seconds() / 3)
