"""API keys: made, listed, changed and deleted. A disabled or deleted key is refused from then on."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openrouter_core.resources.keys import Keys
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._paging import whole_number
from openrouter_emulator.handlers.account import counters
from openrouter_emulator.handlers.workspaces import WORKSPACES
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state.records import KeyRecord
from openrouter_emulator.state.state import State
from openrouter_emulator.validation import checks

_PAGE = 100
_RESET = checks.nullable(checks.one_of("daily", "weekly", "monthly"))


def _utc(value: Any, where: str) -> None:
    checks.string(least=1)(value, where)
    if not value.endswith(("Z", "+00:00")) or _moment(value) is None:
        checks.refuse(where, "Must be an ISO 8601 time in UTC")


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


_SHARED = {
    "name": checks.string(least=1),
    "limit": checks.nullable(checks.number(0)),
    "limit_reset": _RESET,
    "include_byok_in_limit": checks.nullable(checks.boolean),
    "workspace_id": checks.nullable(checks.string(least=1)),
}
_NEW = checks.fields(
    {
        **_SHARED,
        "expires_at": checks.nullable(_utc),
        "creator_user_id": checks.nullable(checks.string(least=1)),
        "external": checks.nullable(
            checks.fields({"user": checks.string(least=1)}, required=["user"])
        ),
    },
    required=["name"],
)
_CHANGES = checks.fields({**_SHARED, "disabled": checks.nullable(checks.boolean)})


def shown(key: KeyRecord, state: State) -> JsonObject:
    """A key as the list shows it; never the key itself."""
    used = [r.at for r in state.requests if r.headers.get("authorization", "").endswith(key.secret)]
    return {
        "hash": key.hash,
        "name": key.name,
        "label": key.label,
        "disabled": key.disabled,
        "limit": key.limit,
        "limit_remaining": key.limit_remaining,
        "limit_reset": key.limit_reset,
        "include_byok_in_limit": key.include_byok_in_limit,
        **counters(key),
        "created_at": key.created_at.isoformat(),
        "updated_at": key.updated_at.isoformat() if key.updated_at else None,
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "last_used_at": used[-1].isoformat() if used else None,
        "creator_user_id": key.creator_user_id,
        "external_user": key.external_user,
        "workspace_id": key.workspace_id,
    }


def found(request: HandlerRequest) -> KeyRecord:
    """The key whose hash the path names."""
    for key in request.state.keys.values():
        if key.hash == request.path["hash"] and not key.management:
            return key
    raise ApiError(404, "API key not found")


def _workspace(request: HandlerRequest, id: str | None) -> str:
    """The workspace that is named, or that of the asking key; 404 when there is none."""
    chosen = request.caller.workspace_id if id is None else id
    WORKSPACES.table(request.state).get(chosen)
    return chosen


@handles(Keys.create)
def create(request: HandlerRequest) -> PlannedResponse:
    """Make a key; this answer alone holds it in full."""
    body = request.body
    _NEW(body, "")
    expires = body.get("expires_at")
    key = request.state.add_key(
        body["name"],
        limit=_amount(body.get("limit")),
        limit_reset=body.get("limit_reset"),
        include_byok_in_limit=bool(body.get("include_byok_in_limit")),
        expires_at=datetime.fromisoformat(expires) if expires else None,
        creator_user_id=body.get("creator_user_id") or request.caller.creator_user_id,
        external_user=(body.get("external") or {}).get("user"),
        workspace_id=_workspace(request, body.get("workspace_id")),
    )
    return PlannedResponse.json({"data": shown(key, request.state), "key": key.secret}, 201)


def _amount(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


@handles(Keys.list)
def list_keys(request: HandlerRequest) -> JsonObject:
    """The keys of one workspace, a hundred to a page."""
    workspace = _workspace(request, request.query.get("workspace_id"))
    disabled = request.query.get("include_disabled") == "true"
    expired = request.query.get("include_expired") == "true"
    rows = [
        shown(key, request.state)
        for key in request.state.keys.values()
        if not key.management
        and key.workspace_id == workspace
        and (disabled or not key.disabled)
        and (expired or not key.expired)
    ]
    offset = whole_number("offset", request.query.get("offset", "0"), low=0)
    return {"data": rows[offset : offset + _PAGE]}


@handles(Keys.get)
def get(request: HandlerRequest) -> JsonObject:
    """One key."""
    return {"data": shown(found(request), request.state)}


@handles(Keys.update)
def update(request: HandlerRequest) -> JsonObject:
    """Change a key; null lifts the limit, absent keeps."""
    body = request.body
    _CHANGES(body, "")
    key = found(request)
    if "limit" in body:
        key.limit = _amount(body["limit"])
    if "limit_reset" in body:
        key.limit_reset = body["limit_reset"]
    if body.get("workspace_id") is not None:
        key.workspace_id = _workspace(request, body["workspace_id"])
    for name in ("name", "disabled", "include_byok_in_limit"):
        if body.get(name) is not None:
            setattr(key, name, body[name])
    key.updated_at = datetime.now(UTC)
    return {"data": shown(key, request.state)}


@handles(Keys.delete)
def delete(request: HandlerRequest) -> JsonObject:
    """Remove a key; what it spent stays spent."""
    request.state.remove_key(found(request))
    return {"deleted": True}
