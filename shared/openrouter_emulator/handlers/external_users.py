"""The end users of an application, by the names that the application gave them."""

from __future__ import annotations

from openrouter_core.resources.external_users import ExternalUsers
from openrouter_emulator import checks
from openrouter_emulator.answers import ApiError, Ask, answers
from openrouter_emulator.crud import now
from openrouter_emulator.drafts import Draft, JsonObject
from openrouter_emulator.paging import offset_page
from openrouter_emulator.state import Table

_NEW = checks.fields({"user": checks.string(256, 1)}, required=["user"])
_CHANGES = checks.fields({"is_active": checks.boolean}, required=["is_active"])


def _users(ask: Ask) -> Table:
    return ask.state.table("External user", id_field="user")


@answers(ExternalUsers.create)
def create(ask: Ask) -> Draft:
    """A new user; 409 when there is one of that name."""
    _NEW(ask.body, "")
    name, table = ask.body["user"], _users(ask)
    if name in table:
        raise ApiError(409, "The external user exists already")
    row = {"user": name, "is_active": True, "created_at": now(), "updated_at": now()}
    return Draft.json({"data": table.add(row)}, 201)


@answers(ExternalUsers.list)
def list_users(ask: Ask) -> JsonObject:
    """The active users; all of them with `include_inactive`."""
    every = ask.query.get("include_inactive") == "true"
    wanted = ask.query.get("user")
    rows = _users(ask).rows(
        lambda row: (every or row["is_active"]) and wanted in (None, row["user"])
    )
    return offset_page(rows, ask.query)


@answers(ExternalUsers.get)
def get(ask: Ask) -> JsonObject:
    """One user."""
    return {"data": _users(ask).get(ask.path["user"])}


@answers(ExternalUsers.update)
def update(ask: Ask) -> JsonObject:
    """Switch a user on or off."""
    _CHANGES(ask.body, "")
    changes = {"is_active": ask.body["is_active"], "updated_at": now()}
    return {"data": _users(ask).change(ask.path["user"], changes)}


@answers(ExternalUsers.delete)
def delete(ask: Ask) -> Draft:
    """Remove a user; answers without a body."""
    _users(ask).remove(ask.path["user"])
    return Draft([b""], 204)
