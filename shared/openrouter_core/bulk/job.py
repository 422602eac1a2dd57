"""`Job`: many prompts, one file, each answer paid once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import (
    AsyncGenerator,
    Callable,
    Generator,
    Iterator,
    Sequence,
)
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Generic, Self
from weakref import WeakSet

from typing_extensions import TypeVar

from openrouter_core.bulk import export
from openrouter_core.bulk.engine import Engine
from openrouter_core.bulk.given import pairs, whole
from openrouter_core.bulk.item import Item, ItemKey, Progress
from openrouter_core.bulk.offline import Offline
from openrouter_core.bulk.opening import opened
from openrouter_core.bulk.pace import Concurrency, Pace, check_concurrency
from openrouter_core.bulk.run import Figures, Rows, Run, Shows, from_thread
from openrouter_core.bulk.settings import settings_of
from openrouter_core.bulk.store import Entry, key_text
from openrouter_core.bulk.target import target_of
from openrouter_core.bulk.values import canonical, decode, encode
from openrouter_core.costs.budget.budget import Budget
from openrouter_core.costs.records.usage import amount_of
from openrouter_core.errors import BudgetExceededError, ConfigurationError, OpenRouterError

R = TypeVar("R", default=Any)
_ROWS = 500


class Job(Generic[R]):
    """Many prompts, each answered and paid once: what is stored is never asked again.

        >>> job = Job("reviews.db", ChatOpenRouter(model="openai/gpt-5-mini"), max_usd="25")
        >>> job.add((row.id, f"Summarise: {row.text}") for row in rows)
        >>> for item in job.run(progress=True):
        ...     print(item.key, item.result or item.error, item.cost)

    Killed or stopped, it goes on where it was with the same lines. A changed prompt, model or setting is a
    new item; timeouts, retries and the like change nothing.

    Args:
        store: The file, made with mode 0600. It holds answers and errors, and prompts until their answers
            are handed over; never a key of the API. Or the URL of a database that several processes
            share, "postgresql+psycopg://..." or "sqlite:///reviews.db" (needs the extra [bulk]): each item is
            asked by one of them, `max_usd` is that of all, and a 429 that one meets holds back the others.
        target: What answers: a `ChatOpenRouter` or a chain over it, an `OpenRouter` of LlamaIndex, an
            embeddings object of either, or a function of one prompt, async or not.
        max_usd: The most that the job may spend in all its runs, in USD. Calls are refused before they
            are sent, by a `Budget`; the run ends with `BudgetExceededError` after its last item.
        concurrency: How many items are under way at once. "auto" begins with 16, grows while nothing is
            refused, and halves on a 429.
        version: A word that belongs to the settings: for functions, whose changes are seen only in
            their own code and in the texts and models that it names.
        keep_prompts: Whether prompts stay in the file.
        store_prompts: False stores none: then `run` takes the rows each time.
        max_tries: How often an item is asked in one run when it fails in a way that passes. Each time the
            client has retries of its own.
        name: Which job of a shared database it is.
        result_type: What stored results are validated as, e.g. the class of a structured answer.

    Raises:
        ConfigurationError: A setting is wrong, or the file cannot be opened.
    """

    def __init__(
        self,
        store: str | Path,
        target: Any,
        *,
        name: str = "job",
        max_usd: Decimal | str | float | None = None,
        concurrency: Concurrency = "auto",
        version: str = "",
        keep_prompts: bool = False,
        store_prompts: bool = True,
        max_tries: int = 3,
        result_type: type[R] | None = None,
    ) -> None:
        check_concurrency(concurrency)
        self._max_tries = whole(max_tries, "max_tries")
        self._max_usd = None if max_usd is None else amount_of(max_usd, "max_usd")
        self._target = target_of(target)
        self._settings = settings_of(target, version)
        self._store = opened(store, name)
        self._concurrency: Concurrency = concurrency
        self._keep_prompts, self._store_prompts = keep_prompts, store_prompts
        self._result_type = result_type
        self._engine: Engine | None = None
        self._iterated: WeakSet[Generator[Item[R]]] = WeakSet()

    def close(self) -> None:
        """Keep what is under way, and close the file. The job can be opened again."""
        for items in list(self._iterated):  # somebody holds it, so nothing has closed it yet
            items.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # ------------------------------------------------------------------ what is to be done

    def add(self, rows: Rows) -> int:
        """Add prompts under their keys; return how many are new.

        A known key with the same prompt is skipped. With another prompt it is a new item in the old
        one's place; the old answer is kept for the day the old prompt comes back.

        Args:
            rows: Pairs of a key (a string or a whole number) and what the target takes: a text, messages,
                the input of a chain; for embeddings a text or a list of texts.

        Raises:
            ConfigurationError: A key or a prompt cannot be stored.
        """
        return sum(added for added, _ in self._added(rows))

    def retry_failed(self) -> int:
        """Let the next run ask again for what failed; return how many those are."""
        return self._store.retry_failed()

    def _added(self, rows: Rows) -> Iterator[tuple[int, dict[str, str]]]:
        """Add rows in chunks; yield how many of each are new, and their prompts by key."""
        waiting = pairs(rows)
        while chunk := list(islice(waiting, _ROWS)):
            made = [self._row(key, prompt) for key, prompt in chunk]
            kept = [(k, d, p if self._store_prompts else None) for k, d, p in made]
            yield self._store.add(kept), {key: prompt for key, _, prompt in made}

    def _row(self, key: ItemKey, prompt: Any) -> tuple[str, str, str]:
        try:
            text, same = encode(prompt), canonical(prompt)
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"The prompt of {key!r} cannot be stored. {error}") from error
        digest = hashlib.sha256(f"{self._settings}\n{same}".encode("utf-8", "surrogatepass"))
        return key_text(key), digest.hexdigest(), text

    # ------------------------------------------------------------------ doing it

    def run(self, rows: Rows | None = None, *, progress: Shows = False) -> Run[R]:
        """Ask for all that is not answered; iterate over the result, with `for` or `async for`.

        First come items of earlier runs that were stored and not handed over, then the others as they are
        answered, each after it was committed. One that fails is an item with an `error`. Leaving the loop
        early lets the calls that are under way end, and keeps their answers.

        Args:
            rows: Rows to add and ask while they are read, so that none but those under way is in memory.
            progress: True shows a line on standard error; a function gets each `Progress`.

        Raises:
            ConfigurationError: Another process runs the job, rows are not pairs, or prompts are needed that are not stored.
            OpenRouterError: After the last item: the key was refused, the credits are used up, or a budget
                is spent. What was not asked is asked by the next run.
        """
        if not isinstance(progress, bool) and not callable(progress):
            raise ConfigurationError("progress is True or a function that takes a Progress.")
        return Run(self, rows, progress)

    async def _groups(
        self,
        rows: Rows | None,
        shown: Callable[[Progress], object],
        *,
        only: bool = False,
    ) -> AsyncGenerator[list[Item[Any]]]:
        pace = Pace(self._concurrency)
        with self._store.running():
            figures = Figures(self.progress(), pace)
            engine = Engine(
                self._store,
                self._target,
                pace,
                max_tries=self._max_tries,
                budget=self._budget(figures.progress.spent_usd),
                keep_prompts=self._keep_prompts,
            )
            for page in () if only else self._not_handed_over():
                yield page
            pages = self._pages_of(rows or ()) if only else self._pages(rows)
            self._engine, groups = engine, engine.groups(pages)
            try:
                async for group in groups:
                    shown(figures.after([item for _, item in group]))
                    yield [item for _, item in group]
                    engine.handed_over([ended.id for ended, _ in group])
            finally:
                self._engine = None
                await groups.aclose()
        if not only:
            self._check_prompts()

    def _not_handed_over(self) -> Iterator[list[Item[Any]]]:
        """What earlier runs stored and nobody has had, in pages; the next one says that the last one was had."""
        for page in self._store.undelivered():
            yield [self._item(row) for row in page]
            self._store.commit((), [row["id"] for row in page], keep_prompts=self._keep_prompts)

    def answer(self, rows: Rows, *, raises: bool = True) -> list[Item[R]]:
        """Ask these rows, and no others; return an item for each, in their order.

        What is answered already comes from the store, also what another process has asked meanwhile.

        Args:
            rows: As for `add`.
            raises: False: what stops the run is the `error` of the items that it left unanswered.

        Raises:
            ConfigurationError: As `run`.
            OpenRouterError: As `run`. What was answered before is stored.
        """
        given, stopped = list(pairs(rows)), None
        try:
            for _ in Run(self, given, progress=False, only=True):
                pass
        except OpenRouterError as error:
            if raises or isinstance(error, ConfigurationError):
                raise
            stopped = error
        return self._answers(given, stopped)

    async def aanswer(self, rows: Rows, *, raises: bool = True) -> list[Item[R]]:
        """`answer` for asyncio."""
        return await asyncio.to_thread(self.answer, rows, raises=raises)

    def _answers(
        self, rows: Sequence[tuple[ItemKey, Any]], stopped: OpenRouterError | None
    ) -> list[Item[R]]:
        keys = [(key, key_text(key)) for key, _ in rows]
        found = self._store.ended_of(text for _, text in keys)
        late = [row["id"] for row in found.values() if not row["is_delivered"]]
        self._store.commit((), late, keep_prompts=self._keep_prompts)
        why = f"{type(stopped).__name__}: {stopped}" if stopped else "The run was halted."
        return [
            self._item(found[text]) if text in found else Item(key, error=why, tries=0)
            for key, text in keys
        ]

    def _check_prompts(self) -> None:
        if missing := self._store.prompts_missing():
            raise ConfigurationError(
                f"The prompts of {missing} items are not stored. Give run() the rows again."
            )

    def halt(self) -> None:
        """Let the run that is under way begin no further item; it ends when what was asked is answered."""
        if self._engine is not None:
            self._engine.halt()

    def _budget(self, spent: Decimal) -> Budget | None:
        """What is left of `max_usd`, as a budget of this run."""
        if self._max_usd is None:
            return None
        left = self._max_usd - spent
        if left <= 0:
            raise BudgetExceededError(
                f"The job has spent ${spent} of max_usd={self._max_usd}. Raise max_usd to go on."
            )
        return self._store.budget(self._max_usd)

    def _pages(self, rows: Rows | None) -> Iterator[Sequence[Entry]]:
        for _, prompts in self._added(rows or ()):
            yield self._store.pending_of(prompts)
        yield from self._store.pending()

    def _pages_of(self, rows: Rows) -> Iterator[Sequence[Entry]]:
        wanted: dict[str, str] = {}
        for _, prompts in self._added(rows):
            wanted |= prompts
            yield self._store.pending_of(prompts)
        while self._store.waiting_of(wanted):
            yield self._store.pending_of(wanted)

    # ------------------------------------------------------------------ at half the price

    def submit(self, *, batch_size: int = 10_000) -> int:
        """Hand all that is not answered to the Batch API, at half the price; return how many prompts.

        `collect` fetches the answers within a day, also in another process. For a `ChatOpenRouter` or an
        `OpenRouter` of LlamaIndex itself; texts only.

        Args:
            batch_size: The most prompts of one batch. A batch that is refused for its size is halved.

        Raises:
            ConfigurationError: The target is not a model, or prompts are needed that are not stored.
            BudgetExceededError: `max_usd` does not cover all. What it covers is handed in.
            OpenRouterError: A batch was refused. What was handed in before stays so.
        """
        whole(batch_size, "batch_size")
        with self._store.running():
            count = self._offline(self._budget(self._store.spent())).submit(batch_size)
        self._check_prompts()
        return count

    async def asubmit(self, *, batch_size: int = 10_000) -> int:
        """`submit` for asyncio."""
        return await asyncio.to_thread(self.submit, batch_size=batch_size)

    def collect(self, *, wait: bool = False, timeout_s: float = 24 * 3600.0) -> Generator[Item[R]]:
        """Fetch the answers of batches that have ended; each is committed before it is handed over.

        First come items that were stored earlier and not handed over, as in `run`. What a cancelled or expired
        batch did not answer waits to be asked again, by `submit` or `run`.

        Args:
            wait: Whether to watch the others until they have ended, in growing steps.
            timeout_s: How long to watch one batch, in seconds.

        Raises:
            RequestTimeoutError: A batch has not ended in time. It goes on; collect again.
        """
        items = self._collected(wait=wait, timeout_s=timeout_s)
        self._iterated.add(items)
        return items

    def _collected(self, *, wait: bool, timeout_s: float) -> Generator[Item[R]]:
        with self._store.running():
            for page in self._not_handed_over():
                yield from page
            budget = None if self._max_usd is None else self._store.budget(self._max_usd)
            for group in self._offline(budget).collect(wait=wait, timeout_s=timeout_s):
                yield from group

    def acollect(
        self, *, wait: bool = False, timeout_s: float = 24 * 3600.0
    ) -> AsyncGenerator[Item[R]]:
        """`collect` for asyncio."""
        return from_thread(lambda: self._collected(wait=wait, timeout_s=timeout_s))

    def _offline(self, budget: Budget | None) -> Offline:
        return Offline(self._store, self._target, keep_prompts=self._keep_prompts, budget=budget)

    # ------------------------------------------------------------------ what came of it

    def results(self) -> Iterator[Item[R]]:
        """The items that have ended, in the order in which their keys were first added."""
        return map(self._item, self._store.ended())

    def progress(self) -> Progress:
        """How far the job is."""
        counts = self._store.counts()
        return Progress(
            sum(counts.values()),
            counts.get("done", 0),
            counts.get("failed", 0),
            self._store.spent(),
        )

    def to_dataframe(self) -> Any:
        """Return the ended items as a pandas DataFrame, in order; needs pandas."""
        return export.to_dataframe(self.results())

    def export(self, path: str | Path) -> int:
        """Write the ended items to a .csv, .jsonl or .parquet file, in order; return how many.

        Raises:
            ConfigurationError: The ending is another, or a package is missing.
        """
        return export.write(self.results(), Path(path))

    def _item(self, row: Any) -> Item[Any]:
        body = None if row["body"] is None else decode(row["body"])
        result: Any = None
        if row["result"] is not None:
            result = decode(row["result"], self._result_type)
        elif row["status"] == "done" and body is not None and self._target.from_body is not None:
            result = self._target.from_body(body)
        cost = None if row["cost"] is None else Decimal(row["cost"])
        return Item(
            decode(row["key"]), result, row["error"], cost, row["tries"], row["generation_id"], body
        )
