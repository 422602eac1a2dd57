"""What an observer is told of a call. Imported with the first call that is observed; pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Literal

from openrouter_core._call import JobStep
from openrouter_core._json import as_dict
from openrouter_core.errors import ApiStatusError, EdgeTimeoutError
from openrouter_core.observers.storable import storable_or_none

if TYPE_CHECKING:
    from openrouter_core.config import ClientConfig

Outcome = Literal["ok", "error", "interrupted"]
OLDER_OUTCOMES: Mapping[str, Outcome] = {"cut": "interrupted"}
"""Spellings that ledgers of older versions hold."""
_numbers = count()


@dataclass(frozen=True, slots=True)
class CallIntent:
    """A call that is about to be sent."""

    operation: str
    """The operationId, e.g. "sendChatCompletionRequest"."""
    body: Mapping[str, Any]
    """The JSON body; empty for calls without one. Not to be changed."""
    config: ClientConfig


@dataclass(frozen=True, slots=True)
class CompletedCall:
    """A call that ended, one way or another."""

    operation: str
    outcome: Outcome
    """"ok"; "error" (refused or failed); "interrupted" (a stream that ended early, by us or by them)."""
    generation_id: str | None
    requested_model: str | None
    model: str | None
    """The model that answered, as the answer names it."""
    provider: str | None
    usage: Mapping[str, Any] | None
    """The answer's `usage`, verbatim; None when none arrived."""
    headers: Mapping[str, str]
    started_at: datetime
    latency_s: float | None
    """Seconds until the last byte, or the end of a job; None for a job that began elsewhere."""
    first_event_s: float | None
    """Seconds until the first event of a stream; None for other calls."""
    streamed: bool
    config: ClientConfig
    """Settings of the client that made the call: what a later look-up needs."""
    body: Mapping[str, Any]
    """The JSON body that was sent. Not to be changed, nor kept: it holds the prompt."""
    error: BaseException | None = None
    """What ended the call, when it failed or was interrupted by a failure."""
    job_id: str | None = None
    """The video or batch job that this call started, or found ended."""
    is_billed: bool = False
    """Whether the operation is of a kind that is paid for, as its route says."""
    job: JobStep = "none"
    """Whether the call started a long job, or found it ended."""
    answer: Mapping[str, Any] | None = field(default=None, repr=False)
    """The JSON of the answer, as received; None for streams and failures. Not to be changed."""
    summary: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """What is known of the answer: the whole of it, or of a stream what cost tracking needs. Not to be changed."""
    parts: tuple[CompletedCall, ...] = ()
    """The single results of a batch whose own answer names no price: each with its own id and usage."""
    number: int = field(default_factory=_numbers.__next__, init=False, repr=False, compare=False)
    """Tells this report from every other of the process: a generation id is not always known."""

    @property
    def finish_reasons(self) -> tuple[str, ...]:
        """Why each choice of the answer ended, as the answer says it; empty where it does not."""
        choices = self.summary.get("choices")
        ends = [as_dict(choice).get("finish_reason") for choice in choices] if choices else []
        reasons = (*ends, self.summary.get("stop_reason"))
        return tuple(reason for reason in reasons if isinstance(reason, str) and reason)

    def __post_init__(self) -> None:
        # An answer may hold anything; observers get text that can be kept, or None.
        for name in _TEXTS:
            value = getattr(self, name)
            if value is not None and (kept := storable_or_none(value)) is not value:
                object.__setattr__(self, name, kept)


_TEXTS = ("generation_id", "requested_model", "model", "provider", "job_id")


def may_be_carried_out(error: BaseException | None) -> bool:
    """Whether a request that ended like this may have been carried out, and billed, all the same.

    It was sent, and nobody refused it: no answer came, or one that says that whoever stands between gave up
    waiting (408, 499, 504, 524).
    """
    if isinstance(error, ApiStatusError):
        return isinstance(error, EdgeTimeoutError)
    return bool(getattr(error, "was_sent", True))


def is_refused(error: BaseException | None, generation_id: str | None) -> bool:
    """Whether a request that ended like this was turned away before any work was done, and costs nothing."""
    if may_be_carried_out(error):
        return False
    if isinstance(error, ApiStatusError):
        return generation_id is None or 400 <= (error.status_code or 0) < 500
    return True
