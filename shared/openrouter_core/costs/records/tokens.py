"""Token counts of one call. A value; read by `usage`, held by `Cost`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token counts of one call. The plain names count in the provider's tokenizer: what is billed."""

    prompt: int | None = None
    completion: int | None = None
    """Reasoning included."""
    total: int | None = None
    cached: int | None = None
    """Prompt tokens read from the provider's cache."""
    cache_write: int | None = None
    reasoning: int | None = None
    normalized_prompt: int | None = None
    """In OpenRouter's own tokenizer; only generation records say it."""
    normalized_completion: int | None = None


NO_TOKENS = Tokens()
