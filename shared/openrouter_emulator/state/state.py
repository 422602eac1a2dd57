"""What the emulator remembers: keys, credit, generations, scripts, and the tables of every other resource.

Handlers read and change it on the server's thread while tests look at it from theirs, so every method
takes the lock. No I/O.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Collection, Generator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from openrouter_emulator.api_error import ApiError
from openrouter_emulator.catalogue.catalogue import Catalogue
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.state.recording import Recording
from openrouter_emulator.state.records import Generation, KeyRecord
from openrouter_emulator.state.script import Script
from openrouter_emulator.state.seen import KEPT, Seen
from openrouter_emulator.state.settings import Settings
from openrouter_emulator.state.table import Table

if TYPE_CHECKING:
    from openrouter_emulator.billing.charges import Charge
    from openrouter_emulator.faults import Fault
    from openrouter_emulator.requests import RecordedRequest


_REQUEST_BYTES = _CALL_BYTES = 256 << 20
"""Bytes of bodies at which the oldest requests go, and of requests at which the oldest calls do."""
_RECORDS = "/generation"
_IDS_KEPT = 1_000
"""Generations from before the last resets that are still told from unknown ones."""


T = TypeVar("T")


class State:
    """Everything of one emulator."""

    def __init__(
        self, *, credits_usd: Decimal = Decimal(1000), catalogue: Catalogue | None = None
    ) -> None:
        self.catalogue = catalogue or Catalogue()
        self.lock = threading.RLock()
        self.settings = Settings()
        self.total_credits = credits_usd
        self.requests: list[RecordedRequest] = []
        self._request_bytes = 0
        self.seen: deque[Seen] = deque(maxlen=KEPT)
        self.charges: list[Charge] = []
        self.total_charged = Decimal(0)
        self.generations: dict[str, Generation] = {}
        self._call_bytes = 0
        self.script = Script()
        self.recordings: list[Recording] = []
        self.faults: deque[tuple[Fault, str | None]] = deque()
        self._forgotten: deque[str] = deque(maxlen=_IDS_KEPT)
        self.reasoning_of_call: dict[str, list[JsonObject]] = {}
        """Tool-call id -> the reasoning details that must come back with it."""
        self.cached_prefixes: dict[str, None] = {}
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

    def add_charge(self, charge: Charge, generation: Generation, key: KeyRecord) -> None:
        """Charge a finished call and let its record appear after the delay."""
        with self.lock:
            generation.ready_at = time.monotonic() + self.settings.generation_delay_s
            self.charges.append(charge)
            self.total_charged += charge.cost
            self.generations[generation.id] = generation
            self._call_bytes += generation.size
            self._forget_old_calls()
            key.usage += charge.cost
            key.byok_usage += charge.upstream_cost if charge.is_byok else 0

    def _forget_old_calls(self) -> None:
        most = max(1, self.settings.calls_kept)
        while len(self.charges) > most or (
            self._call_bytes > _CALL_BYTES and len(self.charges) > 1
        ):
            gone = self.generations.pop(self.charges.pop(0).generation_id, None)
            self._call_bytes -= gone.size if gone else 0

    def remember(self, memory: dict[str, T], name: str, value: T) -> None:
        """Note something of a call under a name; the oldest is forgotten with the oldest calls."""
        with self.lock:
            memory[name] = value
            if len(memory) > max(1, self.settings.calls_kept):
                del memory[next(iter(memory))]

    def generation(self, id: str) -> Generation:
        """A generation whose record has appeared; 404 otherwise."""
        with self.lock:
            found = self.generations.get(id)
            if found is None or found.ready_at > time.monotonic():
                raise ApiError(404, f"Generation {id} not found")
            return found

    def take_fault(self, path: str) -> Fault | None:
        """The next fault that is meant for this path; it is used up.

        Ledgers look records up in the background: only a fault that names that path meets them.
        """
        with self.lock:
            for at, (fault, wanted) in enumerate(self.faults):
                if wanted == path or (wanted is None and path != _RECORDS):
                    del self.faults[at]
                    return fault
        return None

    def see(self, seen: Seen) -> None:
        """Keep an exchange for the page."""
        with self.lock:
            self.seen.append(seen)

    def is_late(self, request: RecordedRequest) -> bool:
        """Whether a ledger from before the last reset looks up what was forgotten."""
        with self.lock:
            return request.path == _RECORDS and request.query.get("id") in self._forgotten

    def add_request(self, request: RecordedRequest) -> None:
        """Keep a request, and let the oldest go beyond what is kept."""
        with self.lock:
            self.requests.append(request)
            del self.requests[: -max(1, self.settings.requests_kept)]
            self._request_bytes += len(request.content)
            if self._request_bytes > _REQUEST_BYTES:
                self._request_bytes = _shorten(self.requests)

    def next_recorded(self, request: RecordedRequest) -> PlannedResponse | None:
        """The recorded answer to a request; None when there is none."""
        with self.lock:
            for recording in self.recordings:
                if (exchange := recording.take(request)) is not None:
                    return exchange.planned(
                        gap_s=self.settings.chunk_gap_s, tokens_per_s=self.settings.tokens_per_s
                    )
        return None

    def next_scripted(self, body: JsonObject, models: Collection[str]) -> Any | None:
        """The scripted reply for a request in the shape of chat; None when there is none."""
        with self.lock:
            return self.script.take(body, models)

    def reset(self) -> None:
        """Forget what happened and what was armed; the two first keys and their strings stay."""
        with self.lock:
            self.settings.__init__()  # type: ignore[misc]  # in place: others hold it
            self._forgotten.extend(self.generations)
            for memory in (
                self.requests,
                self.seen,
                self.charges,
                self.script,
                self.recordings,
                self.faults,
                self.free_calls,
            ):
                memory.clear()
            for table in (
                self.generations,
                self.reasoning_of_call,
                self.cached_prefixes,
                self.tables,
            ):
                table.clear()
            self._request_bytes = self._call_bytes = 0
            self.spent_by_deleted_keys = self.total_charged = Decimal(0)
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


def _shorten(requests: list[RecordedRequest]) -> int:
    """Drop the oldest until three quarters of the room are used; return what is left, in bytes."""
    held = sum(len(request.content) for request in requests)
    while held > _REQUEST_BYTES * 3 // 4 and len(requests) > 1:
        held -= len(requests.pop(0).content)
    return held
