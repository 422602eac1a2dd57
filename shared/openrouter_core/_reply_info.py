"""How an answer travelled. Apart from the models, so that a client needs no pydantic until one is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReplyInfo:
    """How an answer travelled: the HTTP side of a call."""

    status_code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Response headers, names in lower case."""
    attempts: int = 1
    """Requests sent, retries included."""
    elapsed_s: float = 0.0
    """Seconds from the first byte sent to the last byte read."""

    @property
    def generation_id(self) -> str | None:
        """The id for `client.generations.get`; known even if the body carries none."""
        return self.headers.get("x-generation-id")
