"""The records of one resource. No I/O."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

from openrouter_emulator.api_error import ApiError
from openrouter_emulator.planned_response import JsonObject


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

    def get(self, id: object) -> JsonObject:
        """Return a record; 404 when there is none, whatever JSON value the id is."""
        with self._lock:
            if not isinstance(id, str) or id not in self._rows:
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
