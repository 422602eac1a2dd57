"""What models are used for. Read by `resources/classifications.py`."""

from __future__ import annotations

from openrouter_core.wire._base import WireModel
from openrouter_core.wire._fields import Usd


class TaskModel(WireModel):
    """A model's share in a task."""

    id: str
    tag_token_share: float | None = None
    tag_usage_share: float | None = None


class Task(WireModel):
    """A kind of task and what it is done with."""

    tag: str | None = None
    display_name: str | None = None
    category_token_share: float | None = None
    category_usage_share: float | None = None
    macro_category: str | None = None
    models: list[TaskModel] | None = None
    token_share: float | None = None
    """0 to 1."""
    usage_share: Usd | None = None
    """0 to 1."""


class TaskGroup(WireModel):
    """A group of tasks."""

    key: str | None = None
    label: str | None = None
    token_share: float | None = None
    """0 to 1."""
    usage_share: Usd | None = None
    """0 to 1."""


class TaskClassifications(WireModel):
    """What models are used for."""

    as_of: str | None = None
    """When the figures were made."""
    classifications: list[Task] | None = None
    macro_categories: list[TaskGroup] | None = None
    window_days: int | None = None
