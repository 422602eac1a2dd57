"""`with track_openrouter_cost() as spent:` what a piece of a program costs.

The tracker watches the context it is opened in, whatever client or framework makes the calls. An answer
that a framework takes from its own cache makes no call, and so costs nothing here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from openrouter_core._logging import warn_once
from openrouter_core.costs._process import OnePerProcess
from openrouter_core.costs.figures import CostFigures
from openrouter_core.costs.ledger import CostLedger, Reconcile
from openrouter_core.costs.reconcile.reconciler import CostReconciler
from openrouter_core.costs.records.labels import cost_labels, current_labels
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
from openrouter_core.observers.process_wide import watch
from openrouter_core.observers.protocol import observing

_MISSED = (
    "A block of track_openrouter_cost() saw no call, but calls were made outside its context while it was open: "
    "threads that a program starts itself begin with an empty one. Run them in contextvars.copy_context(), or open "
    "the block with everywhere=True. Calls of other processes (Ray, multiprocessing) are seen by a CostLedger with "
    "a database URL among the observers of their client."
)


class CostTracker(CostFigures, OnePerProcess):
    """Adds up the calls made inside a `with` or `async with` block. Also a call observer of its own.

    The figures stay readable after the block, and prices that come late are still added: see `flush`.
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
        everywhere: bool = False,
    ) -> None:
        self.ledger = CostLedger(reconcile=reconcile, reconciler=reconciler)
        self._also = ledger
        self._everywhere = everywhere
        self._labels = {"run": run, "session": session, "user": user}
        self._tags = tuple(tags)
        self._stack = ExitStack()
        self.has_missed_calls = False
        """Whether the process made calls beside an open block of one context: in threads of its own."""

    def table(self) -> str:
        """Return a table of the calls as text."""
        lines = [call_cells(record) for record in self.calls]
        return text_table(CALLS_HEAD, lines, title=str(self))

    def admit(self, intent: CallIntent, /) -> object:
        """See `CallObserver`."""
        if not self._everywhere:
            return self.ledger.admit(intent)
        here = current_labels()  # those of the call's own context win
        labels = {name: getattr(here, name) or label for name, label in self._labels.items()}
        with cost_labels(tags=self._tags, **labels):
            return self.ledger.admit(intent), self._also and self._also.admit(intent)

    def completed(self, call: CompletedCall, ticket: object, /) -> None:
        """See `CallObserver`."""
        mine, other = ticket if self._everywhere and isinstance(ticket, tuple) else (ticket, None)
        self.ledger.completed(call, mine)
        if self._everywhere and self._also is not None:
            self._also.completed(call, other)

    def __enter__(self) -> Self:
        stack = ExitStack()
        stack.enter_context(cost_labels(tags=self._tags, **self._labels))
        if self._everywhere:
            stack.enter_context(watch.observing(self))
        else:
            stack.enter_context(watch.noticing(self))
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
        if self.has_missed_calls and not self.totals.calls:
            warn_once(_MISSED)

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
    everywhere: bool = False,
) -> CostTracker:
    """Track what every OpenRouter call in a block costs: `with ... as spent:` or `async with`.

    Tasks, copied contexts and the frameworks' thread pools are covered. A thread started with
    `threading.Thread` or by a `ThreadPoolExecutor` has an empty context: run its function in
    `contextvars.copy_context()`, or open the block with `everywhere=True`. A block that ends without a call while
    calls were made outside its context says so, once, by the logger `openrouter`.

    Args:
        ledger: Book the calls there as well.
        reconcile: Which calls are looked up in the generation API: "missing" (those whose answer
            names no price), "all" or "none".
        reconciler: Who looks up. Default: one that the whole process shares.
        run: Book the calls under this run, in every ledger that sees them.
        tags: Book the calls under these tags.
        session: Book the calls under this session. Default: the `session_id` each call sends.
        user: Book the calls under this user. Default: the `user` each call sends.
        everywhere: Count every call that this process makes while the block is open, in any thread or context.
            Labels of such a context win over those given here.
    """
    return CostTracker(
        ledger=ledger,
        reconcile=reconcile,
        reconciler=reconciler,
        run=run,
        tags=tags,
        session=session,
        user=user,
        everywhere=everywhere,
    )
