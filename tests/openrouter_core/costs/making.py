"""Calls made by hand, for tests that need no wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from openrouter_core.config import ClientConfig
from openrouter_core.costs import CompletedCall

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
    return CompletedCall(**(plain | facts))
