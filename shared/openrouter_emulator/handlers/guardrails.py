"""Guardrails and what they are assigned to: a key or a member has one, assigning replaces it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from openrouter_core.resources.guardrails import Guardrails
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._crud import Crud, now, serve
from openrouter_emulator.handlers._paging import offset_page
from openrouter_emulator.handlers.workspaces import WORKSPACES
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state import seed_data
from openrouter_emulator.state.state import State
from openrouter_emulator.state.table import Table
from openrouter_emulator.validation import checks

_NAMES = checks.array(checks.string(least=1), least=1)
_ACTION = checks.open_to("redact", "block", "flag")
_FLAGS = (
    "allow_safety_retention_google", "allow_safety_retention_other",
    "enable_free_model_publication", "enable_free_model_training", "enable_paid_model_training",
    "enforce_zdr", "enforce_zdr_anthropic", "enforce_zdr_google", "enforce_zdr_openai",
    "enforce_zdr_other", "enforce_zdr_xai",
)  # fmt: skip
_LISTS = ("allowed_models", "ignored_models", "allowed_providers", "ignored_providers")


def _create(request: HandlerRequest, row: JsonObject) -> None:
    row["workspace_id"] = row["workspace_id"] or request.caller.workspace_id
    WORKSPACES.table(request.state).get(row["workspace_id"])


def _delete(request: HandlerRequest, row: JsonObject) -> None:
    for table in (keys(request.state), members(request.state)):
        for bound in table.rows(lambda r: r["guardrail_id"] == row["id"]):
            table.remove(str(bound[table.id_field]))


GUARDRAILS = Crud(
    "Guardrail",
    defaults={
        "name": None,
        "description": None,
        "workspace_id": None,
        "limit_usd": None,
        "reset_interval": None,
        "include_byok_in_budgets": False,
        "allowed_data_regions": None,
        "content_filters": None,
        "content_filter_builtins": None,
        **dict.fromkeys(_FLAGS),
        **dict.fromkeys(_LISTS),
    },
    checked={
        "name": checks.string(200, 1),
        "description": checks.string(1000),
        "limit_usd": checks.number(0, above=True),
        "reset_interval": checks.one_of("daily", "weekly", "monthly"),
        "include_byok_in_budgets": checks.boolean,
        "allowed_data_regions": checks.array(checks.open_to("global", "europe", "us")),
        "content_filters": checks.array(
            checks.fields(
                {"pattern": checks.string(100_000, 1), "action": _ACTION},
                required=["pattern", "action"],
            )
        ),
        "content_filter_builtins": checks.array(
            checks.fields(
                {"slug": checks.string(least=1), "action": _ACTION}, required=["slug", "action"]
            )
        ),
        **dict.fromkeys(_FLAGS, checks.boolean),
        **dict.fromkeys(_LISTS, _NAMES),
    },
    required=("name",),
    fixed=("workspace_id",),
    filters=("workspace_id",),
    create=_create,
    delete=_delete,
)
serve(
    GUARDRAILS,
    create=Guardrails.create,
    list=Guardrails.list,
    get=Guardrails.get,
    update=Guardrails.update,
    delete=Guardrails.delete,
)


def keys(state: State) -> Table:
    """Which guardrail binds which key, by the key's hash."""
    return state.table("Key assignment", id_field="key_hash")


def members(state: State) -> Table:
    """Which guardrail binds which member, by the user's id."""
    return state.table("Member assignment", id_field="user_id")


def _key_row(state: State, key_hash: str) -> JsonObject:
    for key in state.keys.values():
        if key.hash == key_hash:
            return {"key_hash": key_hash, "key_name": key.name, "key_label": key.label}
    raise ApiError(404, f"API key {key_hash[:12]} not found")


def _member_row(_state: State, user_id: str) -> JsonObject:
    if user_id not in {m["id"] for m in seed_data.MEMBERS}:
        raise ApiError(404, f"Member {user_id[:40]} not found")
    return {"user_id": user_id, "organization_id": seed_data.ORGANIZATION}


def _names(request: HandlerRequest, field: str) -> list[str]:
    checks.fields({field: _NAMES}, required=[field])(request.body, "")
    return list(request.body[field])


def _assign(
    request: HandlerRequest, field: str, table: Table, describe: Callable[[State, str], JsonObject]
) -> JsonObject:
    guardrail = GUARDRAILS.row(request)
    rows = [describe(request.state, name) for name in _names(request, field)]
    for row in rows:
        bound: JsonObject = {"id": str(uuid.uuid4()), "guardrail_id": guardrail["id"]}
        table.add(
            {**row, **bound, "assigned_by": request.caller.creator_user_id, "created_at": now()}
        )
    return {"assigned_count": len(rows)}


def _unassign(request: HandlerRequest, field: str, table: Table) -> JsonObject:
    guardrail = GUARDRAILS.row(request)
    mine = {
        name
        for name in _names(request, field)
        if name in table and table.get(name)["guardrail_id"] == guardrail["id"]
    }
    for name in mine:
        table.remove(name)
    return {"unassigned_count": len(mine)}


@handles(Guardrails.assign_keys)
def assign_keys(request: HandlerRequest) -> JsonObject:
    """Bind keys; an unknown hash is 404 and nothing is bound."""
    return _assign(request, "key_hashes", keys(request.state), _key_row)


@handles(Guardrails.assign_members)
def assign_members(request: HandlerRequest) -> JsonObject:
    """Bind members; an unknown user is 404 and nothing is bound."""
    return _assign(request, "member_user_ids", members(request.state), _member_row)


@handles(Guardrails.unassign_keys)
def unassign_keys(request: HandlerRequest) -> JsonObject:
    """Free keys; those that are not bound here do not count."""
    return _unassign(request, "key_hashes", keys(request.state))


@handles(Guardrails.unassign_members)
def unassign_members(request: HandlerRequest) -> JsonObject:
    """Free members; those that are not bound here do not count."""
    return _unassign(request, "member_user_ids", members(request.state))


@handles(Guardrails.list_key_assignments)
def list_key_assignments(request: HandlerRequest) -> JsonObject:
    """Every bound key."""
    return offset_page(keys(request.state).rows(), request.query)


@handles(Guardrails.list_member_assignments)
def list_member_assignments(request: HandlerRequest) -> JsonObject:
    """Every bound member."""
    return offset_page(members(request.state).rows(), request.query)


def _of(request: HandlerRequest) -> Callable[[dict[str, Any]], bool]:
    id = GUARDRAILS.row(request)["id"]
    return lambda row: row["guardrail_id"] == id


@handles(Guardrails.list_keys)
def list_keys(request: HandlerRequest) -> JsonObject:
    """The keys that one guardrail binds."""
    return offset_page(keys(request.state).rows(_of(request)), request.query)


@handles(Guardrails.list_members)
def list_members(request: HandlerRequest) -> JsonObject:
    """The members that one guardrail binds."""
    return offset_page(members(request.state).rows(_of(request)), request.query)
