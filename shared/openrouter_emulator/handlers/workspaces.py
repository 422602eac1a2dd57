"""Workspaces, their members and their budgets. A workspace answers to its UUID and to its slug."""

from __future__ import annotations

import re
import uuid
from itertools import pairwise
from typing import Any

from openrouter_core.resources.workspaces import Workspaces
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._crud import Crud, now, serve
from openrouter_emulator.handlers._paging import offset_page
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state import seed_data
from openrouter_emulator.state.state import State
from openrouter_emulator.state.table import Table
from openrouter_emulator.validation import checks

INTERVALS = ("daily", "weekly", "monthly", "lifetime")
"""From the shortest to the longest: so must the limits rise."""
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FLAGS = (
    "is_data_discount_logging_enabled",
    "is_observability_broadcast_enabled",
    "is_observability_io_logging_enabled",
)
_DEFAULTS: dict[str, Any] = {
    "name": None,
    "slug": None,
    "description": None,
    "default_text_model": None,
    "default_image_model": None,
    "default_provider_sort": None,
    "io_logging_api_key_ids": None,
    "io_logging_sampling_rate": 1,
    "disabled_server_tools": [],
    **dict.fromkeys(_FLAGS, False),
}


def _slug(value: Any, where: str) -> None:
    checks.string(50, 1)(value, where)
    if not _SLUG.fullmatch(value):
        checks.refuse(where, "Must be lowercase words joined by hyphens")


class _Workspaces(Crud):
    """Rows are found by slug too."""

    __slots__ = ()

    def row(self, request: HandlerRequest) -> JsonObject:
        name = next(iter(request.path.values()))
        table = self.table(request.state)
        named = table.rows(lambda row: row["slug"] == name)
        return named[0] if named else table.get(name)


def _seed(table: Table) -> None:
    row = {**_DEFAULTS, "id": seed_data.WORKSPACE, "name": "Default", "slug": "default"}
    row |= {"created_at": seed_data.SINCE, "updated_at": None}
    _complete(row)
    table.add(row)


def _complete(row: JsonObject) -> None:
    row["id"] = row.get("id") or str(uuid.uuid4())
    row["default_guardrail_id"] = str(uuid.uuid5(uuid.UUID(row["id"]), "guardrail"))
    row["created_by"] = seed_data.OWNER
    row["include_byok_in_budgets"] = False


def _create(request: HandlerRequest, row: JsonObject) -> None:
    _check_free(request, row)
    _complete(row)
    row["updated_at"] = None


def _check_free(request: HandlerRequest, row: JsonObject) -> None:
    mine = WORKSPACES.row(request)["id"] if request.path else None
    taken = WORKSPACES.table(request.state).rows(
        lambda r: r["slug"] == row.get("slug") and r["id"] != mine
    )
    if taken:
        raise ApiError(400, "A workspace with this slug already exists")


def _delete(request: HandlerRequest, row: JsonObject) -> None:
    if row["id"] == seed_data.WORKSPACE and request.query.get(
        "confirm_default_workspace_deletion"
    ) != ("true"):
        raise ApiError(403, "The default workspace can only be deleted with a confirmation")
    active = [
        k for k in request.state.keys.values() if k.workspace_id == row["id"] and not k.management
    ]
    if active:
        raise ApiError(400, "The workspace has active API keys. Delete or disable them first.")
    for table in (budgets(request.state), members(request.state), request.state.table("Guardrail")):
        for one in table.rows(lambda r: r["workspace_id"] == row["id"]):
            table.remove(str(one[table.id_field]))


WORKSPACES: Crud = _Workspaces(
    "Workspace",
    defaults=_DEFAULTS,
    checked={
        "name": checks.string(100, 1),
        "slug": _slug,
        "description": checks.string(500),
        "default_text_model": checks.string(),
        "default_image_model": checks.string(),
        "default_provider_sort": checks.open_to("price", "throughput", "latency", "exacto"),
        "io_logging_api_key_ids": checks.array(checks.integer()),
        "io_logging_sampling_rate": checks.number(0.0001, 1),
        "disabled_server_tools": checks.array(checks.string(least=1)),
        **dict.fromkeys(_FLAGS, checks.boolean),
    },
    required=("name", "slug"),
    seed=_seed,
    create=_create,
    update=_check_free,
    delete=_delete,
)
serve(
    WORKSPACES,
    create=Workspaces.create,
    list=Workspaces.list,
    get=Workspaces.get,
    update=Workspaces.update,
    delete=Workspaces.delete,
)


# ---------------------------------------------------------------- members


def members(state: State) -> Table:
    """Who belongs to which workspace besides the default one."""
    return state.table("Workspace member", id_field="place")


def _member(workspace_id: str, user_id: str, *, role: str = "member") -> JsonObject:
    return {
        "id": str(uuid.uuid5(uuid.UUID(workspace_id), user_id)),
        "workspace_id": workspace_id,
        "user_id": user_id,
        "role": role,
        "created_at": now(),
    }


def _user_ids(request: HandlerRequest) -> list[str]:
    names = checks.array(checks.string(least=1), least=1, most=100)
    checks.fields({"user_ids": names}, required=["user_ids"])(request.body, "")
    return list(request.body["user_ids"])


@handles(Workspaces.list_members)
def list_members(request: HandlerRequest) -> JsonObject:
    """The members of a workspace; of the default one, the whole organization."""
    id = WORKSPACES.row(request)["id"]
    rows = members(request.state).rows(lambda row: row["workspace_id"] == id)
    if id == seed_data.WORKSPACE:
        roles = {m["id"]: str(m["role"]).removeprefix("org:") for m in seed_data.MEMBERS}
        rows = [
            {**_member(id, user, role=role), "created_at": seed_data.SINCE}
            for user, role in roles.items()
        ]
    return offset_page([_shown(row) for row in rows], request.query)


def _shown(row: JsonObject) -> JsonObject:
    return {k: v for k, v in row.items() if k != "place"}


@handles(Workspaces.add_members)
def add_members(request: HandlerRequest) -> JsonObject:
    """Add members of the organization; who is there already is not counted again."""
    id, table = WORKSPACES.row(request)["id"], members(request.state)
    known = {m["id"] for m in seed_data.MEMBERS}
    unknown = [user for user in _user_ids(request) if user not in known]
    if unknown:
        raise ApiError(404, f"Not a member of the organization: {unknown[0][:40]}")
    places = {f"{id}/{user}": user for user in _user_ids(request)}
    fresh = [
        table.add({**_member(id, user), "place": place})
        for place, user in places.items()
        if place not in table
    ]
    return {"data": [_shown(row) for row in fresh], "added_count": len(fresh)}


@handles(Workspaces.remove_members)
def remove_members(request: HandlerRequest) -> JsonObject:
    """Remove members; who owns keys there has to stay."""
    id, table = WORKSPACES.row(request)["id"], members(request.state)
    owners = {k.creator_user_id for k in request.state.keys.values() if k.workspace_id == id}
    if owners & set(_user_ids(request)):
        raise ApiError(400, "Members who own API keys in the workspace cannot be removed")
    places = {f"{id}/{user}" for user in _user_ids(request)}
    here = [place for place in places if place in table]
    for place in here:
        table.remove(place)
    return {"removed_count": len(here)}


# ---------------------------------------------------------------- budgets


def budgets(state: State) -> Table:
    """Budgets by workspace and interval."""
    return state.table("Budget", id_field="place")


def _place(request: HandlerRequest) -> str:
    checks.one_of(*INTERVALS)(request.path["interval"], "interval")
    return f"{WORKSPACES.row(request)['id']}/{request.path['interval']}"


def _with_flag(request: HandlerRequest, data: Any) -> JsonObject:
    flag = WORKSPACES.row(request)["include_byok_in_budgets"]
    return {"data": data, "include_byok_in_budgets": flag}


@handles(Workspaces.list_budgets)
def list_budgets(request: HandlerRequest) -> JsonObject:
    """All budgets of a workspace."""
    id = WORKSPACES.row(request)["id"]
    rows = budgets(request.state).rows(lambda row: row["workspace_id"] == id)
    return _with_flag(request, [_shown(row) for row in rows])


@handles(Workspaces.get_budget)
def get_budget(request: HandlerRequest) -> JsonObject:
    """The budget of one interval."""
    return _with_flag(request, _shown(budgets(request.state).get(_place(request))))


_BUDGET = checks.fields(
    {
        "limit_usd": checks.number(0, above=True),
        "include_byok_in_budgets": checks.nullable(checks.boolean),
    },
    required=["limit_usd"],
)


@handles(Workspaces.set_budget)
def set_budget(request: HandlerRequest) -> JsonObject:
    """Set a budget; longer intervals need larger limits."""
    _BUDGET(request.body, "")
    place, workspace = _place(request), WORKSPACES.row(request)
    _check_order(request, workspace["id"])
    flag = request.body.get("include_byok_in_budgets")
    if flag is not None:
        workspace["include_byok_in_budgets"] = flag
    interval = request.path["interval"]
    table = budgets(request.state)
    fresh = {"id": str(uuid.uuid4()), "created_at": now()}
    old = table.get(place) if place in table else fresh
    row = {
        "id": old["id"],
        "workspace_id": workspace["id"],
        "limit_usd": request.body["limit_usd"],
        "reset_interval": None if interval == "lifetime" else interval,
        "created_at": old["created_at"],
        "updated_at": now(),
        "place": place,
    }
    return _with_flag(request, _shown(table.add(row)))


def _check_order(request: HandlerRequest, workspace_id: str) -> None:
    limits = {
        row["reset_interval"] or "lifetime": row["limit_usd"]
        for row in budgets(request.state).rows(lambda r: r["workspace_id"] == workspace_id)
    }
    limits[request.path["interval"]] = request.body["limit_usd"]
    rising = [limits[name] for name in INTERVALS if name in limits]
    if any(a >= b for a, b in pairwise(rising)):
        raise ApiError(
            400, "A longer interval needs a larger limit: daily < weekly < monthly < lifetime"
        )


@handles(Workspaces.delete_budget)
def delete_budget(request: HandlerRequest) -> JsonObject:
    """Remove a budget; fine where there is none."""
    place, table = _place(request), budgets(request.state)
    if place in table:
        table.remove(place)
    return {"deleted": True}
