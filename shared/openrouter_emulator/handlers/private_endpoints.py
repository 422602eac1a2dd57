"""Private endpoints: drafted, validated, activated, switched off and on, priced, deleted."""

from __future__ import annotations

from collections.abc import Callable

from openrouter_core.resources.private_endpoints import PrivateEndpoints
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._crud import now
from openrouter_emulator.handlers.workspaces import WORKSPACES
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import HasRoute, handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state.table import Table
from openrouter_emulator.validation import checks

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
    "declared_region": checks.nullable(checks.open_to("global", "europe", "us")),
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


def _table(request: HandlerRequest) -> Table:
    return request.state.table("Private endpoint")


def _row(request: HandlerRequest) -> JsonObject:
    return _table(request).get(request.path["id"])


def _picked(row: JsonObject, names: tuple[str, ...]) -> JsonObject:
    return {name: row[name] for name in names}


@handles(PrivateEndpoints.create)
def create(request: HandlerRequest) -> PlannedResponse:
    """Draft an endpoint; the same `Idempotency-Key` gives the same one."""
    _NEW(request.body, "")
    table, once = _table(request), request.headers.get("idempotency-key")
    known = table.rows(lambda row: once is not None and row["once"] == once)
    row = known[0] if known else table.add(_drafted(request, once))
    return PlannedResponse.json({"data": _picked(row, _MANAGED)}, 201)


def _drafted(request: HandlerRequest, once: str | None) -> JsonObject:
    body = request.body
    model = request.state.catalogue.lookup(body["model_permaslug"])
    provider = request.state.catalogue.providers().get(body["provider_slug"])
    if model is None:
        raise ApiError(404, "Model not found")
    if provider is None:
        raise ApiError(404, "Provider not found")
    if body.get("activate"):
        WORKSPACES.table(request.state).get(body["activate"]["workspace_id"])
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


@handles(PrivateEndpoints.list)
def list_endpoints(request: HandlerRequest) -> JsonObject:
    """All private endpoints."""
    return {"data": [_picked(row, _SUMMARY) for row in _table(request).rows()]}


@handles(PrivateEndpoints.get)
def get(request: HandlerRequest) -> JsonObject:
    """One private endpoint."""
    return {"data": _picked(_row(request), _WHOLE)}


@handles(PrivateEndpoints.update)
def update(request: HandlerRequest) -> JsonObject:
    """Change where an endpoint is served."""
    _CHANGES(request.body, "")
    row = _row(request)
    row |= {name: value for name, value in request.body.items() if name in _SETTINGS}
    return {"data": _picked(row, _WHOLE)}


@handles(PrivateEndpoints.set_pricing)
def set_pricing(request: HandlerRequest) -> JsonObject:
    """Replace the prices."""
    checks.fields({"pricing": _PRICES}, required=["pricing"])(request.body, "")
    row = _row(request)
    row["pricing"] = {"cache_read": None, "cache_write": None, **request.body["pricing"]}
    return {"data": _picked(row, _WHOLE)}


@handles(PrivateEndpoints.delete)
def delete(request: HandlerRequest) -> JsonObject:
    """Remove an endpoint; with `draft_only` an active one is kept."""
    row = _row(request)
    if request.query.get("draft_only") == "true" and row["status"] != "draft":
        raise ApiError(409, "The endpoint is not a draft")
    _table(request).remove(row["id"])
    return {"data": {"id": row["id"]}}


@handles(PrivateEndpoints.validate)
def validate(request: HandlerRequest) -> JsonObject:
    """Check an endpoint; every check passes, for nothing is called."""
    _WORKSPACE(request.body, "")
    row = _row(request)
    WORKSPACES.table(request.state).get(request.body["workspace_id"])
    names = ("configuration", "completion", "streaming")
    passed = [{"name": n, "passed": True, "actual_model": row["upstream_model_id"]} for n in names]
    return {"data": {"passed": True, "checks": passed}}


def _moves(operation: HasRoute, *, frm: tuple[str, ...], to: str) -> None:
    """Answer an operation that changes the status, from some statuses only."""

    def move(request: HandlerRequest) -> JsonObject:
        row = _row(request)
        if row["status"] not in frm:
            raise ApiError(409, f"The endpoint is {row['status']}, not {' or '.join(frm)}")
        row["status"] = to
        return {"data": _picked(row, _MANAGED)}

    bind: Callable[..., object] = handles(operation)
    bind(move)


_moves(PrivateEndpoints.activate, frm=("draft",), to="active")
_moves(PrivateEndpoints.disable, frm=("active",), to="disabled")
_moves(PrivateEndpoints.enable, frm=("disabled",), to="active")
