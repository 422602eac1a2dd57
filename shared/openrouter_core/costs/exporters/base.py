"""What every exporter does: watch calls, wait for late prices, hand each call over once.

Subclasses say what to note when a call begins and what to write when its price is known. They write on
the worker's thread, so no call waits for a tracer, and nothing here raises into a call.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Generic, Literal, TypeVar

from openrouter_core.costs._process import OnePerProcess
from openrouter_core.costs.exporters.worker import flush_before_tracers_end, worker
from openrouter_core.costs.reconcile.reconciler import (
    CostReconciler,
    LookupResult,
    shared_reconciler,
)
from openrouter_core.costs.records.labels import Labels, current_labels
from openrouter_core.costs.records.record import CostRecord, is_billed, starts_job
from openrouter_core.observers.calls import CallIntent, CompletedCall

log = logging.getLogger("openrouter.costs")

Noted = TypeVar("Noted")


class CostExporter(OnePerProcess, Generic[Noted]):
    """Hands every billed call to a tracer, with what it cost.

    Args:
        reconcile: "missing": a call whose answer names no price (a cut stream) is handed over when the
            generation API has told its price; "none": at once, without one.
        reconciler: Who asks. Default: one that the whole process shares.
    """

    def __init__(
        self,
        *,
        reconcile: Literal["missing", "none"] = "missing",
        reconciler: CostReconciler | None = None,
    ) -> None:
        self._reconcile = reconcile
        self._reconciler = reconciler
        flush_before_tracers_end()

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until every call whose price is known is written, e.g. before the tracer's own flush.

        The end of a program does this by itself.

        Returns:
            False if the tracers took longer than `timeout_s`.
        """
        return worker.flush(timeout_s)

    def admit(self, intent: CallIntent, /) -> object:
        """See `CallObserver`."""
        try:
            return current_labels(), self._begin(intent)
        except Exception:
            log.exception("A tracer failed; the call itself is not affected.")
            return None

    def completed(self, call: CompletedCall, ticket: object, /) -> None:
        """See `CallObserver`."""
        if starts_job(call):
            return
        labels, noted = ticket if isinstance(ticket, tuple) else (current_labels(), None)
        for one in call.parts or (call,):
            noted = self._ended(one, noted)
            self._hand_over(one, labels if isinstance(labels, Labels) else Labels(), noted)
            noted = self._beside(noted)

    def _hand_over(self, call: CompletedCall, labels: Labels, noted: Noted | None) -> None:
        record = CostRecord.of_call(call, labels)
        if not is_billed(call):
            self._drop(noted)
        elif not self._is_late(record) or not self._ask(record, call, noted):
            self._export(record, noted)

    def _is_late(self, record: CostRecord) -> bool:
        wanted = self._reconcile == "missing" and record.has_generation_id
        return wanted and record.is_unknown

    def _ask(self, record: CostRecord, call: CompletedCall, noted: Noted | None) -> bool:
        def export(result: LookupResult) -> None:
            self._export(record.settled(result.outcome, result.cost), noted)

        reconciler = self._reconciler or shared_reconciler()
        return reconciler.look_up(record.id, call.config, export)

    def _begin(self, intent: CallIntent) -> Noted:
        """Note where a call begins. Runs on the caller's path."""
        raise NotImplementedError

    def _ended(self, call: CompletedCall, noted: Noted | None) -> Noted | None:  # noqa: ARG002  # for subclasses
        """Note what a record does not keep of how a call ended. Runs on the caller's path."""
        return noted

    def _beside(self, noted: Noted | None) -> Noted | None:
        """Return what was noted, as the next result of the same job needs it."""
        return noted

    def _drop(self, noted: Noted | None) -> None:
        """Forget a call that is not billed."""

    def _export(self, record: CostRecord, noted: Noted | None) -> None:
        """Let a call be written. Overridden for what has to be written before the call returns."""
        worker.put(partial(self._write, record, noted))

    def _write(self, record: CostRecord, noted: Noted | None) -> None:
        """Write one call. `noted` is None for a call that did not begin here."""
        raise NotImplementedError
