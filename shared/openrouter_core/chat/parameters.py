"""The fields that a model object of either framework has: each chat parameter of the API, under one name.

A base class of both adapters' settings. It holds values; `request` says what they mean, and
`request.defaults_of` reads them. The three parameters whose names a framework uses itself are fields of the
adapters: `model`, `provider` and `metadata`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from openrouter_core.chat.field_docs import FieldDocs
from openrouter_core.chat.reasoning import ReplayPolicy
from openrouter_core.chat.request import ALIASES
from openrouter_core.config import from_environment
from openrouter_core.wire._options import ProviderPreferences, Reasoning

JsonObject = dict[str, Any]
if TYPE_CHECKING:
    ProviderField = ProviderPreferences
    ReasoningField = Reasoning
else:  # their keys are for type checkers: pydantic would drop those that it does not know
    ProviderField = ReasoningField = JsonObject


class ChatParameters(FieldDocs, defer_build=True):
    """The chat parameters. None is not sent."""

    # Which model

    models: list[str] | None = None
    """Fallbacks in order of priority, tried after the model; at most three."""
    preset: str | None = None
    """A preset's slug."""
    route: str | None = None
    """Deprecated by the API; `provider={"sort": ...}` took its place."""

    # Sampling and length

    temperature: float | None = None
    """How random the answer is: 0 to 2."""
    top_p: float | None = None
    """Only the likeliest tokens that together have this probability: above 0, at most 1."""
    top_k: int | None = None
    """Only that many of the likeliest tokens; 0 is off."""
    min_p: float | None = None
    """Only tokens at least that likely, relative to the likeliest: 0 to 1."""
    top_a: float | None = None
    """As `min_p`, relative to the square of the likeliest: 0 to 1."""
    frequency_penalty: float | None = None
    """Against tokens, the more often they were used: -2 to 2."""
    presence_penalty: float | None = None
    """Against tokens that were used at all: -2 to 2."""
    repetition_penalty: float | None = None
    """Against tokens of the prompt and the answer; above 0, at most 2, 1 is off."""
    seed: int | None = None
    """For answers that can be repeated, where a provider does that."""
    max_tokens: int | None = None
    """The most tokens of the answer, reasoning included."""
    max_completion_tokens: int | None = None
    """As `max_tokens`, under the name that the API prefers."""
    stop: str | list[str] | None = None
    """At most four texts that end the answer. `stop_sequences` is another name."""
    logit_bias: dict[str, float] | None = None
    """Token id to a number from -100 to 100."""
    logprobs: bool | None = None
    """Whether the log probabilities of tokens come with the answer."""
    top_logprobs: int | None = None
    """How many other tokens come at each place: 0 to 20; needs `logprobs=True`."""
    verbosity: str | None = None
    """"low" to "max": how much is said."""
    prediction: JsonObject | None = None
    """What most of the answer will be, e.g. {"type": "content", "content": "..."}."""

    # Reasoning

    reasoning: ReasoningField | None = None
    """E.g. {"effort": "high"} or {"max_tokens": 2000, "exclude": True}."""
    reasoning_effort: str | None = None
    """Short for `reasoning={"effort": ...}`: "max", "xhigh", "high", "medium", "low", "minimal", "none"."""
    include_reasoning: bool | None = None
    """The old switch: False is `reasoning={"exclude": True}`."""
    reasoning_replay: ReplayPolicy = "auto"
    """Which reasoning details of earlier turns are sent back: "auto", "all", "signed-only", "none"."""
    parse_text_tool_calls: bool = False
    """Whether tool calls that a provider left in the text are read: DeepSeek's, MiniMax's, Kimi's, GLM's and
    Qwen's markup, of tools that the request offered. Without it one log line names them."""

    retry_empty: bool = True
    """Whether an answer without any token, text, call or reasoning, which OpenRouter does not bill, is asked
    for once more. Not for free models, with your own provider keys, or with `max_retries=0`."""

    # Output, tools, plugins

    response_format: JsonObject | None = None
    """E.g. {"type": "json_object"}, or a JSON schema."""
    structured_outputs: bool | None = None
    """Whether a JSON schema is to be enforced."""
    modalities: list[str] | Literal["auto"] | None = None
    """What the answer may hold, e.g. ["image", "text"]; "auto": exactly what the model puts out."""
    audio: JsonObject | None = None
    """E.g. {"voice": "alloy", "format": "pcm16"}, the format that streams have; sound comes in streams only.
    With "wav" the answer of a call that is not streamed is wrapped as WAV."""
    image_config: JsonObject | None = None
    """How images are made, e.g. {"aspect_ratio": "16:9"}."""
    tool_choice: str | JsonObject | None = None
    """"auto", "none", "required", or a tool's name: for tools that every call has."""
    parallel_tool_calls: bool | None = None
    """False asks for one call at a time."""
    max_tool_calls: int | None = None
    """1 to 30: how often OpenRouter may run its own tools."""
    stop_server_tools_when: list[JsonObject] | None = None
    """E.g. [{"type": "max_cost", "max_cost": 0.1}]."""
    deferred_tools: JsonObject | None = None
    """Tools whose schemas are only read when the model asks for them."""
    server_tools: list[JsonObject] | None = None
    """Tools that OpenRouter runs, added to those of every call; see `server_tool`."""
    plugins: list[JsonObject] | None = None
    """E.g. [{"id": "file-parser", "pdf": {"engine": "native"}}]."""
    web_search_options: JsonObject | None = None
    """E.g. {"search_context_size": "low"}; for models that search themselves."""
    x_search_filter: JsonObject | None = None
    """Which posts xAI's models search."""
    transforms: list[str] | None = None
    """No longer documented; the plugin "context-compression" took its place."""

    # Caching, tiers, bookkeeping

    cache_control: JsonObject | None = None
    """{"type": "ephemeral"} turns on automatic caching of Claude prompts; "ttl" may be "1h"."""
    response_cache: bool | None = None
    """Whether OpenRouter may answer an equal request from its cache, which costs nothing."""
    response_cache_ttl_s: int | None = None
    """How long an answer stays in that cache: 1 to 86400 seconds; 300 unless set."""
    response_cache_clear: bool | None = None
    """Whether to ask the provider anew, and put that answer into the cache."""
    prompt_cache_key: str | None = None
    """Groups prompts that share a cache, for OpenAI's models."""
    prompt_cache_options: JsonObject | None = None
    """E.g. {"mode": "explicit"}, for newer models of OpenAI."""
    service_tier: str | None = None
    """E.g. "flex" or "priority"."""
    session_id: str | None = Field(default_factory=partial(from_environment, "session_id"))
    """Groups calls and keeps them on one provider; else OPENROUTER_SESSION_ID. At most 256 characters; "" is
    unset."""
    user: str | None = None
    """Your own id of the end user."""
    request_metadata: dict[str, str] | None = None
    """The API's `metadata`: at most 16 pairs. (Both frameworks use that name themselves.)"""
    trace: JsonObject | None = None
    """Names for broadcast destinations, e.g. {"trace_name": "nightly"}."""
    debug: JsonObject | None = None
    """E.g. {"echo_upstream_body": True}, in streams."""
    stream_options: JsonObject | None = None
    """E.g. {"include_usage": True}, which streams of gateways are asked with; OpenRouter sends the usage anyway."""
    usage: JsonObject | None = None
    """Deprecated by the API, without effect."""

    # Anything else to send

    extra_body: JsonObject | None = None
    """Body fields that win over all others and are sent as they are, nulls too."""
    extra_query: dict[str, Any] | None = Field(default=None, exclude=True, repr=False)
    """Query parameters of every request."""

    sent_fields: ClassVar[Mapping[str, str]]
    """The fields that are about requests, each with its name there; see `name_sent_fields`."""
    more_field: ClassVar[str]
    """The field that holds body fields which have no field of their own."""


def name_sent_fields(*more: str) -> dict[str, str]:
    """Name the fields of a settings class that are about requests, each with its name there.

    Args:
        more: Fields that a subclass has beside those of `ChatParameters`.
    """
    return {name: ALIASES.get(name, name) for name in (*ChatParameters.model_fields, *more)}
