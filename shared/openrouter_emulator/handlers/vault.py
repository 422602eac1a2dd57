"""Secrets of the workspace and of its interns. Values go in and never come out; a fingerprint stays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from openrouter_core.resources.vault import Vault
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._crud import now
from openrouter_emulator.handlers._paging import offset_page
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state import seed_data
from openrouter_emulator.state.table import Table
from openrouter_emulator.validation import checks

_SECRET = checks.fields(
    {
        "hosts": checks.array(checks.string(least=1), least=1),
        "value": checks.string(65_536, 1),
    },
    required=["hosts", "value"],
)
_COPY = checks.fields({"names": checks.array(checks.string(least=1), least=1)}, required=["names"])


def _secrets(request: HandlerRequest) -> Table:
    """The secrets of the scope that the path names: the workspace's, or those of an intern."""
    return _interns(request) if "internId" in request.path else _workspace(request)


def _workspace(request: HandlerRequest) -> Table:
    return request.state.table("Secret", id_field="name")


def _interns(request: HandlerRequest) -> Table:
    if request.path["internId"] != seed_data.INTERN:
        raise ApiError(404, "Intern not found")
    return request.state.table("Intern secret", id_field="name")


def _page(rows: Sequence[JsonObject], request: HandlerRequest) -> JsonObject:
    page = offset_page(rows, request.query)
    seen = int(request.query.get("offset", "0")) + len(page["data"])
    return {"data": page["data"], "has_more": seen < len(rows)}


@handles(Vault.list, Vault.list_intern)
def list_secrets(request: HandlerRequest) -> JsonObject:
    """The secrets of a scope, without their values."""
    return _page(_secrets(request).rows(), request)


@handles(Vault.store, Vault.store_intern)
def store(request: HandlerRequest) -> JsonObject:
    """Store a secret, or replace it."""
    _SECRET(request.body, "")
    row = {
        "name": request.path["name"],
        "hosts": request.body["hosts"],
        "fingerprint": hashlib.sha256(request.body["value"].encode()).hexdigest()[:16],
        "created_at": now(),
    }
    return {"data": _secrets(request).add(row)}


@handles(Vault.delete, Vault.delete_intern)
def delete(request: HandlerRequest) -> PlannedResponse:
    """Remove a secret; answers without a body."""
    _secrets(request).remove(request.path["name"])
    return PlannedResponse([b""], 204)


@handles(Vault.copy_to_intern)
def copy_to_intern(request: HandlerRequest) -> JsonObject:
    """Copy secrets of the workspace to an intern: all of them, or 404 and none."""
    _COPY(request.body, "")
    target = _interns(request)
    rows = [_workspace(request).get(name) for name in request.body["names"]]
    return {"data": [target.add({**row, "created_at": now()}) for row in rows]}


@handles(Vault.list_effective)
def list_effective(request: HandlerRequest) -> JsonObject:
    """What an intern's requests get: its own secrets win over those of the workspace."""
    scopes = (("workspace", _workspace(request)), ("intern", _interns(request)))
    merged = {row["name"]: {**row, "scope": name} for name, table in scopes for row in table.rows()}
    return _page(list(merged.values()), request)


@handles(Vault.list_connections)
def list_connections(request: HandlerRequest) -> JsonObject:
    """The connections that an intern can use."""
    _interns(request)
    return {"data": [{"key": key} for key in seed_data.CONNECTIONS]}
