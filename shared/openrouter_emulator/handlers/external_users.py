"""The end users of an application, by the names that the application gave them."""

from __future__ import annotations

from openrouter_core.resources.external_users import ExternalUsers
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._crud import now
from openrouter_emulator.handlers._paging import offset_page
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state.table import Table
from openrouter_emulator.validation import checks

_NEW = checks.fields({"user": checks.string(256, 1)}, required=["user"])
_CHANGES = checks.fields({"is_active": checks.boolean}, required=["is_active"])


def _users(request: HandlerRequest) -> Table:
    return request.state.table("External user", id_field="user")


@handles(ExternalUsers.create)
def create(request: HandlerRequest) -> PlannedResponse:
    """A new user; 409 when there is one of that name."""
    _NEW(request.body, "")
    name, table = request.body["user"], _users(request)
    if name in table:
        raise ApiError(409, "The external user exists already")
    row = {"user": name, "is_active": True, "created_at": now(), "updated_at": now()}
    return PlannedResponse.json({"data": table.add(row)}, 201)


@handles(ExternalUsers.list)
def list_users(request: HandlerRequest) -> JsonObject:
    """The active users; all of them with `include_inactive`."""
    every = request.query.get("include_inactive") == "true"
    wanted = request.query.get("user")
    rows = _users(request).rows(
        lambda row: (every or row["is_active"]) and wanted in (None, row["user"])
    )
    return offset_page(rows, request.query)


@handles(ExternalUsers.get)
def get(request: HandlerRequest) -> JsonObject:
    """One user."""
    return {"data": _users(request).get(request.path["user"])}


@handles(ExternalUsers.update)
def update(request: HandlerRequest) -> JsonObject:
    """Switch a user on or off."""
    _CHANGES(request.body, "")
    changes = {"is_active": request.body["is_active"], "updated_at": now()}
    return {"data": _users(request).change(request.path["user"], changes)}


@handles(ExternalUsers.delete)
def delete(request: HandlerRequest) -> PlannedResponse:
    """Remove a user; answers without a body."""
    _users(request).remove(request.path["user"])
    return PlannedResponse([b""], 204)
