"""Private endpoints: drafted, validated, activated, switched off and on, priced, deleted."""

from __future__ import annotations

from collections.abc import Callable

from openrouter_core.resources.private_endpoints import PrivateEndpoints
from openrouter_emulator import catalogue, checks
from openrouter_emulator.answers import ApiError, Ask, HasRoute, answers
from openrouter_emulator.crud import now
from openrouter_emulator.drafts import Draft, JsonObject
from openrouter_emulator.handlers.workspaces import WORKSPACES
from openrouter_emulator.state import Table

_PRICES = checks.fields(
    {
        **dict.fromkeys(("prompt", "completion"), checks.string(least=1)),
        **dict.fromkeys(("cache_read", "cache_write"), checks.nullable(checks.string(least=1))),
    },
    required=["prompt", "completion"],
)
_WORKSPACE = checks.fields({"workspace_id": checks.string(least=1)}, required=["workspace_id"])
_SETTINGS = {
    "upstream_model_id": checks.string(least=1),
    "base_url": checks.nullable(checks.string(least=1)),
    "declared_region": checks.nullable(checks.one_of("global", "europe", "us")),
    "declared_zdr": checks.nullable(checks.boolean),
}
_CHANGES = checks.fields(_SETTINGS, required=["upstream_model_id"])
_NEW = checks.fields(
    {
        **_SETTINGS,
        "model_permaslug": checks.string(least=1),
        "provider_slug": checks.string(least=1),
        "pricing": checks.nullable(_PRICES),
        "activate": checks.nullable(_WORKSPACE),
    },
    required=["model_permaslug", "provider_slug", "upstream_model_id"],
)
_SUMMARY = (
    "id", "created_at", "model_name", "model_permaslug", "model_slug", "provider_name", "status",
)  # fmt: skip
_MANAGED = (*_SUMMARY, "declared_region", "declared_zdr")
_WHOLE = (
    "id", "model_name", "model_permaslug", "model_slug", "provider_name", "provider_slug", "status",
    "upstream_model_id", "base_url", "pricing", "declared_region", "declared_zdr",
)  # fmt: skip


def _table(ask: Ask) -> Table:
    return ask.state.table("Private endpoint")


def _row(ask: Ask) -> JsonObject:
    return _table(ask).get(ask.path["id"])


def _picked(row: JsonObject, names: tuple[str, ...]) -> JsonObject:
    return {name: row[name] for name in names}


@answers(PrivateEndpoints.create)
def create(ask: Ask) -> Draft:
    """Draft an endpoint; the same `Idempotency-Key` gives the same one."""
    _NEW(ask.body, "")
    table, once = _table(ask), ask.request.headers.get("idempotency-key")
    known = table.rows(lambda row: once is not None and row["once"] == once)
    row = known[0] if known else table.add(_drafted(ask, once))
    return Draft.json({"data": _picked(row, _MANAGED)}, 201)


def _drafted(ask: Ask, once: str | None) -> JsonObject:
    body = ask.body
    model = catalogue.lookup(body["model_permaslug"])
    provider = catalogue.providers().get(body["provider_slug"])
    if model is None:
        raise ApiError(404, "Model not found")
    if provider is None:
        raise ApiError(404, "Provider not found")
    if body.get("activate"):
        WORKSPACES.table(ask.state).get(body["activate"]["workspace_id"])
    free = {"prompt": "0", "completion": "0", "cache_read": None, "cache_write": None}
    return {
        "created_at": now(),
        "model_name": model.name,
        "model_permaslug": model.slug,
        "model_slug": model.id,
        "provider_name": provider.provider,
        "provider_slug": provider.slug,
        "upstream_model_id": body["upstream_model_id"],
        "base_url": body.get("base_url"),
        "declared_region": body.get("declared_region"),
        "declared_zdr": body.get("declared_zdr"),
        "pricing": {**free, **(body.get("pricing") or {})},
        "status": "active" if body.get("activate") else "draft",
        "once": once,
    }


@answers(PrivateEndpoints.list)
def list_endpoints(ask: Ask) -> JsonObject:
    """All private endpoints."""
    return {"data": [_picked(row, _SUMMARY) for row in _table(ask).rows()]}


@answers(PrivateEndpoints.get)
def get(ask: Ask) -> JsonObject:
    """One private endpoint."""
    return {"data": _picked(_row(ask), _WHOLE)}


@answers(PrivateEndpoints.update)
def update(ask: Ask) -> JsonObject:
    """Change where an endpoint is served."""
    _CHANGES(ask.body, "")
    row = _row(ask)
    row |= {name: value for name, value in ask.body.items() if name in _SETTINGS}
    return {"data": _picked(row, _WHOLE)}


@answers(PrivateEndpoints.set_pricing)
def set_pricing(ask: Ask) -> JsonObject:
    """Replace the prices."""
    checks.fields({"pricing": _PRICES}, required=["pricing"])(ask.body, "")
    row = _row(ask)
    row["pricing"] = {"cache_read": None, "cache_write": None, **ask.body["pricing"]}
    return {"data": _picked(row, _WHOLE)}


@answers(PrivateEndpoints.delete)
def delete(ask: Ask) -> JsonObject:
    """Remove an endpoint; with `draft_only` an active one is kept."""
    row = _row(ask)
    if ask.query.get("draft_only") == "true" and row["status"] != "draft":
        raise ApiError(409, "The endpoint is not a draft")
    _table(ask).remove(row["id"])
    return {"data": {"id": row["id"]}}


@answers(PrivateEndpoints.validate)
def validate(ask: Ask) -> JsonObject:
    """Check an endpoint; every check passes, for nothing is called."""
    _WORKSPACE(ask.body, "")
    row = _row(ask)
    WORKSPACES.table(ask.state).get(ask.body["workspace_id"])
    names = ("configuration", "completion", "streaming")
    passed = [{"name": n, "passed": True, "actual_model": row["upstream_model_id"]} for n in names]
    return {"data": {"passed": True, "checks": passed}}


def _moves(operation: HasRoute, *, frm: tuple[str, ...], to: str) -> None:
    """Answer an operation that changes the status, from some statuses only."""

    def move(ask: Ask) -> JsonObject:
        row = _row(ask)
        if row["status"] not in frm:
            raise ApiError(409, f"The endpoint is {row['status']}, not {' or '.join(frm)}")
        row["status"] = to
        return {"data": _picked(row, _MANAGED)}

    bind: Callable[..., object] = answers(operation)
    bind(move)


_moves(PrivateEndpoints.activate, frm=("draft",), to="active")
_moves(PrivateEndpoints.disable, frm=("active",), to="disabled")
_moves(PrivateEndpoints.enable, frm=("disabled",), to="active")
