"""The organization and its identity provider: members, settings, groups and what they map to, syncs."""

from __future__ import annotations

from openrouter_core.resources.organization import Organization
from openrouter_core.resources.scim import Scim
from openrouter_emulator import checks, seeds
from openrouter_emulator.answers import ApiError, Ask, answers
from openrouter_emulator.crud import Crud, now, serve
from openrouter_emulator.drafts import Draft, JsonObject
from openrouter_emulator.handlers.workspaces import WORKSPACES
from openrouter_emulator.paging import offset_page
from openrouter_emulator.state import Table

_SETTINGS = checks.fields(
    {"is_filtered_model_catalog_enabled": checks.boolean},
    required=["is_filtered_model_catalog_enabled"],
)


@answers(Organization.list_members)
def list_members(ask: Ask) -> JsonObject:
    """The members of the organization."""
    return offset_page(seeds.MEMBERS, ask.query)


def _settings(ask: Ask) -> JsonObject:
    table = ask.state.table("Organization")
    if seeds.ORGANIZATION not in table:
        table.add({"id": seeds.ORGANIZATION, "is_filtered_model_catalog_enabled": False})
    return table.get(seeds.ORGANIZATION)


@answers(Organization.settings)
def settings(ask: Ask) -> JsonObject:
    """The settings of the organization."""
    return {"data": _settings(ask)}


@answers(Organization.update_settings)
def update_settings(ask: Ask) -> JsonObject:
    """Change the settings of the organization."""
    _SETTINGS(ask.body, "")
    row = _settings(ask)
    row["is_filtered_model_catalog_enabled"] = ask.body["is_filtered_model_catalog_enabled"]
    return {"data": row}


@answers(Scim.list_groups)
def list_groups(ask: Ask) -> JsonObject:
    """The groups of the identity provider, by name or external id if asked."""
    wanted = {k: ask.query[k] for k in ("display_name", "external_id") if k in ask.query}
    rows = [g for g in seeds.GROUPS if all(g[k] == v for k, v in wanted.items())]
    return offset_page(rows, ask.query)


def _create(ask: Ask, row: JsonObject) -> None:
    if row["scim_group_id"] not in {g["id"] for g in seeds.GROUPS}:
        raise ApiError(404, "SCIM group not found")
    WORKSPACES.table(ask.state).get(row["workspace_id"])
    pair = ("scim_group_id", "workspace_id")
    if MAPPINGS.table(ask.state).rows(lambda r: all(r[k] == row[k] for k in pair)):
        raise ApiError(409, "The group is mapped to this workspace already")
    row["organization_id"] = seeds.ORGANIZATION


def _delete(ask: Ask, _row: JsonObject) -> None:
    checks.one_of("true", "false")(ask.query.get("keep_members"), "keep_members")


MAPPINGS = Crud(
    "SCIM group mapping",
    defaults=dict.fromkeys(("role", "scim_group_id", "workspace_id")),
    checked={
        "role": checks.one_of("admin", "member"),
        "scim_group_id": checks.string(least=1),
        "workspace_id": checks.string(least=1),
    },
    required=("role", "scim_group_id", "workspace_id"),
    fixed=("scim_group_id", "workspace_id"),
    create=_create,
    delete=_delete,
)
serve(
    MAPPINGS,
    create=Scim.create_group_mapping,
    list=Scim.list_group_mappings,
    get=Scim.get_group_mapping,
    update=Scim.update_group_mapping,
    delete=Scim.delete_group_mapping,
)


def _syncs(ask: Ask) -> Table:
    return ask.state.table("SCIM sync job")


@answers(Scim.start_sync)
def start_sync(ask: Ask) -> Draft:
    """Start a sync; it is done after some looks at it."""
    empty = ("started_at", "finished_at", "error_message", "synced_groups", "deleted_groups")
    row = {"status": "queued", "created_at": now(), **dict.fromkeys(empty)}
    return Draft.json({"data": dict(_syncs(ask).add(row))}, 202)


@answers(Scim.get_sync)
def get_sync(ask: Ask) -> JsonObject:
    """How far a sync is: each look moves it on."""
    row = _syncs(ask).get(ask.path["id"])
    if row["status"] == "running":
        done = {"synced_groups": len(seeds.GROUPS), "deleted_groups": 0}
        row |= {"status": "succeeded", "finished_at": now(), **done}
    elif row["status"] == "queued":
        row |= {"status": "running", "started_at": now()}
    return {"data": row}
