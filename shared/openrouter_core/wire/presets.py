"""Presets and their versions. Read by `resources/presets.py`."""

from __future__ import annotations

from typing import Literal

from openrouter_core.wire._base import JsonValue, WireModel
from openrouter_core.wire._fields import UtcTime


class PresetVersion(WireModel):
    """One version of a preset."""

    id: str
    version: int | None = None
    """Counts from 1."""
    system_prompt: str | None = None
    """Text that precedes every conversation."""
    config: dict[str, JsonValue] | None = None
    """Settings of the destination; secrets come back masked."""
    created_at: UtcTime | None = None
    creator_id: str | None = None
    preset_id: str | None = None
    updated_at: UtcTime | None = None


class Preset(WireModel):
    """A stored setup that `model="@preset/slug"` uses. `designated_version` comes with one, not in lists."""

    id: str
    slug: str | None = None
    name: str | None = None
    description: str | None = None
    status: Literal["active", "disabled", "archived"] | str | None = None
    created_at: UtcTime | None = None
    creator_user_id: str | None = None
    """Who made it."""
    designated_version_id: str | None = None
    """The version that calls use."""
    status_updated_at: UtcTime | None = None
    updated_at: UtcTime | None = None
    workspace_id: str | None = None
    designated_version: PresetVersion | None = None
