"""`with track_openrouter_cost() as spent:` what a piece of a program costs.

The tracker watches the context it is opened in, whatever client or framework makes the calls. An answer
that a framework takes from its own cache makes no call, and so costs nothing here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from openrouter_core.costs._process import OnePerProcess
from openrouter_core.costs.figures import CostFigures
from openrouter_core.costs.ledger import CostLedger, Reconcile
from openrouter_core.costs.reconcile.reconciler import CostReconciler
from openrouter_core.costs.records.labels import cost_labels
from openrouter_core.costs.records.tables import (
    CALLS_HEAD,
    call_cells,
    caveat,
    counted,
    html_summary,
    money,
    text_table,
)
from openrouter_core.observers.calls import CallIntent, CompletedCall
from openrouter_core.observers.protocol import observing


class CostTracker(CostFigures, OnePerProcess):
    """Adds up the calls made inside a `with` or `async with` block. Also a call observer of its own.

    The figures stay readable after the block, and late truth still comes in: see `flush`.
    """

    def __init__(
        self,
        *,
        ledger: CostLedger | None = None,
        reconcile: Reconcile = "missing",
        reconciler: CostReconciler | None = None,
        run: str | None = None,
        tags: Sequence[str] = (),
        session: str | None = None,
        user: str | None = None,
    ) -> None:
        self.ledger = CostLedger(reconcile=reconcile, reconciler=reconciler)
        self._also = ledger
        self._labels = {"run": run, "session": session, "user": user}
        self._tags = tuple(tags)
        self._stack = ExitStack()

    def table(self) -> str:
        """Return a table of the calls as text."""
        lines = [call_cells(record) for record in self.calls]
        return text_table(CALLS_HEAD, lines, title=str(self))

    def admit(self, intent: CallIntent, /) -> object:
        """See `CallObserver`."""
        return self.ledger.admit(intent)

    def completed(self, call: CompletedCall, ticket: object, /) -> None:
        """See `CallObserver`."""
        self.ledger.completed(call, ticket)

    def __enter__(self) -> Self:
        stack = ExitStack()
        stack.enter_context(cost_labels(tags=self._tags, **self._labels))
        stack.enter_context(observing(self))
        if self._also is not None:
            stack.enter_context(observing(self._also))
        self._stack = stack
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)

    def __str__(self) -> str:
        totals = self.totals
        summary = f"{counted(totals.calls)}, {money(totals.total)}"
        return summary if totals.is_complete else f"{summary} ({caveat(totals).rstrip('.')})"

    def __repr__(self) -> str:
        return f"<CostTracker {self}>"

    def _repr_html_(self) -> str:
        return html_summary(self.by_model(), self.totals)


def track_openrouter_cost(
    *,
    ledger: CostLedger | None = None,
    reconcile: Reconcile = "missing",
    reconciler: CostReconciler | None = None,
    run: str | None = None,
    tags: Sequence[str] = (),
    session: str | None = None,
    user: str | None = None,
) -> CostTracker:
    """Track what every OpenRouter call in a block costs: `with ... as spent:` or `async with`.

    Tasks, copied contexts and the frameworks' thread pools are covered. A thread started with
    `threading.Thread` has an empty context: run its function in `contextvars.copy_context()`, or give
    the tracker to the client (`observers=[spent]`).

    Args:
        ledger: Book the calls there as well.
        reconcile: Which calls are looked up in the generation API: "missing" (those whose answer
            names no price), "all" or "none".
        reconciler: Who looks up. Default: one that the whole process shares.
        run: Book the calls under this run, in every ledger that sees them.
        tags: Book the calls under these tags.
        session: Book the calls under this session. Default: the `session_id` each call sends.
        user: Book the calls under this user. Default: the `user` each call sends.
    """
    return CostTracker(
        ledger=ledger,
        reconcile=reconcile,
        reconciler=reconciler,
        run=run,
        tags=tags,
        session=session,
        user=user,
    )
