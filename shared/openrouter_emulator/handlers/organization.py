"""The organization and its identity provider: members, settings, groups and what they map to, syncs."""

from __future__ import annotations

from openrouter_core.resources.organization import Organization
from openrouter_core.resources.scim import Scim
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._crud import Crud, now, serve
from openrouter_emulator.handlers._paging import offset_page
from openrouter_emulator.handlers.workspaces import WORKSPACES
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state import seed_data
from openrouter_emulator.state.table import Table
from openrouter_emulator.validation import checks

_SETTINGS = checks.fields(
    {"is_filtered_model_catalog_enabled": checks.boolean},
    required=["is_filtered_model_catalog_enabled"],
)


@handles(Organization.list_members)
def list_members(request: HandlerRequest) -> JsonObject:
    """The members of the organization."""
    return offset_page(seed_data.MEMBERS, request.query)


def _settings(request: HandlerRequest) -> JsonObject:
    table = request.state.table("Organization")
    if seed_data.ORGANIZATION not in table:
        table.add({"id": seed_data.ORGANIZATION, "is_filtered_model_catalog_enabled": False})
    return table.get(seed_data.ORGANIZATION)


@handles(Organization.settings)
def settings(request: HandlerRequest) -> JsonObject:
    """The settings of the organization."""
    return {"data": _settings(request)}


@handles(Organization.update_settings)
def update_settings(request: HandlerRequest) -> JsonObject:
    """Change the settings of the organization."""
    _SETTINGS(request.body, "")
    row = _settings(request)
    row["is_filtered_model_catalog_enabled"] = request.body["is_filtered_model_catalog_enabled"]
    return {"data": row}


@handles(Scim.list_groups)
def list_groups(request: HandlerRequest) -> JsonObject:
    """The groups of the identity provider, by name or external id if asked."""
    wanted = {k: request.query[k] for k in ("display_name", "external_id") if k in request.query}
    rows = [g for g in seed_data.GROUPS if all(g[k] == v for k, v in wanted.items())]
    return offset_page(rows, request.query)


def _create(request: HandlerRequest, row: JsonObject) -> None:
    if row["scim_group_id"] not in {g["id"] for g in seed_data.GROUPS}:
        raise ApiError(404, "SCIM group not found")
    WORKSPACES.table(request.state).get(row["workspace_id"])
    pair = ("scim_group_id", "workspace_id")
    if MAPPINGS.table(request.state).rows(lambda r: all(r[k] == row[k] for k in pair)):
        raise ApiError(409, "The group is mapped to this workspace already")
    row["organization_id"] = seed_data.ORGANIZATION


def _update(_request: HandlerRequest, changes: JsonObject) -> None:
    if "role" not in changes:
        checks.refuse("role", "Required")


def _delete(request: HandlerRequest, _row: JsonObject) -> None:
    checks.one_of("true", "false")(request.query.get("keep_members"), "keep_members")


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
    update=_update,
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


def _syncs(request: HandlerRequest) -> Table:
    return request.state.table("SCIM sync job")


@handles(Scim.start_sync)
def start_sync(request: HandlerRequest) -> PlannedResponse:
    """Start a sync; it is done after some polls."""
    empty = ("started_at", "finished_at", "error_message", "synced_groups", "deleted_groups")
    row = {"status": "queued", "created_at": now(), **dict.fromkeys(empty)}
    return PlannedResponse.json({"data": dict(_syncs(request).add(row))}, 202)


@handles(Scim.get_sync)
def get_sync(request: HandlerRequest) -> JsonObject:
    """How far a sync is: each look moves it on."""
    row = _syncs(request).get(request.path["id"])
    if row["status"] == "running":
        done = {"synced_groups": len(seed_data.GROUPS), "deleted_groups": 0}
        row |= {"status": "succeeded", "finished_at": now(), **done}
    elif row["status"] == "queued":
        row |= {"status": "running", "started_at": now()}
    return {"data": row}
