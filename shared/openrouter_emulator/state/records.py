"""Keys and generations: the records that have a class of their own. No I/O."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.state import seed_data


@dataclass(slots=True)
class KeyRecord:
    """An API key and what it has spent, in USD."""

    secret: str = field(repr=False)
    name: str
    management: bool = False
    limit: Decimal | None = None
    limit_reset: str | None = None
    disabled: bool = False
    include_byok_in_limit: bool = False
    usage: Decimal = Decimal(0)
    byok_usage: Decimal = Decimal(0)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated_at: datetime | None = None
    expires_at: datetime | None = None
    creator_user_id: str | None = seed_data.OWNER
    workspace_id: str = seed_data.WORKSPACE
    external_user: str | None = None

    @property
    def hash(self) -> str:
        """SHA-256 of the key: how the API names it."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    @property
    def label(self) -> str:
        """The masked form: `sk-or-v1-abc...xyz`."""
        return f"{self.secret[:12]}...{self.secret[-3:]}"

    @property
    def limit_remaining(self) -> Decimal | None:
        if self.limit is None:
            return None
        counted = self.usage + (self.byok_usage if self.include_byok_in_limit else 0)
        return max(Decimal(0), self.limit - counted)

    @property
    def expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= datetime.now(UTC)


@dataclass(slots=True)
class Generation:
    """A finished call, as `GET /generation` shows it once `ready_at` has come."""

    id: str
    record: JsonObject
    content: JsonObject
    ready_at: float
    """`time.monotonic()` at which the record appears; before, the API answers 404."""
    size: int = 0
    """Bytes of the request, which `content` holds on to."""
