"""Many prompts, each paid once: `Job` keeps every answer in a file and goes on where it stopped.

The job is imported when it is first used: the adapters name `Item` in their signatures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openrouter_core.bulk.item import Item, Progress

if TYPE_CHECKING:
    from openrouter_core.bulk.embedding import aembed_into, embed_into
    from openrouter_core.bulk.job import Job
    from openrouter_core.bulk.run import Run

__all__ = ["Item", "Job", "Progress", "Run", "aembed_into", "embed_into"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from openrouter_core.bulk import embedding, job

    return getattr(embedding if name.endswith("embed_into") else job, name)


def __dir__() -> list[str]:
    return list(__all__)
