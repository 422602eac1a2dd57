"""What a job hands over: one item, and how far it is. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar

R = TypeVar("R")
ItemKey = str | int


@dataclass(frozen=True, slots=True)
class Item(Generic[R]):
    """One prompt of a job and what became of it."""

    key: ItemKey
    """As it was added."""
    result: R | None = None
    """What the model object, the chain or the function gave; None when it failed."""
    error: str | None = None
    """Why it failed, with the class of the error at its beginning: "BadRequestError: ..."."""
    cost: Decimal | None = None
    """What its calls cost in USD, those of earlier tries included; None where no answer named a price."""
    tries: int = 1
    """How often it was asked; each time the client may have sent several requests."""
    generation_id: str | None = None
    """The id of the last answer."""
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    """The JSON of the last answer, as received."""

    @property
    def is_ok(self) -> bool:
        """Whether there is a result."""
        return self.error is None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is."""

    total: int
    done: int
    failed: int
    spent_usd: Decimal
    per_second: float = 0.0
    """Items that ended per second, in this run."""
    concurrency: int = 0
    """Calls that may be under way at once just now."""

    @property
    def left(self) -> int:
        """How many have not ended."""
        return self.total - self.done - self.failed

    @property
    def seconds_left(self) -> float | None:
        """When it will have ended, at this rate; None while nothing has."""
        return self.left / self.per_second if self.per_second else None

    def __str__(self) -> str:
        parts = [f"{self.done:,} of {self.total:,} done", f"{self.failed:,} failed"]
        parts += [
            f"${self.spent_usd:.4f}",
            f"{self.per_second:.1f}/s",
            f"{self.concurrency} at once",
        ]
        if self.left and (left_s := self.seconds_left) is not None:
            parts.append(
                f"{int(left_s // 3600)}:{int(left_s % 3600 // 60):02}:{int(left_s % 60):02} left"
            )
        return ", ".join(parts)
