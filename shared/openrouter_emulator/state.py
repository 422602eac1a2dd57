"""What the emulator remembers: keys, credit, generations, scripts, and the tables of every other resource.

Handlers read and change it on the server's thread while tests look at it from theirs, so every method
takes the lock. No I/O.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openrouter_emulator import seeds
from openrouter_emulator.answers import ApiError, RecordedRequest
from openrouter_emulator.books import Booking
from openrouter_emulator.drafts import JsonObject
from openrouter_emulator.faults import Fault


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
    creator_user_id: str | None = seeds.OWNER
    workspace_id: str = seeds.WORKSPACE
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
    """A finished call, as `GET /generation` will tell it once `ready_at` has come."""

    id: str
    record: JsonObject
    content: JsonObject
    ready_at: float
    """`time.monotonic()` at which the record appears; before, the API answers 404."""


class Table:
    """The records of one resource, in order of creation, by id.

    What most management endpoints need: add, get (404), change, remove (404), page by offset.
    """

    def __init__(self, noun: str, *, id_field: str = "id") -> None:
        self.noun = noun
        self.id_field = id_field
        self._rows: dict[str, JsonObject] = {}
        self._lock = threading.RLock()

    def add(self, row: JsonObject) -> JsonObject:
        """Keep a record; it gets a UUID when it has no id."""
        with self._lock:
            row.setdefault(self.id_field, str(uuid.uuid4()))
            self._rows[str(row[self.id_field])] = row
            return row

    def get(self, id: str) -> JsonObject:
        """Return a record; 404 when there is none."""
        with self._lock:
            if id not in self._rows:
                raise ApiError(404, f"{self.noun} not found")
            return self._rows[id]

    def change(self, id: str, changes: JsonObject) -> JsonObject:
        """Set fields of a record; 404 when there is none."""
        with self._lock:
            row = self.get(id)
            row.update(changes)
            return row

    def remove(self, id: str) -> JsonObject:
        """Take a record out; 404 when there is none."""
        with self._lock:
            row = self.get(id)
            del self._rows[id]
            return row

    def rows(self, keep: Callable[[JsonObject], bool] = lambda _row: True) -> list[JsonObject]:
        """Every record that `keep` accepts, oldest first."""
        with self._lock:
            return [row for row in self._rows.values() if keep(row)]

    def __contains__(self, id: object) -> bool:
        return id in self._rows

    def __len__(self) -> int:
        return len(self._rows)


@dataclass
class Settings:
    """What a test can set at any time; each is read when a request comes."""

    generation_delay_s: float = 0.0
    """Seconds until a generation's record can be looked up; 404 before."""
    generation_cost_factor: Decimal = Decimal(1)
    """`total_cost` of the record = `usage.cost` of the reply times this."""
    latency_s: float = 0.0
    """Seconds before any answer begins."""
    first_event_delay_s: float = 0.0
    """Seconds of comments between the headers of a stream and its first event."""
    chunk_gap_s: float = 0.0
    """Seconds between two events of a stream. Above 0, a client that leaves is noticed at once."""
    usage_form: int = 3
    """Where a stream reports usage: 1 an extra chunk with a choice, 2 `choices: []`, 3 the finish chunk again."""
    done_after_messages: bool = False
    """End /messages streams with `[DONE]` too: recorded, not documented, and Anthropic's SDK fails on it."""
    comments: int = 2
    """Keep-alive comments before the first event of a stream."""
    comment_every: int = 0
    """A keep-alive comment after every so many events; 0 for none."""
    byok: bool = False
    """Whether calls run on the caller's own provider key."""
    byok_fee: Decimal = Decimal(0)
    """OpenRouter's share of a BYOK call, as a fraction of the list price."""
    down_models: set[str] = field(default_factory=set[str])
    """Models whose providers all answer 503."""
    down_providers: set[str] = field(default_factory=set[str])
    """Providers (display names or slugs) that answer 503, so that the next one serves."""
    denied_models: set[str] = field(default_factory=set[str])
    """Models without any endpoint for this account: 404."""
    forget_reasoning_items: bool = False
    """Refuse replayed OpenAI reasoning items (`rs_…`) as expired, with the 400 that OpenAI sends."""
    dialects: bool = True
    """Refuse what the provider behind a model refuses, in its words: see `dialects`."""
    check_reasoning: bool = True
    """Refuse tool-call messages of signing models that come back without their reasoning details."""
    free_per_minute: int | None = None
    """Requests a minute on `:free` models before the 429 with its reset header; None for no limit."""
    looks_until_done: int = 2
    """How often a job (video, batch) is looked at until it has ended."""
    jobs_end: str = "completed"
    """How jobs end: "completed", "failed", "cancelled" or "expired"."""
    webhook_secret: str | None = None
    """Signs the webhooks of jobs; None leaves the signature out."""
    log_content: bool = True
    """Whether `GET /generation/content` has prompt and answer; else 403."""


class State:
    """Everything of one emulator."""

    def __init__(self, *, credits_usd: Decimal = Decimal(1000)) -> None:
        self.lock = threading.RLock()
        self.settings = Settings()
        self.total_credits = credits_usd
        self.requests: list[RecordedRequest] = []
        self.books: list[Booking] = []
        self.generations: dict[str, Generation] = {}
        self.script: deque[Any] = deque()
        self.faults: deque[tuple[Fault, str | None]] = deque()
        self.reasoning_of_call: dict[str, list[JsonObject]] = {}
        """Tool-call id -> the reasoning details that must come back with it."""
        self.cached_prefixes: set[str] = set()
        self.free_calls: deque[float] = deque()
        self.tables: dict[str, Table] = {}
        self.keys: dict[str, KeyRecord] = {}
        self.spent_by_deleted_keys = Decimal(0)
        self._busy = 0
        self._idle = threading.Condition(self.lock)
        self.inference_key = self.add_key("Emulator")
        self.management_key = self.add_key("Emulator management", management=True)

    def add_key(self, name: str, *, management: bool = False, **fields: Any) -> KeyRecord:
        """Make a new key and return it."""
        record = KeyRecord(f"sk-or-v1-{secrets.token_hex(32)}", name, management, **fields)
        with self.lock:
            self.keys[record.secret] = record
        return record

    def remove_key(self, key: KeyRecord) -> None:
        """Forget a key; what it has spent stays part of the account's usage."""
        with self.lock:
            del self.keys[key.secret]
            self.spent_by_deleted_keys += key.usage

    def table(self, noun: str, *, id_field: str = "id") -> Table:
        """The table of one resource, made on first use. `noun` is what its 404 calls a record."""
        with self.lock:
            if noun not in self.tables:
                self.tables[noun] = Table(noun, id_field=id_field)
            return self.tables[noun]

    @property
    def total_usage(self) -> Decimal:
        with self.lock:
            spent = sum((key.usage for key in self.keys.values()), Decimal(0))
            return spent + self.spent_by_deleted_keys

    @property
    def balance(self) -> Decimal:
        """Credit left, in USD."""
        return self.total_credits - self.total_usage

    def book(self, booking: Booking, generation: Generation, key: KeyRecord) -> None:
        """Charge a finished call and let its record appear after the delay."""
        with self.lock:
            generation.ready_at = time.monotonic() + self.settings.generation_delay_s
            self.books.append(booking)
            self.generations[generation.id] = generation
            key.usage += booking.cost
            key.byok_usage += booking.upstream_cost if booking.is_byok else 0

    def generation(self, id: str) -> Generation:
        """A generation whose record has appeared; 404 otherwise."""
        with self.lock:
            found = self.generations.get(id)
            if found is None or found.ready_at > time.monotonic():
                raise ApiError(404, f"Generation {id} not found")
            return found

    def take_fault(self, path: str) -> Fault | None:
        """The next fault that is meant for this path; it is used up."""
        with self.lock:
            for at, (fault, wanted) in enumerate(self.faults):
                if wanted is None or wanted == path:
                    del self.faults[at]
                    return fault
        return None

    def next_scripted(self) -> Any | None:
        """The next item of the script; None when it is empty."""
        with self.lock:
            return self.script.popleft() if self.script else None

    def reset(self) -> None:
        """Forget what happened and what was armed; the two first keys and their strings stay."""
        with self.lock:
            self.settings.__init__()  # type: ignore[misc]  # in place: others hold it
            for memory in (self.requests, self.books, self.script, self.faults, self.free_calls):
                memory.clear()
            for table in (self.generations, self.reasoning_of_call, self.tables):
                table.clear()
            self.cached_prefixes.clear()
            self.spent_by_deleted_keys = Decimal(0)
            for key in (self.inference_key, self.management_key):
                key.usage = key.byok_usage = Decimal(0)
                key.limit, key.disabled = None, False
            self.keys = {k.secret: k for k in (self.inference_key, self.management_key)}

    @contextmanager
    def busy(self) -> Generator[None]:
        """Count a request in and out, for `wait_idle`."""
        with self._idle:
            self._busy += 1
        try:
            yield
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until no request is being answered; False when that takes too long."""
        with self._idle:
            return self._idle.wait_for(lambda: self._busy == 0, timeout_s)
