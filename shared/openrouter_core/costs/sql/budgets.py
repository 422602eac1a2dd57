"""What is spent and held back, in the database: budgets that many processes share. Needs SQLAlchemy.

Every change locks the scope's row, so two processes never decide on the same state. A database that
cannot be asked refuses the call: a limit that nobody checks is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import sqlalchemy as sa
from sqlalchemy import exc

from openrouter_core.costs._turns import TurnsOfThread
from openrouter_core.costs.budget.store import BudgetState
from openrouter_core.costs.sql.tables import budgets, holds
from openrouter_core.errors import BudgetExceededError

HOLD_LASTS = timedelta(minutes=15)
"""After this long a hold counts no more: its process has died. Its call may still be settled."""
JOB_LASTS = timedelta(hours=25)
"""The same for the hold of a job: a batch may take a day."""


class SqlBudgetStore:
    """BudgetStore in a database. See `BudgetStore`.

    A thread that holds a row locked could wait for itself: what interrupts it takes its turn later.
    """

    def __init__(self, engine: sa.Engine, turns: TurnsOfThread) -> None:
        self._engine = engine
        self._turns = turns

    def reserve(
        self, scope: str, hold: str, amount: Decimal, limit: Decimal, opening: Callable[[], Decimal]
    ) -> BudgetState:
        try:
            return self._turns.ask(self._granted, scope, hold, amount, limit, opening)
        except exc.SQLAlchemyError as error:
            raise BudgetExceededError(
                f"The budget cannot be checked: its database failed ({type(error).__name__}). "
                "Nothing was sent."
            ) from error

    def settle(self, scope: str, hold: str, spent: Decimal) -> None:
        self._turns.change(self._settle, scope, hold, spent)

    def keep(self, job_id: str, hold: str, scopes: Sequence[str]) -> None:  # noqa: ARG002  # its rows
        self._turns.change(self._keep, job_id, hold)

    def settle_job(
        self, job_id: str, budget: str, spent: Decimal, *, is_known: bool = True
    ) -> None:
        self._turns.change(partial(self._settle_job, job_id, budget, spent, is_known=is_known))

    def state(self, scope: str) -> BudgetState:
        return self._turns.ask(self._state, scope)

    def _granted(
        self, scope: str, hold: str, amount: Decimal, limit: Decimal, opening: Callable[[], Decimal]
    ) -> BudgetState:
        found = self._reserve(scope, hold, amount, limit)
        if found is None:
            self._open(scope, opening())
            found = self._reserve(scope, hold, amount, limit)
        assert found is not None, "the row was just made"
        return found

    def _settle(self, scope: str, hold: str, spent: Decimal) -> None:
        with self._engine.begin() as db:
            self._replace(db, scope, hold, spent)

    def _keep(self, job_id: str, hold: str) -> None:
        kept = {"job_id": job_id, "expires_at": datetime.now(UTC) + JOB_LASTS}
        with self._engine.begin() as db:
            db.execute(holds.update().where(holds.c.hold == hold).values(kept))

    def _settle_job(self, job_id: str, budget: str, spent: Decimal, *, is_known: bool) -> None:
        mine = holds.c.job_id == job_id, holds.c.scope.startswith(budget, autoescape=True)
        with self._engine.begin() as db:
            kept = db.execute(sa.select(holds).where(*mine).order_by(holds.c.scope)).all()
            for row in kept:
                usd = spent if is_known else max(spent, row.usd)
                self._replace(db, row.scope, row.hold, usd, only_once=True)

    def _replace(
        self, db: sa.Connection, scope: str, hold: str, spent: Decimal, *, only_once: bool = False
    ) -> None:
        before = self._locked(db, scope)
        gone = db.execute(holds.delete().where(holds.c.hold == hold, holds.c.scope == scope))
        if only_once and not gone.rowcount:  # another process saw the end first
            return
        if before is None:
            db.execute(budgets.insert().values(scope=scope, spent=spent))
        elif spent:
            mine = budgets.update().where(budgets.c.scope == scope)
            db.execute(mine.values(spent=before + spent))

    def _state(self, scope: str) -> BudgetState:
        with self._engine.connect().execution_options(readonly=True) as db:
            spent = db.scalar(sa.select(budgets.c.spent).where(budgets.c.scope == scope))
            return BudgetState(spent or Decimal(0), self._reserved(db, scope))

    def _reserve(
        self, scope: str, hold: str, amount: Decimal, limit: Decimal
    ) -> BudgetState | None:
        with self._engine.begin() as db:
            spent = self._locked(db, scope)
            if spent is None:
                return None
            reserved = self._reserved(db, scope)
            if spent + reserved + amount > limit:
                return BudgetState(spent, reserved, is_granted=False)
            expires_at = datetime.now(UTC) + HOLD_LASTS
            row = {"hold": hold, "scope": scope, "usd": amount, "expires_at": expires_at}
            db.execute(holds.insert().values(row))
            return BudgetState(spent, reserved)

    def _open(self, scope: str, spent: Decimal) -> None:
        with suppress(exc.IntegrityError), self._engine.begin() as db:  # somebody was faster
            db.execute(budgets.insert().values(scope=scope, spent=spent))

    def _locked(self, db: sa.Connection, scope: str) -> Decimal | None:
        mine = sa.select(budgets.c.spent).where(budgets.c.scope == scope)
        return db.scalar(mine.with_for_update())

    def _reserved(self, db: sa.Connection, scope: str) -> Decimal:
        mine = sa.select(holds.c.usd).where(
            holds.c.scope == scope, holds.c.expires_at > datetime.now(UTC)
        )
        return sum((usd for (usd,) in db.execute(mine)), Decimal(0))
