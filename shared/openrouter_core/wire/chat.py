"""Chat completions: what is sent, what comes back, and the chunks of a stream.

Requests and stream chunks are `TypedDict`s: plain dicts at run time, so that nothing is lost and a
chunk costs one JSON parse. The whole reply is a lenient model.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from openrouter_core.wire._base import WireModel, no_choices
from openrouter_core.wire._options import CacheOptions, ProviderPreferences, Reasoning

FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "error"] | str
Message = dict[str, Any]
"""A message as the API takes it: `role`, `content` and whatever else belongs to the role."""


class ChatOptions(CacheOptions, total=False):
    """Body fields of a chat completion. Only what is given is sent; `extra_body` takes the rest."""

    model: str
    """E.g. "anthropic/claude-sonnet-4.5", "openrouter/auto", "@preset/my-preset"."""
    models: list[str]
    """Fallbacks in order of priority."""
    provider: ProviderPreferences | None
    preset: str
    route: str | None
    temperature: float | None
    """0 to 2."""
    top_p: float | None
    top_k: int | None
    min_p: float | None
    top_a: float | None
    frequency_penalty: float | None
    """-2 to 2."""
    presence_penalty: float | None
    repetition_penalty: float | None
    seed: int | None
    max_tokens: int | None
    max_completion_tokens: int | None
    stop: str | list[str] | None
    logit_bias: dict[str, float] | None
    logprobs: bool | None
    top_logprobs: int | None
    """0 to 20; needs `logprobs`."""
    response_format: dict[str, Any]
    structured_outputs: bool
    tools: list[dict[str, Any]]
    """Function tools and server tools such as `{"type": "openrouter:web_search"}`."""
    tool_choice: str | dict[str, Any]
    parallel_tool_calls: bool | None
    max_tool_calls: int
    stop_server_tools_when: list[dict[str, Any]]
    deferred_tools: dict[str, Any] | None
    plugins: list[dict[str, Any]]
    reasoning: Reasoning | None
    reasoning_effort: str | None
    include_reasoning: bool
    verbosity: str
    prediction: dict[str, Any]
    modalities: list[str]
    audio: dict[str, Any]
    image_config: dict[str, Any]
    web_search_options: dict[str, Any]
    x_search_filter: dict[str, Any]
    cache_control: dict[str, Any]
    prompt_cache_key: str | None
    prompt_cache_options: dict[str, Any] | None
    service_tier: str | None
    session_id: str
    """At most 256 characters; groups calls and keeps them on one provider."""
    user: str
    metadata: dict[str, str]
    trace: dict[str, Any]
    debug: dict[str, Any]
    stream_options: dict[str, Any]
    usage: dict[str, Any]
    transforms: list[str]
    """No longer documented; the plugin "context-compression" took its place."""


class ChatMessage(WireModel):
    """The assistant's message."""

    role: str | None = None
    name: str | None = None
    model: str | None = None
    """The model that wrote the message, where a router chose it."""
    content: str | list[Any] | None = None
    refusal: str | None = None
    reasoning: str | None = None
    reasoning_details: list[dict[str, Any]] | None = None
    """To be sent back unchanged on the next turn."""
    tool_calls: list[dict[str, Any]] | None = None
    images: list[dict[str, Any]] | None = None
    audio: dict[str, Any] | None = None
    annotations: list[dict[str, Any]] | None = None
    """Citations (`url_citation`) and parsed files (`file`)."""


class ChatChoice(WireModel):
    """One answer of a reply."""

    index: int | None = None
    message: ChatMessage
    finish_reason: FinishReason | None = None
    native_finish_reason: str | None = None
    logprobs: dict[str, Any] | float | None = None
    """Usually `{content: [...]}`; a bare number was seen too."""


class ChatUsage(WireModel):
    """Tokens and money of a reply."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    cost: float | None = None
    """USD charged by OpenRouter; on BYOK the provider's bill is in `cost_details`."""
    is_byok: bool | None = None
    cost_details: dict[str, Any] | None = None
    prompt_tokens_details: dict[str, Any] | None = None
    completion_tokens_details: dict[str, Any] | None = None
    server_tool_use_details: dict[str, Any] | None = None
    """Counts of server-side work, e.g. {"web_search_requests": 2}."""


class ChatResult(WireModel):
    """A whole reply."""

    id: str | None = None
    """The generation id, e.g. "gen-1762179802-UN8pkJI4AGZvryk0kFnb"."""
    model: str | None = None
    """The model that answered; may differ from the one asked for."""
    provider: str | None = None
    """The provider's display name, e.g. "Amazon Bedrock"."""
    object: str | None = None
    created: int | None = None
    """Epoch seconds."""
    choices: list[ChatChoice]
    usage: ChatUsage | None = None
    service_tier: str | None = None
    system_fingerprint: str | None = None
    alignment: Any = None
    safeguard_results: list[Any] | None = None
    openrouter_metadata: dict[str, Any] | None = None
    """How the call was routed; only with the header `X-OpenRouter-Metadata: enabled`."""

    @property
    def message(self) -> ChatMessage:
        """The first choice's message.

        Raises:
            ResponseShapeError: There is no choice.
        """
        if not self.choices:
            raise no_choices(self.raw, self.http.generation_id or self.id)
        return self.choices[0].message

    def _repr_markdown_(self) -> str:
        """What a notebook shows: the text, and below it model, provider and cost."""
        cost = self.usage.cost if self.usage else None
        facts = (self.model, self.provider, None if cost is None else f"${cost:f}")
        below = " · ".join(f"`{fact}`" for fact in facts if fact)
        return f"{self.text if self.choices else ''}\n\n{below}"

    @property
    def text(self) -> str:
        """The first choice's text; empty when it has none.

        Raises:
            ResponseShapeError: There is no choice.
        """
        content = self.message.content
        if isinstance(content, str):
            return content
        texts = (part.get("text") for part in content or [] if isinstance(part, dict))
        return "".join(text for text in texts if isinstance(text, str))


class ChatDelta(TypedDict, total=False):
    """What one chunk adds."""

    role: str
    content: str | None
    refusal: str | None
    reasoning: str | None
    reasoning_details: list[dict[str, Any]]
    tool_calls: list[dict[str, Any]]
    images: list[dict[str, Any]]
    audio: dict[str, Any]
    annotations: list[dict[str, Any]]


class ChunkChoice(TypedDict, total=False):
    """One choice of a chunk."""

    index: int
    delta: ChatDelta
    finish_reason: FinishReason | None
    native_finish_reason: str | None
    logprobs: dict[str, Any] | None


class ChatChunk(TypedDict, total=False):
    """One event of a chat stream: a plain dict, as received."""

    id: str
    object: str
    created: int
    model: str
    provider: str
    choices: list[ChunkChoice]
    usage: dict[str, Any]
    service_tier: str | None
    system_fingerprint: str | None
    openrouter_metadata: dict[str, Any]
    debug: dict[str, Any]
