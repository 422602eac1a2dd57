"""The account's own provider keys. The secret goes in and never comes out; a label stays."""

from __future__ import annotations

from openrouter_core.resources.byok import Byok
from openrouter_emulator.handlers._crud import Crud, serve
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.validation import checks
from openrouter_emulator.validation.checks import Check

_FLAGS = ("disabled", "is_byok_only", "is_fallback", "is_required")
_NAMES = checks.array(checks.string(least=1), most=100)
_HASHES: Check = checks.array(checks.string(64, 64), least=1, most=100)


def _label(request: HandlerRequest) -> str:
    key = str(request.body["key"])
    return f"{key[:4]}...{key[-4:]}" if len(key) > 12 else "..."


def _create(request: HandlerRequest, row: JsonObject) -> None:
    row["label"] = _label(request)
    row["sort_order"] = len(BYOK.table(request.state))


def _update(request: HandlerRequest, changes: JsonObject) -> None:
    if request.body.get("key") is not None:
        changes["label"] = _label(request)


BYOK = Crud(
    "BYOK key",
    defaults={
        "provider": None,
        "name": None,
        "workspace_id": None,
        "allowed_models": None,
        "allowed_user_ids": None,
        "allowed_api_key_hashes": None,
        "declared_region": None,
        "declared_zdr": None,
        **dict.fromkeys(_FLAGS, False),
    },
    checked={
        "provider": checks.string(least=1),
        "key": checks.string(least=1),
        "name": checks.string(255),
        "workspace_id": checks.string(),
        "allowed_models": _NAMES,
        "allowed_user_ids": _NAMES,
        "allowed_api_key_hashes": _HASHES,
        "declared_region": checks.open_to("global", "europe", "us"),
        "declared_zdr": checks.boolean,
        **dict.fromkeys(_FLAGS, checks.boolean),
    },
    required=("provider", "key"),
    fixed=("provider", "workspace_id"),
    stamps=("created_at",),
    filters=("workspace_id", "provider"),
    create=_create,
    update=_update,
)
serve(
    BYOK,
    create=Byok.create,
    list=Byok.list,
    get=Byok.get,
    update=Byok.update,
    delete=Byok.delete,
)
