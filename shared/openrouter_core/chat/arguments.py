"""What the constructors of both adapters take, for type checkers: every name of every setting.

Fields have one name, constructors take others too: those of the core, of the other adapter and of the packages
that ours replace. Pydantic's own declaration knows one name each. Never imported at run time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import httpx2
from pydantic import SecretStr

from openrouter_core.chat.reasoning import ReplayPolicy
from openrouter_core.config import ClientSettings, Secret, Timeouts
from openrouter_core.wire._options import ProviderPreferences, Reasoning

JsonObject = dict[str, Any]


class ModelArguments(ClientSettings, total=False):
    """What chat models, embeddings and rerank models take: settings of the client, and body fields of all."""

    api_key: str | SecretStr | Secret | None
    """None: the environment variable OPENROUTER_API_KEY."""
    openrouter_api_key: str | SecretStr | Secret | None
    """As `api_key`."""
    api_base: str | None
    """As `base_url`."""
    openrouter_api_base: str | None
    """As `base_url`."""
    timeout: float | Timeouts | None
    """Seconds, as `timeout_s`."""
    request_timeout: float | Timeouts | None
    """As `timeout`."""
    max_retry_wait_s: float | None
    """As `max_wait_s`."""
    default_headers: Mapping[str, str] | None
    """Headers of every request; they win over ours."""
    http_client: httpx2.Client | None
    """An `httpx2.Client` to send with, closed by you."""
    async_http_client: httpx2.AsyncClient | None
    """As `http_client`, for async calls: an `httpx2.AsyncClient`."""
    http_async_client: httpx2.AsyncClient | None
    """As `async_http_client`."""
    observers: Sequence[Any] | None
    """Watch every call, e.g. a cost ledger or a budget of `openrouter_core.costs`."""
    provider: ProviderPreferences | None
    """Which providers may answer, e.g. {"only": ["anthropic"], "zdr": True}."""
    user: str | None
    """Your own id of the end user."""
    session_id: str | None
    """Groups calls in OpenRouter's logs; else OPENROUTER_SESSION_ID. "" is unset."""
    extra_body: JsonObject | None
    """Further body fields; they win over all others."""


class ChatArguments(ModelArguments, total=False):
    """The chat parameters; see `ChatParameters`, whose fields these are, for what each does."""

    openrouter_provider: ProviderPreferences | None
    """As `provider`."""
    stop_sequences: str | list[str] | None
    """As `stop`."""
    additional_kwargs: JsonObject | None
    """Body fields without an argument here."""
    model_kwargs: JsonObject | None
    """As `additional_kwargs`."""
    n: Literal[1] | None
    """OpenRouter gives one answer per call."""

    models: list[str] | None
    """Fallbacks in order of priority, tried after the model; at most three."""
    preset: str | None
    """A preset's slug."""
    route: str | None
    """Deprecated by the API; `provider={"sort": ...}` took its place."""
    temperature: float | None
    """How random the answer is: 0 to 2."""
    top_p: float | None
    """Only the likeliest tokens that together have this probability: above 0, at most 1."""
    top_k: int | None
    """Only that many of the likeliest tokens; 0 is off."""
    min_p: float | None
    """Only tokens at least that likely, relative to the likeliest: 0 to 1."""
    top_a: float | None
    """As `min_p`, relative to the square of the likeliest: 0 to 1."""
    frequency_penalty: float | None
    """Against tokens, the more often they were used: -2 to 2."""
    presence_penalty: float | None
    """Against tokens that were used at all: -2 to 2."""
    repetition_penalty: float | None
    """Against tokens of the prompt and the answer; above 0, at most 2, 1 is off."""
    seed: int | None
    """For answers that can be repeated, where a provider does that."""
    max_tokens: int | None
    """The most tokens of the answer, reasoning included."""
    max_completion_tokens: int | None
    """As `max_tokens`, under the name that the API prefers."""
    stop: str | list[str] | None
    """At most four texts that end the answer. `stop_sequences` is another name."""
    logit_bias: dict[str, float] | None
    """Token id to a number from -100 to 100."""
    logprobs: bool | None
    """Whether the log probabilities of tokens come with the answer."""
    top_logprobs: int | None
    """How many other tokens come at each place: 0 to 20; needs `logprobs=True`."""
    verbosity: str | None
    """"low" to "max": how much is said."""
    prediction: JsonObject | None
    """What most of the answer will be, e.g. {"type": "content", "content": "..."}."""
    reasoning: Reasoning | None
    """E.g. {"effort": "high"} or {"max_tokens": 2000, "exclude": True}."""
    reasoning_effort: str | None
    """Short for `reasoning={"effort": ...}`: "max", "xhigh", "high", "medium", "low", "minimal",
    "none"."""
    include_reasoning: bool | None
    """The old switch: False is `reasoning={"exclude": True}`."""
    reasoning_replay: ReplayPolicy
    """Which reasoning details of earlier turns are sent back: "auto", "all", "signed-only", "none"."""
    parse_text_tool_calls: bool
    """Whether tool calls that a provider left in the text are read: DeepSeek's, MiniMax's, Kimi's,
    GLM's and Qwen's markup, of tools that the request offered. Without it one log line names them."""
    retry_empty: bool
    """Whether an answer without any token, text, call or reasoning, which OpenRouter does not bill, is
    asked for once more. Not for free models, with your own provider keys, or with `max_retries=0`."""
    response_format: JsonObject | None
    """E.g. {"type": "json_object"}, or a JSON schema."""
    structured_outputs: bool | None
    """Whether a JSON schema is to be enforced."""
    modalities: list[str] | Literal["auto"] | None
    """What the answer may hold, e.g. ["image", "text"]; "auto": exactly what the model puts out."""
    audio: JsonObject | None
    """E.g. {"voice": "alloy", "format": "pcm16"}, the format that streams have; sound comes in streams
    only. With "wav" the answer of a call that is not streamed is wrapped as WAV."""
    image_config: JsonObject | None
    """How images are made, e.g. {"aspect_ratio": "16:9"}."""
    tool_choice: str | JsonObject | None
    """"auto", "none", "required", or a tool's name: for tools that every call has."""
    parallel_tool_calls: bool | None
    """False asks for one call at a time."""
    max_tool_calls: int | None
    """1 to 30: how often OpenRouter may run its own tools."""
    stop_server_tools_when: list[JsonObject] | None
    """E.g. [{"type": "max_cost", "max_cost": 0.1}]."""
    deferred_tools: JsonObject | None
    """Tools whose schemas are only read when the model asks for them."""
    server_tools: list[JsonObject] | None
    """Tools that OpenRouter runs, added to those of every call; see `server_tool`."""
    plugins: list[JsonObject] | None
    """E.g. [{"id": "file-parser", "pdf": {"engine": "native"}}]."""
    web_search_options: JsonObject | None
    """E.g. {"search_context_size": "low"}; for models that search themselves."""
    x_search_filter: JsonObject | None
    """Which posts xAI's models search."""
    transforms: list[str] | None
    """No longer documented; the plugin "context-compression" took its place."""
    cache_control: JsonObject | None
    """{"type": "ephemeral"} turns on automatic caching of Claude prompts; "ttl" may be "1h"."""
    response_cache: bool | None
    """Whether OpenRouter may answer an equal request from its cache, which costs nothing."""
    response_cache_ttl_s: int | None
    """How long an answer stays in that cache: 1 to 86400 seconds; 300 unless set."""
    response_cache_clear: bool | None
    """Whether to ask the provider anew, and put that answer into the cache."""
    prompt_cache_key: str | None
    """Groups prompts that share a cache, for OpenAI's models."""
    prompt_cache_options: JsonObject | None
    """E.g. {"mode": "explicit"}, for newer models of OpenAI."""
    service_tier: str | None
    """E.g. "flex" or "priority"."""
    request_metadata: dict[str, str] | None
    """The API's `metadata`: at most 16 pairs. (Both frameworks use that name themselves.)"""
    trace: JsonObject | None
    """Names for broadcast destinations, e.g. {"trace_name": "nightly"}."""
    debug: JsonObject | None
    """E.g. {"echo_upstream_body": True}, in streams."""
    stream_options: JsonObject | None
    """E.g. {"include_usage": True}, which streams of gateways are asked with; OpenRouter sends the
    usage anyway."""
    usage: JsonObject | None
    """Deprecated by the API, without effect."""
    extra_query: dict[str, Any] | None
    """Query parameters of every request."""
