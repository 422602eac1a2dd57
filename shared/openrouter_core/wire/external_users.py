"""Your own users as OpenRouter tracks them. Read by `resources/external_users.py`."""

from __future__ import annotations

from openrouter_core.wire._base import WireModel
from openrouter_core.wire._fields import UtcTime


class ExternalUser(WireModel):
    """One of your own users, registered for tracking."""

    user: str
    """Your own id of the user, as sent in `user`."""
    created_at: UtcTime | None = None
    is_active: bool | None = None
    """False: no longer in use; its calls are not blocked by that."""
    updated_at: UtcTime | None = None
