"""Keys and tokens on behalf of others. Read by `resources/oauth.py` and `oauth.py`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from openrouter_core.wire._base import WireModel
from openrouter_core.wire._fields import ResetInterval, SecretText, UtcTime, without_raw
from openrouter_core.wire._options import CallOptions


class JsonWebKey(WireModel):
    """A public key that access tokens are signed with."""

    kid: str
    alg: str | None = None
    crv: str | None = None
    kty: str | None = None
    use: str | None = None
    x: str | None = None
    y: str | None = None


class JsonWebKeys(WireModel):
    """The public keys, to check the signature of access tokens with."""

    keys: list[JsonWebKey]


class AuthCode(WireModel):
    """A code to exchange for a key. It works once, for ten minutes."""

    id: str
    app_id: int | None = None
    created_at: UtcTime | None = None


class ExchangedKey(WireModel):
    """The key of the user who agreed. It is shown this once."""

    key: SecretText
    user_id: str | None = None

    def __getstate__(self) -> dict[Any, Any]:
        """Leave the JSON with the key in it out of pickles and copies."""
        return without_raw(super().__getstate__())


class AccessToken(WireModel):
    """A token that stands for a key for a short time."""

    access_token: SecretText
    expires_in: int | None = None
    """Seconds."""
    token_type: str | None = None
    issued_token_type: str | None = None
    scope: Literal["inference", "management"] | str | None = None

    def __getstate__(self) -> dict[Any, Any]:
        """Leave the JSON with the token in it out of pickles and copies."""
        return without_raw(super().__getstate__())


class AuthCodeOptions(CallOptions, total=False):
    """What the key that comes of the code may do."""

    code_challenge: str | None
    code_challenge_method: Literal["S256", "plain"] | str | None
    expires_at: datetime | str | None
    """A time in UTC. Aware datetimes are converted."""
    key_label: str | None
    limit: float | Decimal | None
    """USD."""
    usage_limit_type: ResetInterval | None
    workspace_id: str | None
