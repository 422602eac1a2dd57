"""Groups of a company directory. Read by `resources/scim.py`."""

from __future__ import annotations

from typing import Literal

from openrouter_core.wire._base import WireModel
from openrouter_core.wire._fields import UtcTime


class ScimGroupMapping(WireModel):
    """A directory group whose members join a workspace."""

    id: str
    created_at: UtcTime | None = None
    organization_id: str | None = None
    role: Literal["admin", "member"] | str | None = None
    scim_group_id: str | None = None
    updated_at: UtcTime | None = None
    workspace_id: str | None = None


class ScimGroup(WireModel):
    """A group of the directory."""

    id: str
    created_at: UtcTime | None = None
    display_name: str | None = None
    external_id: str | None = None
    """The directory's own id."""
    organization_id: str | None = None
    updated_at: UtcTime | None = None


class ScimSyncJob(WireModel):
    """A reading of the directory."""

    id: str
    status: Literal["queued", "running", "succeeded", "failed"] | str | None = None
    created_at: UtcTime | None = None
    deleted_groups: int | None = None
    """How many groups were removed."""
    error_message: str | None = None
    finished_at: UtcTime | None = None
    started_at: UtcTime | None = None
    synced_groups: int | None = None
    """How many groups were read."""
