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
    api_base: str | None
    openrouter_api_base: str | None
    timeout: float | Timeouts | None
    """Seconds, as `timeout_s`."""
    request_timeout: float | Timeouts | None
    max_retry_wait_s: float | None
    default_headers: Mapping[str, str] | None
    """Headers of every request; they win over ours."""
    http_client: httpx2.Client | None
    async_http_client: httpx2.AsyncClient | None
    http_async_client: httpx2.AsyncClient | None
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
    preset: str | None
    route: str | None
    temperature: float | None
    top_p: float | None
    top_k: int | None
    min_p: float | None
    top_a: float | None
    frequency_penalty: float | None
    presence_penalty: float | None
    repetition_penalty: float | None
    seed: int | None
    max_tokens: int | None
    max_completion_tokens: int | None
    stop: str | list[str] | None
    logit_bias: dict[str, float] | None
    logprobs: bool | None
    top_logprobs: int | None
    verbosity: str | None
    prediction: JsonObject | None
    reasoning: Reasoning | None
    reasoning_effort: str | None
    include_reasoning: bool | None
    reasoning_replay: ReplayPolicy
    parse_text_tool_calls: bool
    retry_empty: bool
    response_format: JsonObject | None
    structured_outputs: bool | None
    modalities: list[str] | Literal["auto"] | None
    audio: JsonObject | None
    image_config: JsonObject | None
    tool_choice: str | JsonObject | None
    parallel_tool_calls: bool | None
    max_tool_calls: int | None
    stop_server_tools_when: list[JsonObject] | None
    deferred_tools: JsonObject | None
    server_tools: list[JsonObject] | None
    plugins: list[JsonObject] | None
    web_search_options: JsonObject | None
    x_search_filter: JsonObject | None
    transforms: list[str] | None
    cache_control: JsonObject | None
    response_cache: bool | None
    response_cache_ttl_s: int | None
    response_cache_clear: bool | None
    prompt_cache_key: str | None
    prompt_cache_options: JsonObject | None
    service_tier: str | None
    request_metadata: dict[str, str] | None
    trace: JsonObject | None
    debug: JsonObject | None
    stream_options: JsonObject | None
    usage: JsonObject | None
    extra_query: dict[str, Any] | None
