"""`embed_into`: a corpus into a vector store, each chunk paid once.

A batch is embedded, written into the vector store, and then committed chunk by chunk. Killed in between, it
is embedded again and replaces itself: chunks have ids of their content.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from openrouter_core.bulk.chunks import Chunk, chunks_of, writer_of
from openrouter_core.bulk.engine import Engine
from openrouter_core.bulk.given import whole
from openrouter_core.bulk.item import Progress
from openrouter_core.bulk.opening import opened
from openrouter_core.bulk.pace import Concurrency, Pace, check_concurrency
from openrouter_core.bulk.run import Figures, Shows, shown_by
from openrouter_core.bulk.settings import settings_of
from openrouter_core.bulk.store import Ended, Entry, key_text
from openrouter_core.bulk.target import Target, target_of
from openrouter_core.costs.records.usage import amount_of

if TYPE_CHECKING:
    from openrouter_core.bulk.store import AnyStore

_READ, _BATCH = 1000, 100
_NAME = "embed_into"
Do = Callable[[Callable[[], object]], "asyncio.Future[object]"]


def embed_into(
    vector_store: Any,
    embeddings: Any,
    chunks: Iterable[Any],
    *,
    store: str | Path,
    batch_size: int | None = None,
    max_usd: Decimal | str | float | None = None,
    concurrency: Concurrency = "auto",
    progress: Shows = False,
) -> Progress:
    """Embed chunks and write them into a vector store; what is written already is not paid again.

    >>> embed_into(vector_store, embeddings, documents, store="corpus.db", max_usd="2")

    Chunks are read as they are needed, so a generator of millions is fine. Each is known by its text and
    metadata. Killed or stopped, call it again with the same chunks; those that failed are asked again.

    Args:
        vector_store: A vector store of LangChain, made with these embeddings, or one of LlamaIndex. It is
            written to from this thread alone.
        embeddings: An `OpenRouterEmbeddings` or an `OpenRouterEmbedding`.
        chunks: Texts, pairs of a text and metadata, documents of LangChain, or nodes of LlamaIndex.
        store: What is written already: a file for this vector store, or the URL of a database, as for `Job`.
        batch_size: Chunks per request. Default: as many as the embeddings send at once.
        max_usd: The most that all calls with this store may spend together. USD.
        concurrency: As for `Job`.
        progress: As for `Job.run`.

    Returns:
        How many chunks are in the vector store (`done`), how many failed, and what it cost.

    Raises:
        ConfigurationError: The vector store or a chunk is of another kind.
        OpenRouterError: As `Job.run`. What was written before stays.
    """
    corpus = _Corpus(vector_store, embeddings, chunks, store, batch_size, max_usd, concurrency)
    return _embed_here(corpus, progress)


async def aembed_into(
    vector_store: Any,
    embeddings: Any,
    chunks: Iterable[Any],
    *,
    store: str | Path,
    batch_size: int | None = None,
    max_usd: Decimal | str | float | None = None,
    concurrency: Concurrency = "auto",
    progress: Shows = False,
) -> Progress:
    """`embed_into` for asyncio. The vector store is written to from the thread of the event loop."""
    corpus = _Corpus(vector_store, embeddings, chunks, store, batch_size, max_usd, concurrency)

    def do(function: Callable[[], object]) -> asyncio.Future[object]:
        future = asyncio.get_running_loop().create_future()
        future.set_result(function())
        return future

    return await corpus.embed(do, progress)


class _Corpus:
    """One call of `embed_into`: for the engine, a store whose items are batches."""

    def __init__(
        self,
        vector_store: Any,
        embeddings: Any,
        chunks: Iterable[Any],
        store: str | Path,
        batch_size: int | None,
        max_usd: Decimal | str | float | None,
        concurrency: Concurrency,
    ) -> None:
        check_concurrency(concurrency)
        self._size = whole(_size_of(embeddings) if batch_size is None else batch_size, "batch_size")
        self._concurrency: Concurrency = concurrency
        self._max_usd = None if max_usd is None else amount_of(max_usd, "max_usd")
        self._embed = target_of(embeddings).ask
        self._write = writer_of(vector_store, embeddings)
        self._chunks = chunks_of(chunks)
        self._settings = settings_of(embeddings, "")
        self._batches: dict[int, list[tuple[Entry, Chunk]]] = {}
        self._engine: Engine | None = None
        self._store: AnyStore = opened(store, _NAME)

    async def embed(self, do: Do, progress: Shows) -> Progress:
        """Embed all; `do` calls a function where the vector store may be used."""
        try:
            with self._store.running():
                self._store.retry_failed()
                await self._run(do, progress)
            return self._progress()
        finally:
            self._store.close()

    async def _run(self, do: Do, progress: Shows) -> None:
        async def ask(first: int) -> int:
            batch = self._batches[first]
            assert self._embed is not None
            vectors = await self._embed([chunk.text for _, chunk in batch])
            await do(lambda: self._write([chunk for _, chunk in batch], vectors))
            return len(batch)

        pace = Pace(self._concurrency)
        figures = Figures(self._progress(), pace)
        budget = None if self._max_usd is None else self._store.budget(self._max_usd)
        engine = self._engine = Engine(
            self,
            Target(ask),
            pace,
            max_tries=3,
            budget=budget,
            keep_prompts=False,
            keep_bodies=False,
        )
        with shown_by(progress, self._progress) as shown:
            async for group in engine.groups(self._pages()):
                for ended, item in group:
                    batch = self._batches.pop(ended.id)
                    shown(figures.after([item], count=len(batch)))

    def halt(self) -> None:
        """Begin no further batch."""
        if self._engine is not None:
            self._engine.halt()

    def commit(
        self,
        ended: Sequence[Ended],
        delivered: Sequence[int],  # noqa: ARG002  # a batch is in the vector store when it ends
        *,
        keep_prompts: bool,
    ) -> None:
        """Write the chunks of batches that have ended. The first of a batch bears its cost."""
        chunks = [
            replace(
                one, id=entry.id, key=entry.key, result=None, cost=one.cost if at == 0 else None
            )
            for one in ended
            for at, (entry, _) in enumerate(self._batches[one.id])
        ]
        self._store.commit(chunks, [one.id for one in chunks], keep_prompts=keep_prompts)

    def _pages(self) -> Iterator[list[Entry]]:
        while some := list(islice(self._chunks, _READ)):
            by_key = {key_text(chunk.key): chunk for chunk in some}
            self._store.add([(key, self._digest(key), None) for key in by_key])
            entries = self._store.pending_of(dict.fromkeys(by_key, ""))
            page: list[Entry] = []
            for at in range(0, len(entries), self._size):
                batch = entries[at : at + self._size]
                self._batches[batch[0].id] = [(entry, by_key[entry.key]) for entry in batch]
                page.append(Entry(batch[0].id, batch[0].key, str(batch[0].id)))
            if page:
                yield page

    def _digest(self, key: str) -> str:
        return hashlib.sha256(f"{self._settings}\n{key}".encode()).hexdigest()

    def _progress(self) -> Progress:
        counts = self._store.counts()
        done, failed = counts.get("done", 0), counts.get("failed", 0)
        return Progress(sum(counts.values()), done, failed, self._store.spent())


def _size_of(embeddings: Any) -> int:
    own = getattr(embeddings, "batch_size", None) or getattr(embeddings, "embed_batch_size", None)
    return int(own or _BATCH)


def _embed_here(corpus: _Corpus, progress: Shows) -> Progress:
    """Embed in an event loop of its own, and write from this thread."""
    here, done = _Here(), Future[Progress]()

    def work() -> None:
        try:
            done.set_result(asyncio.run(corpus.embed(here.do, progress)))
        except BaseException as error:  # noqa: BLE001  # raised below
            done.set_exception(error)
        here.end()

    run = partial(copy_context().run, work)  # trackers, budgets and labels of the caller count
    threading.Thread(target=run, name="openrouter-embed", daemon=True).start()
    here.serve(corpus.halt)
    return done.result()


class _Here:
    """Calls functions in the thread of the caller: not every vector store may be used from another."""

    def __init__(self) -> None:
        self._calls = SimpleQueue[tuple[Future[object], Callable[[], object]] | None]()

    def do(self, function: Callable[[], object]) -> asyncio.Future[object]:
        """Have it called; used from the event loop."""
        future = Future[object]()
        self._calls.put((future, function))
        return asyncio.wrap_future(future)

    def end(self) -> None:
        """Let `serve` return."""
        self._calls.put(None)

    def serve(self, halt: Callable[[], None]) -> None:
        """Call what is asked for, until the end. Ctrl-C lets what is under way end."""
        interrupted: KeyboardInterrupt | None = None
        while True:
            try:
                call = self._calls.get()
                if call is None:
                    break
                _carry_out(*call)
            except KeyboardInterrupt as error:
                if interrupted is not None:
                    raise
                interrupted = error
                halt()
        if interrupted is not None:
            raise interrupted


def _carry_out(future: Future[object], function: Callable[[], object]) -> None:
    try:
        future.set_result(function())
    except Exception as error:  # noqa: BLE001  # the batch fails with it
        future.set_exception(error)
