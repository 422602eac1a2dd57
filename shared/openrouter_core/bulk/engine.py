"""Carries out a job in one event loop: asks, commits in groups, hands over what is committed.

An item counts as under way until its answer is committed, and is handed over after that. Ours, and not a
library of the field, for its pace: async-batch-llm 0.28, which comes nearest, takes 444 us of CPU per item and
891 with its SQLite store, where this takes some 60 (benchmarks/bulk_job.py); it takes strings alone, and no costs.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from openrouter_core._http.retry import RetryPolicy
from openrouter_core.bulk.bill import Bill
from openrouter_core.bulk.item import Item
from openrouter_core.bulk.pace import MOST, Pace
from openrouter_core.bulk.store import Ended, Entry
from openrouter_core.bulk.target import Target
from openrouter_core.bulk.values import decode, encode
from openrouter_core.costs.budget.budget import Budget
from openrouter_core.errors import (
    AuthenticationError,
    BudgetExceededError,
    MissingApiKeyError,
    ModerationError,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitError,
)
from openrouter_core.observers.protocol import CallObserver, in_context

GROUP = 100
GROUP_S = 0.05
"""Answers are committed when there are so many, or when the first has waited for so long."""
_UNREAD_GROUPS = 10
_LOOK_AGAIN_S = 0.5
_FAILURES_ON_END = 50
"""When so many items on end fail for reasons that pass, nothing is to be had now."""
_PASSES = RetryPolicy(1)
_FOR_ALL = (AuthenticationError, PaymentRequiredError, PermissionDeniedError, MissingApiKeyError)

if TYPE_CHECKING:
    from openrouter_core.bulk.store import Commits

Outcome = tuple[Ended, Item[Any]]


class Engine:
    """One run."""

    def __init__(
        self,
        store: Commits,
        target: Target,
        pace: Pace,
        *,
        max_tries: int,
        budget: Budget | None,
        keep_prompts: bool,
        keep_bodies: bool = True,
    ) -> None:
        self._keep_bodies = keep_bodies
        self._store, self._target, self.pace = store, target, pace
        self._policy = RetryPolicy(max_tries - 1)
        self._budget: tuple[CallObserver, ...] = () if budget is None else (budget,)
        self._keep_prompts = keep_prompts
        self._ids = set[int]()
        self._outcomes: list[Outcome] = []
        self._delivered: list[int] = []
        self._has_outcome, self._has_group = asyncio.Event(), asyncio.Event()
        self._an_end, self._stopping = asyncio.Event(), asyncio.Event()
        self._under_way = set[Bill]()
        self._ends = self._failures = 0
        self._ready: asyncio.Queue[list[Outcome] | None] = asyncio.Queue(_UNREAD_GROUPS)
        self._is_over = self._is_cancelled = False
        self._reader, self._writer = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._askers = ThreadPoolExecutor(MOST)
        self.stopped_by: BaseException | None = None
        """What made every further call pointless."""

    async def groups(self, pages: Iterator[Sequence[Entry]]) -> AsyncGenerator[list[Outcome]]:
        """Yield what each commit holds. Closing it ends the run in good order: what is under way is kept.

        Raises:
            OpenRouterError: After the last item: what stopped the run before its end.
        """
        work = asyncio.create_task(self._work(pages))
        try:
            while (group := await self._ready.get()) is not None:
                yield group
        except asyncio.CancelledError:
            work.cancel()
            raise
        finally:
            await self._end(work)
        if self.stopped_by is not None:
            raise self.stopped_by

    def handed_over(self, ids: Sequence[int]) -> None:
        """Note that the caller has had these."""
        self._delivered.extend(ids)

    async def _end(self, work: asyncio.Task[None]) -> None:
        self.halt()
        while not work.done():  # its groups go on being committed, and stay in the file undelivered
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ready.get(), 0.05)
        for threads in (self._reader, self._writer, self._askers):
            threads.shutdown(wait=False)
        with suppress(asyncio.CancelledError):
            await work
        self._store.commit((), self._delivered, keep_prompts=self._keep_prompts)

    async def _work(self, pages: Iterator[Sequence[Entry]]) -> None:
        committing = asyncio.create_task(self._commit_groups())
        committing.add_done_callback(lambda _: self.halt())  # what cannot be kept is not paid for
        tasks = set[asyncio.Task[None]]()
        try:
            try:
                await self._start_all(pages, tasks)
            except asyncio.CancelledError:
                self._cancel(tasks)
                raise
            finally:
                await self._all_of(tasks)
        finally:
            self._is_over = True
            self._has_outcome.set()
            self._has_group.set()
            try:
                await committing
            finally:
                await self._ready.put(None)

    async def _all_of(self, tasks: set[asyncio.Task[None]]) -> None:
        """Wait for all, or cancel them where the wait is cancelled."""
        try:
            while tasks:
                await asyncio.wait(tasks)
        except asyncio.CancelledError:
            self._cancel(tasks)
            raise

    def _cancel(self, tasks: set[asyncio.Task[None]]) -> None:
        self._is_cancelled = True
        for task in tasks:
            task.cancel()

    async def _start_all(
        self, pages: Iterator[Sequence[Entry]], tasks: set[asyncio.Task[None]]
    ) -> None:
        loop, context = asyncio.get_running_loop(), copy_context()

        def read() -> Sequence[Entry] | None:
            return context.run(next, pages, None)

        while (page := await loop.run_in_executor(self._reader, read)) is not None:
            if not page:  # others have the last ones in hand
                await self._pause()
                if self._stopping.is_set():
                    return
            for entry in page:
                if entry.id in self._ids:
                    continue
                await self.pace.enter()
                if self._stopping.is_set():
                    self.pace.leave(1)
                    return
                self._ids.add(entry.id)
                task = asyncio.create_task(self._one(entry))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), _LOOK_AGAIN_S)

    # ------------------------------------------------------------------ one item

    async def _one(self, entry: Entry) -> None:
        outcome = await self._outcome(entry)
        if outcome is None:  # it stays as it was, for the next run
            self.pace.leave(1)
            return
        self._outcomes.append(outcome)
        self._has_outcome.set()
        if len(self._outcomes) >= min(GROUP, self.pace.under_way):
            self._has_group.set()

    async def _outcome(self, entry: Entry) -> Outcome | None:
        bill = Bill(entry.cost, self._under_way, keeps_body=self._keep_bodies)
        in_context.set((*in_context.get(), *self._budget, bill))
        tries = 0
        while not self._stopping.is_set():
            tries += 1
            ends = self._ends
            try:
                result = await self._ask(decode(entry.prompt), bill)
                self.pace.learn()
                self._failures = 0
                return self._answered(entry, bill, tries, result)
            except BudgetExceededError as error:
                tries -= 1
                if not await self._may_still_fit(error, ends):
                    return None
            except (
                Exception,
                SystemExit,
                asyncio.CancelledError,
            ) as error:  # one bad item stops no other
                if self._is_cancelled:
                    raise
                self.pace.learn(refused=isinstance(error, RateLimitError))
                wait_s = self._policy.wait_s(error, tries)
                if wait_s is None and self._is_for_all(error):
                    self._stop(error)
                    return None
                if wait_s is None:
                    return self._failed(entry, bill, tries, error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), wait_s)
        return None

    def _is_for_all(self, error: BaseException) -> bool:
        """Whether the other items would fail alike: nobody may ask, not for long, or nobody gets an answer."""
        if isinstance(error, RateLimitError) and (error.retry_after or 0) > _PASSES.max_wait_s:
            return True
        if _PASSES.wait_s(error, 1) is None:
            return isinstance(error, _FOR_ALL) and not isinstance(error, ModerationError)
        self._failures += 1
        return self._failures > _FAILURES_ON_END

    async def _ask(self, prompt: Any, bill: Bill) -> Any:
        try:
            if self._target.ask is not None:
                return await self._target.ask(prompt)
            ask, context = self._target.ask_blocking, copy_context()
            assert ask is not None
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._askers, lambda: context.run(ask, prompt))
        finally:
            if bill in self._under_way:
                self._under_way.discard(bill)
                self._an_end.set()
                self._an_end = asyncio.Event()
                if not isinstance(sys.exc_info()[1], BudgetExceededError):
                    self._ends += 1

    async def _may_still_fit(self, error: BaseException, ends: int) -> bool:
        """Wait for a call to end: it holds back more than it costs. False when nobody is under way.

        A call that is refused is not one that ends: two of them would wait for each other in turn for ever.
        """
        if self._ends != ends:  # while a shared budget was asked
            return True
        if self._stopping.is_set() or not self._under_way:
            self._stop(error)
            return False
        await self._an_end.wait()
        return True

    def _stop(self, error: BaseException) -> None:
        self.stopped_by = self.stopped_by or error
        self.halt()

    def halt(self) -> None:
        """Begin no further item."""
        self._stopping.set()
        self._an_end.set()
        self.pace.stop()

    def _answered(self, entry: Entry, bill: Bill, tries: int, result: Any) -> Outcome:
        is_in_body = self._target.from_body is not None and bill.body is not None
        try:
            text = None if is_in_body else encode(result)
        except (TypeError, ValueError) as error:
            return self._failed(entry, bill, tries, error)
        body = None if bill.body is None else encode(bill.body)
        ended = Ended(entry.id, entry.key, tries, None, text, body, bill.generation_id, bill.cost)
        return ended, ended.item(result, bill.body)

    def _failed(self, entry: Entry, bill: Bill, tries: int, error: BaseException) -> Outcome:
        sentence = f"{type(error).__name__}: {error}"
        body = None if bill.body is None else encode(bill.body)
        ended = Ended(
            entry.id, entry.key, tries, sentence, None, body, bill.generation_id, bill.cost
        )
        return ended, ended.item(None, bill.body)

    # ------------------------------------------------------------------ commits

    async def _commit_groups(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._is_over or self._outcomes:
            await self._has_outcome.wait()
            if not self._is_over:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._has_group.wait(), GROUP_S)
            group, self._outcomes = self._outcomes[:GROUP], self._outcomes[GROUP:]
            if not self._outcomes:
                self._has_group.clear()
                if not self._is_over:
                    self._has_outcome.clear()
            if not group:
                continue
            delivered, self._delivered = self._delivered, []
            await loop.run_in_executor(self._writer, self._commit, group, delivered)
            self.pace.leave(len(group))
            self._ids.difference_update(ended.id for ended, _ in group)
            await self._ready.put(group)

    def _commit(self, group: Sequence[Outcome], delivered: Sequence[int]) -> None:
        ended = [one for one, _ in group]
        self._store.commit(ended, delivered, keep_prompts=self._keep_prompts)
