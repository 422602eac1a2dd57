"""How the replies of a provider look on the wire: reasoning, tool calls, ids, finish reasons. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ReasoningStyle = Literal["none", "anthropic", "openai", "xai", "gemini", "plain", "null"]
DeltaStyle = Literal["pieces", "typed", "empty_id", "late_arguments", "early_arguments", "whole"]
IdStyle = Literal["call", "toolu", "gemini", "functions", "nine", "uuid"]


@dataclass(frozen=True, slots=True)
class ProviderStyle:
    """How a model's replies look on the wire."""

    reasoning: ReasoningStyle = "none"
    deltas: DeltaStyle = "pieces"
    """How tool calls are cut into deltas."""
    ids: IdStyle = "call"
    """What tool call ids look like."""
    native_stop: str = "stop"
    native_tools: str = "tool_calls"
    native_length: str = "length"
    searches: bool = False
    """Whether every answer comes with citations."""
    refuses: bool = False
    """Whether every request is refused."""
    echoes: bool = False
    """Whether the answer is the last user message, word for word."""

    @property
    def signs(self) -> bool:
        """Whether tool-call messages must come back with their reasoning details."""
        return self.reasoning in {"anthropic", "gemini"}
