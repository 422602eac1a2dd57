"""The fields of `OpenRouter` and the request options made from them. Pure; no clients, no messages.

Nothing is sent that nobody set. Later sources win: fields, `additional_kwargs`, `extra_body`, then the
keyword arguments of a call, where None takes a setting back. `provider` objects are merged, not replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from llama_index.core.bridge.pydantic import BaseModel, Field

from openrouter_core import ConfigurationError
from openrouter_core.chat.reasoning import ReplayPolicy

JsonObject = dict[str, Any]
StructuredMode = Literal["auto", "json_schema", "tools", "prompt"]


class BodySettings(BaseModel, defer_build=True):
    """The fields of a chat request, under their wire names. None is not sent."""

    model: str = ""
    """E.g. "anthropic/claude-sonnet-4.5", "openai/gpt-5:nitro", "openrouter/auto", "@preset/name". Empty only
    when `models` or `preset` decide."""
    models: list[str] | None = None
    """Fallbacks, in order."""
    route: str | None = None
    provider: JsonObject | None = None
    """Which providers may answer, e.g. {"order": ["azure"], "zdr": True}."""
    preset: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    top_a: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    repetition_penalty: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    stop: str | list[str] | None = None
    logit_bias: dict[str, float] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    """0 to 20; needs `logprobs=True`."""
    response_format: JsonObject | None = None
    structured_outputs: bool | None = None
    tool_choice: str | JsonObject | None = None
    parallel_tool_calls: bool | None = None
    max_tool_calls: int | None = None
    stop_server_tools_when: list[JsonObject] | None = None
    deferred_tools: JsonObject | None = None
    plugins: list[JsonObject] | None = None
    """E.g. [{"id": "file-parser", "pdf": {"engine": "native"}}]."""
    reasoning: JsonObject | None = None
    """E.g. {"effort": "high"} or {"max_tokens": 2000}."""
    reasoning_effort: str | None = None
    include_reasoning: bool | None = None
    verbosity: str | None = None
    prediction: JsonObject | None = None
    modalities: list[str] | Literal["auto"] | None = None
    """E.g. ["image", "text"] for a model that draws. "auto": all that the catalogue says it can put out."""
    audio: JsonObject | None = None
    image_config: JsonObject | None = None
    web_search_options: JsonObject | None = None
    x_search_filter: JsonObject | None = None
    cache_control: JsonObject | None = None
    """{"type": "ephemeral"} turns on automatic caching of Claude prompts."""
    prompt_cache_key: str | None = None
    prompt_cache_options: JsonObject | None = None
    service_tier: str | None = None
    session_id: str | None = None
    """Groups the calls of a conversation and keeps them on one provider."""
    user: str | None = None
    trace: JsonObject | None = None
    debug: JsonObject | None = None
    stream_options: JsonObject | None = None
    usage: JsonObject | None = None


class ChatSettings(BodySettings):
    """Every setting of the model object beside the connection."""

    request_metadata: dict[str, str] | None = None
    """Sent as `metadata` (LlamaIndex has a property of that name)."""
    order: list[str] | None = None
    """Short for `provider={"order": ...}`."""
    allow_fallbacks: bool | None = None
    """Short for `provider={"allow_fallbacks": ...}`."""
    server_tools: list[JsonObject] | None = None
    """Tools that OpenRouter runs, added to every request; see `server_tool`."""
    additional_kwargs: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Further body fields, sent as they are."""
    extra_body: JsonObject | None = None
    """The same, and explicit nulls are sent too."""
    extra_query: dict[str, Any] | None = None
    reasoning_replay: ReplayPolicy = "auto"
    """Which reasoning details of earlier turns are sent back: "auto", "all", "signed-only", "none"."""
    structured_output_mode: StructuredMode = "auto"
    """How structured_predict asks: by JSON schema, by a tool, or in the prompt. "auto" asks the catalogue."""
    strict: bool = True
    """Whether JSON schemas are to be obeyed to the letter. False widens the choice of providers."""
    require_parameters: bool = True
    """Whether structured_predict goes only to providers that support what it asks for."""
    response_healing: bool = False
    """Whether OpenRouter mends broken JSON of structured answers that are not streamed."""
    context_window: int | None = None
    """Tokens. None: what the model catalogue says."""
    num_output: int | None = None
    """Tokens that prompts leave free for the answer. None: the output limit, else from the catalogue."""
    is_function_calling_model: bool | None = None
    """None: what the model catalogue says; an unknown model may call functions."""
    refresh_metadata: bool = False
    """Whether `metadata` may fetch the model list, and who serves a pinned model. False: it never touches
    the network."""


BODY_FIELDS = tuple(BodySettings.model_fields)
_MERGED = frozenset({"provider", "extra_body", "extra_headers", "extra_query"})
_NOT_OPTIONS = {
    "stream": "Use stream_chat or astream_chat to stream.",
    "messages": "Messages are the first argument.",
}


def model_slug(settings: Mapping[str, Any], owner: str) -> str:
    """Return the model name for the wire; "openrouter/vendor/model" loses its prefix.

    Returns:
        "" when `models` or `preset` name the model instead.

    Raises:
        ConfigurationError: Nothing names a model.
    """
    model = settings.get("model") or ""
    if isinstance(model, str) and model.strip():
        name = model.strip()
        rest = name.removeprefix("openrouter/")
        return rest if rest != name and "/" in rest else name
    if not model and (settings.get("models") or settings.get("preset")):
        return ""
    raise ConfigurationError(
        f'{owner} needs a model, e.g. model="openai/gpt-5-mini". '
        "All models: https://openrouter.ai/models."
    )


def request_options(settings: ChatSettings, call: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of one chat request, all but the messages.

    Args:
        call: The keyword arguments of the call.

    Raises:
        ConfigurationError: A value makes no sense.
    """
    said = vars(settings)
    options: dict[str, Any] = {name: said[name] for name in BODY_FIELDS if said[name] is not None}
    own = {
        "metadata": settings.request_metadata,
        "provider": _short_provider(settings),
        "extra_body": settings.extra_body,
        "extra_query": settings.extra_query,
    }
    _overlay(options, {name: value for name, value in own.items() if value is not None})
    _overlay(options, settings.additional_kwargs)
    _overlay(options, call)
    if settings.server_tools:
        options["tools"] = [*(options.get("tools") or []), *settings.server_tools]
    _lift_provider(options)
    options["model"] = model_slug(options, "OpenRouter")
    if not options["model"]:
        del options["model"]
    check(options)
    return options


def provider_of(settings: ChatSettings) -> JsonObject | None:
    """Return the provider preferences of every call, the short ones among them."""
    short = _short_provider(settings)
    return merged(settings.provider, short) if short else settings.provider


def _short_provider(settings: ChatSettings) -> JsonObject | None:
    short = {"order": settings.order, "allow_fallbacks": settings.allow_fallbacks}
    return {name: value for name, value in short.items() if value is not None} or None


def _overlay(options: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if value is None:
            options.pop(name, None)
        elif name in _MERGED and isinstance(value, Mapping):
            options[name] = merged(options.get(name), cast("Mapping[str, Any]", value))
        else:
            options[name] = value


def merged(base: Mapping[str, Any] | None, over: Mapping[str, Any]) -> dict[str, Any]:
    """Return both objects as one, objects inside them too; `over` wins."""
    result = dict(base or {})
    for key, value in over.items():
        before = result.get(key)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        result[key] = (
            merged(cast("JsonObject", before), cast("JsonObject", value)) if both else value
        )
    return result


def _lift_provider(options: dict[str, Any]) -> None:
    """Merge a provider object inside `extra_body` with the other ones instead of replacing them."""
    extra = options.get("extra_body")
    if extra and isinstance(extra.get("provider"), Mapping):
        rest = dict(extra)
        options["provider"] = merged(options.get("provider"), rest.pop("provider"))
        options["extra_body"] = rest
        if not rest:
            del options["extra_body"]


def check(options: Mapping[str, Any]) -> None:
    """Refuse what OpenRouter would refuse, with a sentence that says what to do.

    Raises:
        ConfigurationError: A value makes no sense.
    """
    for name, advice in _NOT_OPTIONS.items():
        if name in options:
            raise ConfigurationError(f"{name!r} is not an option of a call. {advice}")
    if options.get("top_logprobs") and not options.get("logprobs"):
        raise ConfigurationError("top_logprobs needs logprobs=True.")
    temperature = options.get("temperature")
    if isinstance(temperature, (int, float)) and not 0 <= temperature <= 2:
        raise ConfigurationError(f"temperature must be between 0 and 2, not {temperature:g}.")
    session = options.get("session_id")
    if isinstance(session, str) and len(session) > 256:
        raise ConfigurationError(f"session_id may have 256 characters, not {len(session)}.")
    for name in ("max_tokens", "max_completion_tokens"):
        limit = options.get(name)
        if isinstance(limit, int) and limit < 1:
            raise ConfigurationError(f"{name} must be 1 or more, not {limit}.")
