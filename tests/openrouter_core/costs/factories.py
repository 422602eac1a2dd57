"""Calls made by hand, for tests that need no wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from itertools import count
from typing import Any

from openrouter_core._call import Route
from openrouter_core.config import ClientConfig
from openrouter_core.costs import CompletedCall
from openrouter_core.resources import RESOURCES

START = datetime(2026, 10, 1, 12, tzinfo=UTC)
_numbers = count(1)


def config(key: str = "sk-or-v1-test") -> ClientConfig:
    return ClientConfig.of(key, base_url="http://127.0.0.1:9/api/v1")


def call(
    generation_id: str | None = "auto", *, cost: Any = None, after_s: float = 0.0, **facts: Any
) -> CompletedCall:
    """One call; `cost` makes a usage object with that price."""
    number = next(_numbers)
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": cost}
    plain: dict[str, Any] = {
        "operation": "sendChatCompletionRequest",
        "outcome": "ok",
        "generation_id": f"gen-{number}" if generation_id == "auto" else generation_id,
        "requested_model": "openai/gpt-x",
        "model": "openai/gpt-x-20260101",
        "provider": "OpenAI",
        "usage": None if cost is None else usage,
        "headers": {},
        "started_at": START + timedelta(seconds=after_s),
        "latency_s": 0.5,
        "first_event_s": None,
        "streamed": False,
        "config": config(),
        "body": {
            "model": "openai/gpt-x",
            "messages": [{"role": "user", "content": "secret words"}],
        },
    }
    route = _routes()[facts.get("operation", plain["operation"])]
    plain |= {"is_billed": route.is_billed, "job": route.job}
    return CompletedCall(**(plain | facts))


@cache
def _routes() -> dict[str, Route]:
    """What the client's own declarations say of each operation."""
    groups = [getattr(import_module(module), kind) for module, kind in RESOURCES.values()]
    members = [member for group in groups for member in vars(group).values()]
    return {m.route.operation: m.route for m in members if hasattr(m, "route")}
