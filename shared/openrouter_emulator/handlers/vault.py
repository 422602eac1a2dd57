"""Secrets of the workspace and of its interns. Values go in and never come out; a fingerprint stays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from openrouter_core.resources.vault import Vault
from openrouter_emulator import checks, seeds
from openrouter_emulator.answers import ApiError, Ask, answers
from openrouter_emulator.crud import now
from openrouter_emulator.drafts import Draft, JsonObject
from openrouter_emulator.paging import offset_page
from openrouter_emulator.state import Table

_SECRET = checks.fields(
    {
        "hosts": checks.array(checks.string(least=1), least=1),
        "value": checks.string(65_536, 1),
    },
    required=["hosts", "value"],
)
_COPY = checks.fields({"names": checks.array(checks.string(least=1), least=1)}, required=["names"])


def _secrets(ask: Ask) -> Table:
    """The secrets of the scope that the path names: the workspace's, or those of an intern."""
    return _interns(ask) if "internId" in ask.path else _workspace(ask)


def _workspace(ask: Ask) -> Table:
    return ask.state.table("Secret", id_field="name")


def _interns(ask: Ask) -> Table:
    if ask.path["internId"] != seeds.INTERN:
        raise ApiError(404, "Intern not found")
    return ask.state.table("Intern secret", id_field="name")


def _page(rows: Sequence[JsonObject], ask: Ask) -> JsonObject:
    page = offset_page(rows, ask.query)
    seen = int(ask.query.get("offset", "0")) + len(page["data"])
    return {"data": page["data"], "has_more": seen < len(rows)}


@answers(Vault.list, Vault.list_intern)
def list_secrets(ask: Ask) -> JsonObject:
    """The secrets of a scope, without their values."""
    return _page(_secrets(ask).rows(), ask)


@answers(Vault.store, Vault.store_intern)
def store(ask: Ask) -> JsonObject:
    """Store a secret, or replace it."""
    _SECRET(ask.body, "")
    row = {
        "name": ask.path["name"],
        "hosts": ask.body["hosts"],
        "fingerprint": hashlib.sha256(ask.body["value"].encode()).hexdigest()[:16],
        "created_at": now(),
    }
    return {"data": _secrets(ask).add(row)}


@answers(Vault.delete, Vault.delete_intern)
def delete(ask: Ask) -> Draft:
    """Remove a secret; answers without a body."""
    _secrets(ask).remove(ask.path["name"])
    return Draft([b""], 204)


@answers(Vault.copy_to_intern)
def copy_to_intern(ask: Ask) -> JsonObject:
    """Copy secrets of the workspace to an intern: all of them, or 404 and none."""
    _COPY(ask.body, "")
    target = _interns(ask)
    rows = [_workspace(ask).get(name) for name in ask.body["names"]]
    return {"data": [target.add({**row, "created_at": now()}) for row in rows]}


@answers(Vault.list_effective)
def list_effective(ask: Ask) -> JsonObject:
    """What an intern's requests get: its own secrets win over those of the workspace."""
    scopes = (("workspace", _workspace(ask)), ("intern", _interns(ask)))
    merged = {row["name"]: {**row, "scope": name} for name, table in scopes for row in table.rows()}
    return _page(list(merged.values()), ask)


@answers(Vault.list_connections)
def list_connections(ask: Ask) -> JsonObject:
    """The connections that an intern can use."""
    _interns(ask)
    return {"data": [{"key": key} for key in seeds.CONNECTIONS]}
