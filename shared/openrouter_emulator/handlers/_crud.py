"""Create, list, get, update and delete, for every group of endpoints that is only that.

A group describes itself as a `Crud` and calls `serve`; its file then holds nothing but data and what is
particular to it. Rows live in a `Table` of the state; what was not sent has its default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from openrouter_emulator.handlers._paging import offset_page
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import HasRoute, handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state.state import State
from openrouter_emulator.state.table import Table
from openrouter_emulator.validation import checks
from openrouter_emulator.validation.checks import Check

Shape = Callable[[HandlerRequest, JsonObject], None]


def now() -> str:
    """This moment as the API writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def nothing(_request: HandlerRequest, _row: JsonObject) -> None:
    """Leave a row as it is."""


@dataclass(frozen=True, slots=True)
class Crud:
    """One kind of record and how it is served."""

    noun: str
    """What a 404 calls it."""
    defaults: Mapping[str, Any]
    """Every field that a caller may set, with its value when it is absent or null."""
    checked: Mapping[str, Check] = field(default_factory=dict[str, Check])
    required: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    """Fields that only creation may set."""
    id_field: str = "id"
    stamps: tuple[str, ...] = ("created_at", "updated_at")
    filters: tuple[str, ...] = ()
    """Fields by which the list can be narrowed."""
    seed: Callable[[Table], None] = lambda _table: None
    """Puts in what every account has."""
    create: Shape = nothing
    """Checks and completes a new row before it is kept."""
    update: Shape = nothing
    """Checks the changes before they are made."""
    delete: Shape = nothing
    """Checks a row before it goes, and removes what hangs on it."""

    def table(self, state: State) -> Table:
        """The records."""
        with state.lock:
            known = self.noun in state.tables
            table = state.table(self.noun, id_field=self.id_field)
            if not known:
                self.seed(table)
            return table

    def row(self, request: HandlerRequest) -> JsonObject:
        """The record that the path names; 404 when there is none."""
        return self.table(request.state).get(next(iter(request.path.values())))

    def fields(self, body: JsonObject, *, required: tuple[str, ...] = ()) -> JsonObject:
        """The fields of a checked body that a record keeps; null means the default again."""
        checks.fields({k: checks.nullable(c) for k, c in self.checked.items()}, required=required)(
            body, ""
        )
        for name in required:
            if body[name] is None:
                checks.refuse(name, "Required")
        return {
            k: self.defaults[k] if v is None else v for k, v in body.items() if k in self.defaults
        }


def serve(
    group: Crud,
    *,
    create: HasRoute,
    list: HasRoute,
    get: HasRoute,
    update: HasRoute,
    delete: HasRoute,
) -> None:
    """Answer the five operations of a group."""

    @handles(create)
    def _create(request: HandlerRequest) -> PlannedResponse:
        row = {**group.defaults, **group.fields(request.body, required=group.required)}
        row |= dict.fromkeys(group.stamps, now())
        group.create(request, row)
        return PlannedResponse.json({"data": group.table(request.state).add(row)}, 201)

    @handles(list)
    def _list(request: HandlerRequest) -> JsonObject:
        wanted = {k: request.query[k] for k in group.filters if k in request.query}
        rows = group.table(request.state).rows(lambda r: all(r[k] == v for k, v in wanted.items()))
        return offset_page(rows, request.query)

    @handles(get)
    def _get(request: HandlerRequest) -> JsonObject:
        return {"data": group.row(request)}

    @handles(update)
    def _update(request: HandlerRequest) -> JsonObject:
        row = group.row(request)
        kept = {*group.fixed, *(name for name in group.required if request.body.get(name) is None)}
        changes = {k: v for k, v in group.fields(request.body).items() if k not in kept}
        if "updated_at" in group.stamps:
            changes["updated_at"] = now()
        group.update(request, changes)
        row.update(changes)
        return {"data": row}

    @handles(delete)
    def _delete(request: HandlerRequest) -> JsonObject:
        row = group.row(request)
        group.delete(request, row)
        group.table(request.state).remove(str(row[group.id_field]))
        return {"deleted": True}
