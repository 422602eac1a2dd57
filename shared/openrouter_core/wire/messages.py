"""The Messages API, in Anthropic's shape, for any model.

Content blocks are plain dicts, as received: they go back unchanged in the next turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import (
    Annotated,
    Any,
    Literal,
    Required,  # pydantic reads only these before Python 3.12
)

from pydantic import SkipValidation
from typing_extensions import TypedDict

from openrouter_core.wire._base import JsonValue, WireModel
from openrouter_core.wire._fields import Effort, Usd
from openrouter_core.wire._options import CacheOptions, InferenceOptions

StopReason = (
    Literal[
        "end_turn",
        "max_tokens",
        "model_context_window_exceeded",
        "stop_sequence",
        "tool_use",
        "pause_turn",
        "refusal",
        "compaction",
    ]
    | str
)


class Thinking(TypedDict, total=False):
    """Whether and how long the model thinks."""

    type: Required[Literal["enabled", "adaptive", "disabled"] | str]
    budget_tokens: int
    """For "enabled"."""
    display: Literal["summarized", "omitted"] | str | None


class OutputConfig(TypedDict, total=False):
    """Effort and form of the answer."""

    effort: Effort | None
    format: Mapping[str, Any] | None
    """{"type": "json_schema", "schema": ...}."""
    task_budget: Mapping[str, Any] | None


class MessagesOptions(InferenceOptions, CacheOptions, total=False):
    """Body fields of a Messages call."""

    max_tokens: int | None
    system: str | Sequence[Mapping[str, Any]] | None
    temperature: float | None
    top_p: float | None
    top_k: int | None
    stop_sequences: Sequence[str] | None
    thinking: Thinking | None
    output_config: OutputConfig | None
    tools: Sequence[Mapping[str, Any]] | None
    """{"name": ..., "input_schema": ...}, and tools that OpenRouter runs."""
    tool_choice: Mapping[str, Any] | None
    deferred_tools: Mapping[str, Any] | None
    fallbacks: Sequence[Mapping[str, str]] | None
    """At most three {"model": ...}; not together with `models`."""
    models: Sequence[str] | None
    plugins: Sequence[Mapping[str, Any]] | None
    stop_server_tools_when: Sequence[Mapping[str, Any]] | None
    metadata: Mapping[str, Any] | None
    cache_control: Mapping[str, Any] | None
    context_management: Mapping[str, Any] | None
    safeguards: Sequence[Mapping[str, Any]] | None
    service_tier: str | None
    speed: Literal["fast", "standard"] | str | None
    route: str | None
    """The former name of `provider.sort.partition`."""


class ContentBlock(TypedDict, total=False):
    """One block of the answer: a plain dict. Its `type` says which keys are there."""

    type: Required[
        Literal[
            "text",
            "thinking",
            "redacted_thinking",
            "tool_use",
            "server_tool_use",
            "web_search_tool_result",
            "compaction",
        ]
        | str
    ]
    text: str
    citations: list[dict[str, Any]] | None
    thinking: str
    signature: str
    data: str
    id: str
    name: str
    input: Any
    """Of a tool use: the arguments, parsed."""
    tool_use_id: str
    content: Any
    caller: dict[str, Any]


class MessageUsage(WireModel):
    """Tokens and money. `input_tokens` leaves out what was read from or written to a cache."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: dict[str, JsonValue] | None = None
    output_tokens_details: dict[str, JsonValue] | None = None
    server_tool_use: dict[str, JsonValue] | None = None
    iterations: list[JsonValue] | None = None
    inference_geo: str | None = None
    service_tier: str | None = None
    speed: str | None = None
    cost: Usd | None = None
    cost_details: dict[str, Usd | None] | None = None
    is_byok: bool | None = None


class Message(WireModel):
    """A whole answer."""

    id: str
    type: str | None = None
    role: str | None = None
    model: str | None = None
    """The model that answered; may differ from the one asked for."""
    content: Annotated[list[ContentBlock], SkipValidation] | None = None
    """Plain dicts, to be sent back unchanged in the next turn."""
    stop_reason: StopReason | None = None
    """May be "end_turn" though a tool is to be used: look at the content."""
    stop_sequence: str | None = None
    stop_details: dict[str, JsonValue] | None = None
    usage: MessageUsage | None = None
    provider: str | None = None
    container: dict[str, JsonValue] | None = None
    context_management: dict[str, JsonValue] | None = None
    input_transformations: list[JsonValue] | None = None
    openrouter_metadata: dict[str, JsonValue] | None = None

    @property
    def text(self) -> str:
        """The answer's text; empty when there is none."""
        blocks = self.content or ()
        return "".join(b.get("text") or "" for b in blocks if b.get("type") == "text")

    @property
    def tool_uses(self) -> list[ContentBlock]:
        """The uses of your own tools, as received."""
        return [block for block in self.content or () if block.get("type") == "tool_use"]


class MessageEvent(TypedDict, total=False):
    """One event of a stream: a plain dict, as received. Types may be added by the API."""

    type: Required[
        Literal[
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
            "ping",
        ]
        | str
    ]
    message: dict[str, Any]
    index: int
    """Which content block."""
    content_block: ContentBlock
    delta: dict[str, Any]
    """Of a block: by its own `type`, e.g. "text_delta". Of the message: `stop_reason` and the like."""
    usage: dict[str, Any]
    context_management: dict[str, Any] | None
    openrouter_metadata: dict[str, Any]
