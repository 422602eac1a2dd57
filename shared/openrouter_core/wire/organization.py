"""The organization behind a management key. Read by `resources/organization.py`."""

from __future__ import annotations

from typing import Literal

from openrouter_core.wire._base import WireModel


class OrganizationMember(WireModel):
    """A person in the organization."""

    id: str
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    role: Literal["org:admin", "org:member"] | str | None = None


class OrganizationSettings(WireModel):
    """Settings of the organization."""

    id: str
    is_filtered_model_catalog_enabled: bool | None = None
