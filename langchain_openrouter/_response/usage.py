"""Token counts of a reply in LangChain's words. Pure; whole numbers only.

LangChain adds usage up by itself and fails on anything that is not an int, so the cost stands in
`response_metadata`, never here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from langchain_core.messages.ai import UsageMetadata

_INPUT_NAMES = {"cached_tokens": "cache_read", "cache_write_tokens": "cache_creation"}
_TOTALS = frozenset({"prompt_tokens", "completion_tokens", "total_tokens", "cost"})


def to_usage_metadata(usage: Mapping[str, Any] | None) -> UsageMetadata | None:
    """Return the counts; None when the reply holds no usage.

    Details keep OpenRouter's names without "_tokens", but for LangChain's own `cache_read`,
    `cache_creation`. What was not sent is left out.
    """
    if not usage:
        return None
    read = _count(usage.get("prompt_tokens")) or 0
    written = _count(usage.get("completion_tokens")) or 0
    total = _count(usage.get("total_tokens"))
    counts = UsageMetadata(
        input_tokens=read,
        output_tokens=written,
        total_tokens=read + written if total is None else total,
    )
    details = _details(usage.get("prompt_tokens_details"))
    if details:
        counts["input_token_details"] = details  # type: ignore[typeddict-item]  # further int keys are allowed
    details = _details(usage.get("completion_tokens_details"))
    if details:
        counts["output_token_details"] = details  # type: ignore[typeddict-item]  # as above
    return counts


def _details(given: Any) -> dict[str, int]:
    """The details that are numbers; `text` is what the others leave over, so it is left out."""
    counts: dict[str, int] = {}
    for key, value in (given or {}).items():
        count = _count(value)
        if count is not None and key != "text_tokens":
            counts[_INPUT_NAMES.get(key) or key.removesuffix("_tokens")] = count
    return counts


def _count(value: Any) -> int | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return int(value) if is_number else None


def combined(outputs: Iterable[dict[str, Any] | None]) -> dict[str, Any]:
    """Add up the `llm_output`s of several replies: tokens and cost of each model call."""
    totals: dict[str, Any] = {}
    model = None
    for output in outputs:
        if not output:
            continue
        model = output.get("model_name") or model
        for key, value in (output.get("token_usage") or {}).items():
            if key in _TOTALS and isinstance(value, (int, float)):
                totals[key] = totals.get(key, 0) + value
    return {"token_usage": totals, "model_name": model} if totals or model else {}
