"""How the replies of a provider look on the wire: reasoning, tool calls, ids, finish reasons. Values only."""

from __future__ import annotations

from dataclasses import dataclass, replace
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


CLAUDE = ProviderStyle(
    "anthropic",
    ids="toolu",
    native_stop="end_turn",
    native_tools="tool_use",
    native_length="max_tokens",
)
GEMINI = ProviderStyle(
    "gemini", ids="gemini", native_stop="STOP", native_tools="STOP", native_length="MAX_TOKENS"
)
RESPONSES = ProviderStyle(
    "openai",
    native_stop="completed",
    native_tools="completed",
    native_length="max_output_tokens",
)
"""OpenAI's reasoning models, which OpenRouter asks by the Responses API."""

_BY_PREFIX: tuple[tuple[str, ProviderStyle], ...] = (
    ("anthropic/", CLAUDE),
    ("google/gemini", GEMINI),
    ("openai/gpt-oss", ProviderStyle("plain", deltas="early_arguments")),
    ("openai/", RESPONSES),
    ("x-ai/", ProviderStyle("xai", native_stop="completed", native_tools="completed")),
    ("deepseek/", ProviderStyle("plain", deltas="typed")),
    ("moonshotai/", ProviderStyle("plain", deltas="late_arguments", ids="functions")),
    ("minimax/", ProviderStyle("null")),
    ("qwen/", ProviderStyle("plain", deltas="empty_id")),
    ("mistralai/", ProviderStyle("plain", deltas="whole", ids="nine")),
    ("meta", ProviderStyle("plain", deltas="late_arguments", ids="uuid")),
    ("perplexity/", ProviderStyle("plain", searches=True)),
)


def style_of(id: str, *, reasons: bool) -> ProviderStyle:
    """How the replies of a model look, by its author; without reasoning where it has none."""
    style = next((s for prefix, s in _BY_PREFIX if id.startswith(prefix)), ProviderStyle("plain"))
    if reasons:
        return style
    if style is RESPONSES:
        return ProviderStyle()
    return replace(style, reasoning="none")
