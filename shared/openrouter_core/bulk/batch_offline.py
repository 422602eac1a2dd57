"""A list of inputs through the Batch API in one call: a job that is handed in, watched and read to its end."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openrouter_core.bulk.given import inputs as checked_inputs
from openrouter_core.bulk.item import Item
from openrouter_core.bulk.job import Job

_OPEN = "NotAnswered: No batch has answered it: one was cancelled or expired. Call again with the same store."


def batch_offline(
    target: Any, inputs: Iterable[Any], store: str | Path, *, timeout_s: float
) -> list[Item[Any]]:
    """Answer inputs by the Batch API and return an item for each, in order; its key is the place.

    Called again with the same file and inputs it hands in nothing twice: it goes on waiting, and asks again for
    what a cancelled or expired batch left, whose items have an `error`.

    Raises:
        ConfigurationError: `inputs` is one input.
        RequestTimeoutError: A batch has not ended in time. It goes on; call again.
    """
    given = checked_inputs(inputs)
    with Job[Any](store, target) as job:
        job.add(enumerate(given))
        job.submit()
        for _ in job.collect(wait=True, timeout_s=timeout_s):
            continue
        return _items(job, len(given))


async def abatch_offline(
    target: Any, inputs: Iterable[Any], store: str | Path, *, timeout_s: float
) -> list[Item[Any]]:
    """`batch_offline` for asyncio."""
    given = checked_inputs(inputs)
    with Job[Any](store, target) as job:
        job.add(enumerate(given))
        await job.asubmit()
        async for _ in job.acollect(wait=True, timeout_s=timeout_s):
            continue
        return _items(job, len(given))


def _items(job: Job[Any], count: int) -> list[Item[Any]]:
    found = {item.key: item for item in job.results()}
    return [found.get(key) or Item(key, error=_OPEN, tries=0) for key in range(count)]
