"""Many prompts, each paid once: `Job` keeps every answer in a file and goes on where it stopped."""

from __future__ import annotations

from openrouter_core.bulk.item import Item, Progress
from openrouter_core.bulk.job import Job, Run

__all__ = ["Item", "Job", "Progress", "Run"]
