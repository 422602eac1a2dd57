"""One call as the ledger keeps it, and how two reports of the same call become one. Pure.

The answer's own figures and the generation record's are kept side by side; the record's win.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from openrouter_core.config import ClientConfig
from openrouter_core.costs.records.cost import Cost
from openrouter_core.costs.records.labels import UNLABELLED, Labels
from openrouter_core.errors import (
    BudgetExceededError,
    ConfigurationError,
    MissingApiKeyError,
)
from openrouter_core.observers.calls import CompletedCall, Outcome, is_refused
from openrouter_core.observers.lost_tries import LostTry

Lookup = Literal["none", "pending", "found", "not_found", "refused", "unreachable", "dropped"]
"""How the look-up of the generation record stands:
"none": nobody asked; "pending": will be asked (again); "found"; "not_found": still 404 when patience
ended; "refused": the key may not read it; "unreachable": no answer in time; "dropped": too many waited.
"""


@dataclass(frozen=True, slots=True)
class CostRecord:
    """One call: who made it, how it went, what it cost."""

    id: str
    """The generation id; a local name when the call never got one."""
    at: datetime
    operation: str
    outcome: Outcome = "ok"
    error: str | None = None
    """The class of the error that ended the call, e.g. "RateLimitError"."""
    requested_model: str | None = None
    model: str | None = None
    """The model that answered, as the answer or its generation record names it. See `model_name`."""
    provider: str | None = None
    key_hash: str | None = None
    """First 16 hex digits of the key's SHA-256: tells keys apart and shows none."""
    base_url: str | None = None
    labels: Labels = UNLABELLED
    latency_s: float | None = None
    first_event_s: float | None = None
    streamed: bool = False
    lookup: Lookup = "none"
    is_refused: bool = False
    """True if the call was turned away before any work was done, so nothing can be billed."""
    response: Cost | None = None
    """What the answer said."""
    generation: Cost | None = None
    """What the generation record says."""
    estimate: Cost | None = None
    """List price times tokens, when neither of the two says a price."""
    cost: Cost = field(init=False, compare=False)
    """The most trustworthy of the three; what it leaves open is filled from the others."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "cost", _best(self.generation, self.response, self.estimate))

    @property
    def model_name(self) -> str | None:
        """The model that answered; the one that was asked for where nobody named it (images, videos)."""
        return self.model or self.requested_model

    @property
    def has_generation_id(self) -> bool:
        """Whether OpenRouter can be asked about this call."""
        return self.id.startswith("gen-")

    @property
    def is_unknown(self) -> bool:
        """Whether the call may have cost something that nobody has told us (yet)."""
        return not self.cost.is_priced and not self.is_refused

    @property
    def difference(self) -> Decimal | None:
        """How much more the generation record says than the answer said; None if one is silent."""
        if self.generation is None or self.response is None:
            return None
        late, early = self.generation.total, self.response.total
        return None if late is None or early is None else late - early

    def settled(self, lookup: Lookup, generation: Cost | None = None) -> CostRecord:
        """Return this record with the result of a look-up."""
        late = generation or self.generation
        return replace(
            self,
            lookup="found" if late else lookup,
            generation=late,
            model=(late and late.model) or self.model,
            provider=(late and late.provider) or self.provider,
        )

    @staticmethod
    def of_call(call: CompletedCall, labels: Labels) -> CostRecord:
        """Read what the client says about a call that ended."""
        response = None
        if call.usage is not None:
            response = Cost.of_usage(
                call.usage,
                model=call.model,
                provider=call.provider,
                generation_id=call.generation_id,
            )
        return CostRecord(
            id=call.generation_id or _local_id(call),
            at=call.started_at,
            operation=call.operation,
            outcome=call.outcome,
            error=None if call.error is None else type(call.error).__name__,
            requested_model=call.requested_model,
            model=call.model,
            provider=call.provider,
            key_hash=_key_hash(call.config),
            base_url=call.config.base_url,
            labels=labels.of_call(call.body),
            latency_s=call.latency_s,
            first_event_s=call.first_event_s,
            streamed=call.streamed,
            is_refused=call.outcome == "error"
            and call.usage is None
            and is_refused(call.error, call.generation_id),
            response=response,
        )

    @staticmethod
    def of_failure(
        error: BaseException,
        *,
        generation_id: str | None,
        at: datetime,
        operation: str,
        requested_model: str | None = None,
        labels: Labels = UNLABELLED,
        streamed: bool = False,
    ) -> CostRecord | None:
        """Read what a framework's callback learns of a call that failed, was cancelled or left.

        Returns:
            None for a call that was not made. One without a generation id cannot be looked up: unless it was
            refused, what it cost stays unknown.
        """
        if isinstance(error, _NOT_MADE):
            return None
        now = datetime.now(UTC)
        return CostRecord(
            id=generation_id or _new_local_id(now),
            at=at,
            operation=operation,
            outcome="interrupted" if streamed else "error",
            error=type(error).__name__,
            requested_model=requested_model,
            provider=getattr(error, "provider_name", None),
            labels=labels,
            latency_s=(now - at).total_seconds(),
            streamed=streamed,
            is_refused=not streamed and is_refused(error, generation_id),
        )

    def of_lost_try(self, lost: LostTry) -> CostRecord:
        """Return the record of a try of this call that failed and was made again."""
        return CostRecord(
            id=lost.generation_id or _new_local_id(datetime.now(UTC)),
            at=self.at,
            operation=self.operation,
            outcome="error",
            error=lost.error,
            requested_model=self.requested_model,
            labels=self.labels,
            is_refused=lost.is_refused,
        )


def is_billed(call: CompletedCall) -> bool:
    """Whether a call belongs into a ledger: it is of a kind that is billed, or says what it cost.

    A video or batch job is booked when its finished state brings the usage, not when it starts.
    """
    if call.usage is not None:
        return True
    if isinstance(call.error, _NOT_MADE):
        return False
    if call.job == "starts":
        return False
    return call.is_billed or (call.generation_id or "").startswith("gen-")


def starts_job(call: CompletedCall) -> bool:
    """Whether a call set off a job that is still to be paid for."""
    return call.job == "starts" and call.outcome == "ok" and call.usage is None


def merge(old: CostRecord, new: CostRecord) -> CostRecord:
    """Return the one record that two reports of the same call add up to.

    A priced answer wins over one without a price, and a later report over an earlier one; a generation
    record, once known, stays.
    """
    filled = {
        f.name: getattr(old, f.name)
        for f in fields(new)
        if f.init and getattr(new, f.name) is None and getattr(old, f.name) is not None
    }
    decided = {
        "at": min(old.at, new.at),
        "response": _priced(old.response, new.response),
        "lookup": _further(old.lookup, new.lookup),
        "labels": new.labels if new.labels != UNLABELLED else old.labels,
        "is_refused": old.is_refused and new.is_refused,
    }
    return replace(new, **(filled | decided))


def _best(generation: Cost | None, response: Cost | None, estimate: Cost | None) -> Cost:
    if generation is None and estimate is None:
        return _UNKNOWN if response is None else response
    known = [c for c in (generation, response, estimate) if c is not None]
    if len(known) == 1:
        return known[0]
    ranked = sorted(known, key=lambda c: c.total is None)  # stable: trust decides among the priced
    best = ranked[0]
    for other in ranked[1:]:
        if not other.is_estimate:
            best = best.filled_from(other)
    return best


def _priced(old: Cost | None, new: Cost | None) -> Cost | None:
    if new is None or old is None:
        return new or old
    return old if new.total is None and old.total is not None else new


_ORDER: dict[Lookup, int] = {
    "none": 0,
    "dropped": 1,
    "pending": 2,
    "unreachable": 3,
    "refused": 3,
    "not_found": 3,
    "found": 4,
}


def _further(old: Lookup, new: Lookup) -> Lookup:
    return old if _ORDER[old] > _ORDER[new] else new


_NOT_MADE = (BudgetExceededError, ConfigurationError)
"""Errors of calls that were never sent."""


def _local_id(call: CompletedCall) -> str:
    """The same for every observer of one call, and for no other call in any process."""
    return f"local-{_process_token(os.getpid())}-{call.started_at:%Y%m%d%H%M%S%f}-{call.number:x}"


def _new_local_id(now: datetime) -> str:
    return f"local-{_process_token(os.getpid())}-{now:%Y%m%d%H%M%S%f}-{secrets.token_hex(4)}"


@lru_cache(maxsize=4)
def _process_token(pid: int) -> str:
    return f"{pid:x}{secrets.token_hex(4)}"


def _key_hash(config: ClientConfig) -> str | None:
    secret = config.api_key
    if secret is not None:
        return hash_of_key(secret.get_secret_value())
    try:
        return hash_of_key(config.key)
    except MissingApiKeyError:
        return None


@lru_cache(maxsize=256)
def hash_of_key(key: str) -> str:
    """Return the name under which a ledger books a key."""
    return sha256(key.encode()).hexdigest()[:16]


_UNKNOWN = Cost()
