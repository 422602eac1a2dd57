"""`RayChat`: a job as a stage of Ray Data, with an actor pool on as many machines as Ray has.

Ray brings the rows and starts the actors anew that die; the job's database decides what is asked, so that no
row is paid twice, whatever Ray repeats. Imports nothing of Ray.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from openrouter_core.bulk.export import row_of
from openrouter_core.bulk.item import ItemKey
from openrouter_core.bulk.job import Job
from openrouter_core.errors import ConfigurationError

COLUMNS = ("text", "error", "cost_usd", "generation_id", "result")


class RayChat:
    """What `map_batches` of Ray Data calls: each row is asked once and comes back with its answer.

    >>> rows.map_batches(
    ...     RayChat,
    ...     fn_constructor_kwargs={"target": ChatOpenRouter(model="openai/gpt-5-mini"), "store": URL},
    ...     compute=ray.data.ActorPoolStrategy(size=4),
    ...     batch_size=200,
    ... )

    Adds the columns "text" (what the model wrote), "error", "cost_usd" (a float, for people; the job has it
    exactly), "generation_id" and "result" (JSON). A row that failed has an error, and so has one that was
    not asked because the key was refused or a budget is spent; those are asked when the data is read again.
    The API key comes from the environment of Ray's workers.

    Args:
        target: As for `Job`; it is pickled.
        store: The URL of a database that all workers reach.
        prompt: The column of the prompts.
        key: The column of the keys. None: rows are known by their prompts.
        **options: As for `Job`: `name`, `max_usd`, `concurrency` (of each actor) and the others.

    Raises:
        ConfigurationError: The store is a file for one process.
    """

    def __init__(
        self,
        target: Any,
        store: str,
        *,
        prompt: str = "prompt",
        key: str | None = None,
        **options: Any,
    ) -> None:
        if "://" not in store:
            raise ConfigurationError(
                f'Ray runs several processes: store must be the URL of a database, e.g. "sqlite:///{store}".'
            )
        self._job: Job[Any] = Job(store, target, **options)
        self._prompt, self._key = prompt, key

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a batch of columns; return it with the columns of the answers."""
        prompts = [_plain(prompt) for prompt in batch[self._prompt]]
        keys = map(_key_of, prompts) if self._key is None else map(_plain, batch[self._key])
        items = self._job.answer(list(zip(keys, prompts, strict=True)), raises=False)
        rows = [row_of(item) for item in items]
        for row in rows:
            row["cost_usd"] = None if row["cost_usd"] is None else float(row["cost_usd"])
        return {**batch, **{name: [row[name] for row in rows] for name in COLUMNS}}


def _plain(value: Any) -> Any:
    """A scalar of numpy as Python's own."""
    return value.item() if hasattr(value, "item") else value


def _key_of(prompt: Any) -> ItemKey:
    return hashlib.sha256(repr(prompt).encode("utf-8", "surrogatepass")).hexdigest()[:32]
