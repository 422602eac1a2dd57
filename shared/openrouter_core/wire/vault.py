"""Secrets that OpenRouter puts into outgoing requests of interns. Read by `resources/vault.py`."""

from __future__ import annotations

from typing import Literal

from openrouter_core.wire._base import Page, WireModel
from openrouter_core.wire._fields import UtcTime


class VaultSecret(WireModel):
    """A stored secret; never its value."""

    name: str
    created_at: UtcTime | None = None
    fingerprint: str | None = None
    """Tells two values apart without showing them."""
    hosts: list[str] | None = None
    """The only host names to which the value is released."""


class EffectiveSecret(WireModel):
    """The secret that an intern gets under a name."""

    name: str
    scope: Literal["intern", "attached", "workspace"] | str | None = None
    created_at: UtcTime | None = None
    fingerprint: str | None = None
    """Tells two values apart without showing them."""
    hosts: list[str] | None = None
    """The only host names to which the value is released."""


class VaultConnection(WireModel):
    """A connection that an intern can use; no credentials."""

    key: str
    """E.g. "github" or "mcp:example.com"."""


class SecretsPage(Page[VaultSecret]):
    """A page of secrets."""

    has_more: bool | None = None


class EffectiveSecretsPage(Page[EffectiveSecret]):
    """A page of secrets as an intern gets them."""

    has_more: bool | None = None
