"""Destinations for traces: at most five of a type, no two with one name, secrets masked on the way out."""

from __future__ import annotations

import re

from openrouter_core.resources.observability import Observability
from openrouter_core.wire.observability import REQUIRED_CONFIG
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._crud import Crud, serve
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.validation import checks
from openrouter_emulator.validation.checks import refuse

_MOST_OF_A_TYPE = 5
_SECRET = re.compile(r"key|secret|token|password|dsn", re.IGNORECASE)
_MASK = "****"
_FLAGS = (
    "privacy_mode",
    "broadcast_generation_cost",
    "broadcast_generation_cost_allocation",
    "broadcast_generation_identity",
    "broadcast_generation_request_context",
)


def _masked(config: JsonObject) -> JsonObject:
    """The settings with their secrets cut down to the last characters."""
    return {
        name: f"{_MASK}{value[-4:]}" if _SECRET.search(name) and isinstance(value, str) else value
        for name, value in config.items()
    }


def _check_free(request: HandlerRequest, name: object) -> None:
    mine = request.path.get("id")
    if DESTINATIONS.table(request.state).rows(lambda r: r["name"] == name and r["id"] != mine):
        raise ApiError(409, "A destination with this name already exists")


def _create(request: HandlerRequest, row: JsonObject) -> None:
    missing = [n for n in REQUIRED_CONFIG[row["type"]] if not row["config"].get(n)]
    if missing:
        refuse(f"config.{missing[0]}", "Required")
    _check_free(request, row["name"])
    if len(DESTINATIONS.table(request.state).rows(lambda r: r["type"] == row["type"])) >= (
        _MOST_OF_A_TYPE
    ):
        raise ApiError(409, f"There are {_MOST_OF_A_TYPE} destinations of this type already")
    row["workspace_id"] = row["workspace_id"] or request.caller.workspace_id
    row["config"] = _masked(row["config"])


def _update(request: HandlerRequest, changes: JsonObject) -> None:
    if "name" in changes:
        _check_free(request, changes["name"])
    if "config" in changes:
        sent = {k: v for k, v in changes["config"].items() if not str(v).startswith(_MASK)}
        changes["config"] = {**DESTINATIONS.row(request)["config"], **_masked(sent)}


DESTINATIONS = Crud(
    "Destination",
    defaults={
        "type": None,
        "name": None,
        "config": {},
        "workspace_id": None,
        "enabled": True,
        "sampling_rate": 1,
        "api_key_hashes": None,
        "filter_rules": None,
        "regions": ["global"],
        **dict.fromkeys(_FLAGS, False),
    },
    checked={
        "type": checks.one_of(*REQUIRED_CONFIG),
        "name": checks.string(least=1),
        "config": checks.mapping,
        "enabled": checks.boolean,
        "sampling_rate": checks.number(0.0001, 1),
        "api_key_hashes": checks.array(checks.string(least=1), least=1),
        "filter_rules": checks.fields(
            {"groups": checks.array(checks.mapping)}, required=["groups"]
        ),
        "regions": checks.array(checks.open_to("global", "europe", "us", "eu"), least=1),
        **dict.fromkeys(_FLAGS, checks.boolean),
    },
    required=("type", "name", "config"),
    fixed=("type", "workspace_id"),
    filters=("workspace_id",),
    create=_create,
    update=_update,
)
serve(
    DESTINATIONS,
    create=Observability.create,
    list=Observability.list,
    get=Observability.get,
    update=Observability.update,
    delete=Observability.delete,
)
