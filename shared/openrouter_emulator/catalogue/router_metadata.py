"""`openrouter_metadata`: how a request was routed."""

from __future__ import annotations

from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.requests import HandlerRequest


def router_metadata(request: HandlerRequest, chosen: Chosen) -> JsonObject:
    """`openrouter_metadata`, when the request asks for it."""
    headers = request.headers
    value = headers.get("x-openrouter-metadata") or headers.get(
        "x-openrouter-experimental-metadata", ""
    )
    if value.lower() != "enabled":
        return {}
    model = chosen.model
    offered = [
        {"provider": e.provider, "model": model.slug, "selected": e is chosen.endpoint}
        for e in model.endpoints
    ]
    attempts = [*chosen.attempts, (chosen.endpoint, 200)]
    return {
        "openrouter_metadata": {
            "requested": request.body.get("model"),
            "strategy": chosen.strategy,
            "region": None,
            "summary": f"{model.slug} by {chosen.endpoint.provider}",
            "attempt": len(attempts),
            "is_byok": request.state.settings.byok,
            "endpoints": {"total": len(offered), "available": offered},
            "attempts": [
                {"provider": e.provider, "model": model.slug, "status": s} for e, s in attempts
            ],
        }
    }
