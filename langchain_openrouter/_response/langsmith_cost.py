"""The cost of a call where LangSmith looks for it: in `usage_metadata`. Pure; only for those who ask.

LangChain adds usage up by itself and fails on floats, so no chunk that a user gets holds a cost there:
the chunks' sum, which LangChain makes for the trace, does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from langchain_openrouter._response.stream_sums import StreamedGeneration, complete_invalid_calls
from openrouter_core.costs import Cost

_KEYS = frozenset({"total_cost", "input_cost", "output_cost"})


def costs_of(usage: Mapping[str, Any] | None) -> dict[str, float]:
    """Return LangSmith's keys in USD; none when nobody said what the call cost.

    The parts for input and output are given only where they make up the total.
    """
    cost = Cost.of_usage(usage)
    if cost.total is None:
        return {}
    read, written = cost.upstream_prompt, cost.upstream_completion
    total = {"total_cost": float(cost.total)}
    if read is None or written is None or read + written != cost.total:
        return total
    return {**total, "input_cost": float(read), "output_cost": float(written)}


def with_costs(result: ChatResult) -> ChatResult:
    """Put the cost into the first message that has usage; the result itself is changed."""
    costs = costs_of((result.llm_output or {}).get("token_usage"))
    for generation in result.generations[:1]:
        _set(generation.message, costs)
    return result


def _set(message: BaseMessage, costs: Mapping[str, float]) -> None:
    if isinstance(message, AIMessage) and message.usage_metadata and costs:
        message.usage_metadata = {**message.usage_metadata, **costs}  # type: ignore[assignment]  # LangSmith's keys


class CostedChunk(StreamedGeneration):
    """A chunk whose sum with others shows the cost."""

    @property
    def costs(self) -> dict[str, float]:
        """LangSmith's keys, on the chunk that carries usage and on sums with it."""
        return costs_of(self.message.response_metadata.get("token_usage"))

    def __add__(self, other: ChatGenerationChunk | list[ChatGenerationChunk]) -> Self:
        others = other if isinstance(other, list) else [other]
        plain = ChatGenerationChunk.__add__(_plain(self), [_plain(chunk) for chunk in others])
        complete_invalid_calls(plain.message)
        whole = type(self)(message=plain.message, generation_info=plain.generation_info)
        _set(whole.message, whole.costs)
        return whole


def _plain(chunk: ChatGenerationChunk) -> ChatGenerationChunk:
    """The chunk without the costs that an earlier sum put into it."""
    message = chunk.message
    usage = message.usage_metadata if isinstance(message, AIMessageChunk) else None
    if usage and _KEYS & usage.keys():
        counts = {k: v for k, v in usage.items() if k not in _KEYS}
        message = message.model_copy(update={"usage_metadata": counts})
    return ChatGenerationChunk(message=message, generation_info=chunk.generation_info)
