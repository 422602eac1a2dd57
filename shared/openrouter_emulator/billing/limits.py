"""What a key may spend and use besides its own limit: budgets of its workspace, and its guardrails.

Called before a call is answered, and by GET /key. One emulator lives within a day, so what was spent today
was spent this month too. Pure apart from reading the state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from openrouter_emulator.api_error import ApiError
from openrouter_emulator.catalogue.model_specs import ModelSpec
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.state.records import KeyRecord
from openrouter_emulator.state.state import State

_NEXT: dict[str, Callable[[datetime], datetime]] = {
    "daily": lambda day: day + timedelta(days=1),
    "weekly": lambda day: day + timedelta(days=7 - day.weekday()),
    "monthly": lambda day: (day.replace(day=1) + timedelta(days=32)).replace(day=1),
}


def check(state: State, key: KeyRecord, model: ModelSpec) -> None:
    """Refuse what a budget or a guardrail forbids.

    Raises:
        ApiError: 403 for a budget that is used up, 404 for a model that a guardrail excludes.
    """
    for guardrail in guardrails(state, key):
        allowed, ignored = guardrail["allowed_models"], guardrail["ignored_models"] or ()
        names = {model.id, model.slug}
        if (allowed and not names & set(allowed)) or names & set(ignored):
            raise ApiError(404, f"A guardrail leaves no endpoints for {model.id}.")
    for budget in budgets(state, key):
        if budget["remaining_usd"] <= 0:
            raise ApiError(403, _refusal(budget))


def _refusal(budget: JsonObject) -> str:
    who = "Workspace" if budget["scope"] == "workspace" else "Guardrail"
    span = budget["reset_interval"] or "lifetime"
    return f"{who} {span} budget of ${Decimal(str(budget['limit_usd'])):.2f} exceeded."


def guardrails(state: State, key: KeyRecord) -> Iterator[JsonObject]:
    """The guardrails that bind a key: its own, and that of the member who made it."""
    table = state.table("Guardrail")
    for noun, name in (("Key assignment", key.hash), ("Member assignment", key.creator_user_id)):
        bound = state.tables.get(noun)
        if bound is not None and name is not None and name in bound:
            yield table.get(bound.get(name)["guardrail_id"])


def budgets(state: State, key: KeyRecord) -> list[JsonObject]:
    """Every budget that counts what a key spends, as GET /key shows them."""
    found: list[JsonObject] = []
    placed = state.tables.get("Budget")
    for row in placed.rows(lambda r: r["workspace_id"] == key.workspace_id) if placed else ():
        workspace = state.table("Workspace").get(key.workspace_id)
        keys = [k for k in state.keys.values() if k.workspace_id == key.workspace_id]
        byok = bool(workspace["include_byok_in_budgets"])
        shown = _budget(row, keys, byok=byok, scope="workspace")
        found.append({**shown, "budget_id": row["id"], "guardrail_id": None})
    for row in guardrails(state, key):
        if row["limit_usd"] is not None:
            shown = _budget(row, [key], byok=row["include_byok_in_budgets"], scope="api_key")
            found.append({**shown, "budget_id": None, "guardrail_id": row["id"]})
    return found


def tightest(rows: list[JsonObject]) -> JsonObject | None:
    """The budget with the least left."""
    return min(rows, key=lambda row: row["remaining_usd"], default=None)


def _budget(row: JsonObject, keys: list[KeyRecord], *, byok: bool, scope: str) -> JsonObject:
    spent = sum((k.usage + (k.byok_usage if byok else 0) for k in keys), Decimal(0))
    limit = Decimal(str(row["limit_usd"]))
    interval = row["reset_interval"]
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "scope": scope,
        "limit_usd": limit,
        "spend_usd": spent,
        "remaining_usd": max(Decimal(0), limit - spent),
        "include_byok": byok,
        "reset_interval": interval,
        "resets_at": _NEXT[interval](midnight).isoformat() if interval else None,
    }
