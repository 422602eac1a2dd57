"""Workspaces, their members and their budgets. A workspace answers to its UUID and to its slug."""

from __future__ import annotations

import re
import uuid
from itertools import pairwise
from typing import Any

from openrouter_core.resources.workspaces import Workspaces
from openrouter_emulator import checks, seeds
from openrouter_emulator.answers import ApiError, Ask, answers
from openrouter_emulator.crud import Crud, now, serve
from openrouter_emulator.drafts import JsonObject
from openrouter_emulator.paging import offset_page
from openrouter_emulator.state import State, Table

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

    def row(self, ask: Ask) -> JsonObject:
        name = next(iter(ask.path.values()))
        table = self.table(ask.state)
        named = table.rows(lambda row: row["slug"] == name)
        return named[0] if named else table.get(name)


def _seed(table: Table) -> None:
    row = {**_DEFAULTS, "id": seeds.WORKSPACE, "name": "Default", "slug": "default"}
    row |= {"created_at": seeds.SINCE, "updated_at": None}
    _complete(row)
    table.add(row)


def _complete(row: JsonObject) -> None:
    row["id"] = row.get("id") or str(uuid.uuid4())
    row["default_guardrail_id"] = str(uuid.uuid5(uuid.UUID(row["id"]), "guardrail"))
    row["created_by"] = seeds.OWNER
    row["include_byok_in_budgets"] = False


def _create(ask: Ask, row: JsonObject) -> None:
    _check_free(ask, row)
    _complete(row)
    row["updated_at"] = None


def _check_free(ask: Ask, row: JsonObject) -> None:
    mine = WORKSPACES.row(ask)["id"] if ask.path else None
    taken = WORKSPACES.table(ask.state).rows(
        lambda r: r["slug"] == row.get("slug") and r["id"] != mine
    )
    if taken:
        raise ApiError(400, "A workspace with this slug already exists")


def _delete(ask: Ask, row: JsonObject) -> None:
    from openrouter_emulator.handlers.guardrails import GUARDRAILS

    if row["id"] == seeds.WORKSPACE and ask.query.get("confirm_default_workspace_deletion") != (
        "true"
    ):
        raise ApiError(403, "The default workspace can only be deleted with a confirmation")
    active = [
        k for k in ask.state.keys.values() if k.workspace_id == row["id"] and not k.management
    ]
    if active:
        raise ApiError(400, "The workspace has active API keys. Delete or disable them first.")
    for table in (budgets(ask.state), members(ask.state), GUARDRAILS.table(ask.state)):
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
        "default_provider_sort": checks.one_of("price", "throughput", "latency", "exacto"),
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


def _user_ids(ask: Ask) -> list[str]:
    names = checks.array(checks.string(least=1), least=1, most=100)
    checks.fields({"user_ids": names}, required=["user_ids"])(ask.body, "")
    return list(ask.body["user_ids"])


@answers(Workspaces.list_members)
def list_members(ask: Ask) -> JsonObject:
    """The members of a workspace; of the default one, the whole organization."""
    id = WORKSPACES.row(ask)["id"]
    rows = members(ask.state).rows(lambda row: row["workspace_id"] == id)
    if id == seeds.WORKSPACE:
        roles = {m["id"]: str(m["role"]).removeprefix("org:") for m in seeds.MEMBERS}
        rows = [
            {**_member(id, user, role=role), "created_at": seeds.SINCE}
            for user, role in roles.items()
        ]
    return offset_page([_shown(row) for row in rows], ask.query)


def _shown(row: JsonObject) -> JsonObject:
    return {k: v for k, v in row.items() if k != "place"}


@answers(Workspaces.add_members)
def add_members(ask: Ask) -> JsonObject:
    """Add members of the organization; who is there already is not counted again."""
    id, table = WORKSPACES.row(ask)["id"], members(ask.state)
    known = {m["id"] for m in seeds.MEMBERS}
    unknown = [user for user in _user_ids(ask) if user not in known]
    if unknown:
        raise ApiError(404, f"Not a member of the organization: {unknown[0][:40]}")
    places = {f"{id}/{user}": user for user in _user_ids(ask)}
    fresh = [
        table.add({**_member(id, user), "place": place})
        for place, user in places.items()
        if place not in table
    ]
    return {"data": [_shown(row) for row in fresh], "added_count": len(fresh)}


@answers(Workspaces.remove_members)
def remove_members(ask: Ask) -> JsonObject:
    """Remove members; who owns keys there has to stay."""
    id, table = WORKSPACES.row(ask)["id"], members(ask.state)
    owners = {k.creator_user_id for k in ask.state.keys.values() if k.workspace_id == id}
    if owners & set(_user_ids(ask)):
        raise ApiError(400, "Members who own API keys in the workspace cannot be removed")
    places = {f"{id}/{user}" for user in _user_ids(ask)}
    here = [place for place in places if place in table]
    for place in here:
        table.remove(place)
    return {"removed_count": len(here)}


# ---------------------------------------------------------------- budgets


def budgets(state: State) -> Table:
    """Budgets by workspace and interval."""
    return state.table("Budget", id_field="place")


def _place(ask: Ask) -> str:
    checks.one_of(*INTERVALS)(ask.path["interval"], "interval")
    return f"{WORKSPACES.row(ask)['id']}/{ask.path['interval']}"


def _with_flag(ask: Ask, data: Any) -> JsonObject:
    flag = WORKSPACES.row(ask)["include_byok_in_budgets"]
    return {"data": data, "include_byok_in_budgets": flag}


@answers(Workspaces.list_budgets)
def list_budgets(ask: Ask) -> JsonObject:
    """All budgets of a workspace."""
    id = WORKSPACES.row(ask)["id"]
    rows = budgets(ask.state).rows(lambda row: row["workspace_id"] == id)
    return _with_flag(ask, [_shown(row) for row in rows])


@answers(Workspaces.get_budget)
def get_budget(ask: Ask) -> JsonObject:
    """The budget of one interval."""
    return _with_flag(ask, _shown(budgets(ask.state).get(_place(ask))))


_BUDGET = checks.fields(
    {
        "limit_usd": checks.number(0, above=True),
        "include_byok_in_budgets": checks.nullable(checks.boolean),
    },
    required=["limit_usd"],
)


@answers(Workspaces.set_budget)
def set_budget(ask: Ask) -> JsonObject:
    """Set a budget; longer intervals need larger limits."""
    _BUDGET(ask.body, "")
    place, workspace = _place(ask), WORKSPACES.row(ask)
    _check_order(ask, workspace["id"])
    flag = ask.body.get("include_byok_in_budgets")
    if flag is not None:
        workspace["include_byok_in_budgets"] = flag
    interval = ask.path["interval"]
    table = budgets(ask.state)
    fresh = {"id": str(uuid.uuid4()), "created_at": now()}
    old = table.get(place) if place in table else fresh
    row = {
        "id": old["id"],
        "workspace_id": workspace["id"],
        "limit_usd": ask.body["limit_usd"],
        "reset_interval": None if interval == "lifetime" else interval,
        "created_at": old["created_at"],
        "updated_at": now(),
        "place": place,
    }
    return _with_flag(ask, _shown(table.add(row)))


def _check_order(ask: Ask, workspace_id: str) -> None:
    limits = {
        row["reset_interval"] or "lifetime": row["limit_usd"]
        for row in budgets(ask.state).rows(lambda r: r["workspace_id"] == workspace_id)
    }
    limits[ask.path["interval"]] = ask.body["limit_usd"]
    rising = [limits[name] for name in INTERVALS if name in limits]
    if any(a >= b for a, b in pairwise(rising)):
        raise ApiError(
            400, "A longer interval needs a larger limit: daily < weekly < monthly < lifetime"
        )


@answers(Workspaces.delete_budget)
def delete_budget(ask: Ask) -> JsonObject:
    """Remove a budget; fine where there is none."""
    place, table = _place(ask), budgets(ask.state)
    if place in table:
        table.remove(place)
    return {"deleted": True}
