"""Prompt caching: which tokens of a request a provider has read before.

Called by the chat handler. Claude caches what a `cache_control` marks, from its first token; models with a
read price but no write price cache by themselves, from 1,024 tokens. Real minimum lengths of Claude are
not imitated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from openrouter_emulator.billing import charges
from openrouter_emulator.catalogue.model_specs import ModelSpec
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.state.state import State

_AUTOMATIC_FROM = 1_024


def cache_use(body: JsonObject, model: ModelSpec, state: State) -> tuple[int, int]:
    """Tokens (read from the cache, written to it) by a request."""
    if "input_cache_read" not in model.prices:
        return 0, 0
    explicit = "input_cache_write" in model.prices
    prefix = _marked(body) if explicit else body["messages"][:-1]
    if not prefix:
        return 0, 0
    tokens = charges.prompt_tokens({"messages": prefix, "tools": body.get("tools")})
    if not explicit and tokens < _AUTOMATIC_FROM:
        return 0, 0
    seen = _seen(prefix, body, model, state)
    if explicit:
        return (tokens, 0) if seen else (0, tokens)
    return (tokens if seen else 0), 0


def _marked(body: JsonObject) -> Sequence[Mapping[str, Any]]:
    """The messages up to the last one that carries a breakpoint; all of them for automatic caching."""
    messages: list[JsonObject] = body["messages"]
    if body.get("cache_control"):
        return messages
    for at in range(len(messages) - 1, -1, -1):
        content = messages[at].get("content")
        if isinstance(content, list) and any(p.get("cache_control") for p in content):
            return messages[: at + 1]
    return []


def _seen(prefix: Any, body: JsonObject, model: ModelSpec, state: State) -> bool:
    """Whether this prefix was cached before; from now on it is."""
    text = json.dumps([model.id, prefix, body.get("tools")], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    with state.lock:
        known = digest in state.cached_prefixes
        state.remember(state.cached_prefixes, digest, None)
    return known
