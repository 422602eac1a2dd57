"""From settings, messages and call arguments to a request body. Pure; nothing is sent from here.

Precedence, lowest first: fields, `model_kwargs`, arguments of the call, `extra_body`. The `provider`
objects of all of them are merged, so that a call that names an order keeps the instance's privacy
settings. What is not set is not sent; an argument of None takes the instance's value away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import BaseMessage

from langchain_openrouter._request import response_cache
from langchain_openrouter._request.messages import to_wire
from langchain_openrouter._request.response_format import to_response_format
from langchain_openrouter._request.tools import to_tool_choice, to_tools
from langchain_openrouter._settings.chat import FIELD_NAMES, ChatSettings, check_single_answer
from langchain_openrouter._settings.client import Connection
from langchain_openrouter._settings.profile import facts_of
from langchain_openrouter.errors import ConfigurationError
from openrouter_core.chat.reasoning import ReplayPolicy
from openrouter_core.chat.requirements import require_listed_parameters
from openrouter_core.chat.schema import close_where_refused
from openrouter_core.chat.tool_turns import WireMessage
from openrouter_core.chat.tools import warn_of_lost_reasoning
from openrouter_core.config import refuse_settings

_NOT_BODY = frozenset(
    {"stream", "stream_usage", "ls_structured_output_format", "structured_output_format"}
    | {"extra_body", "extra_headers", "extra_query", "response_healing", "reasoning_replay"}
    | {"require_parameters"}
    | response_cache.FIELDS
)
_ALIASES = {
    "model_name": "model",
    "openrouter_provider": "provider",
    "request_metadata": "metadata",
    "stop_sequences": "stop",
    "request_timeout": "timeout",
}
_SENT_FIELDS = (
    *("models", "preset", "openrouter_provider", "route"),
    *("temperature", "top_p", "top_k", "min_p", "top_a"),
    *("frequency_penalty", "presence_penalty", "repetition_penalty", "seed"),
    *("max_tokens", "max_completion_tokens", "stop", "logit_bias", "logprobs", "top_logprobs"),
    *("verbosity", "prediction", "reasoning", "reasoning_effort", "include_reasoning"),
    *("response_format", "structured_outputs", "modalities", "audio", "image_config"),
    *("parallel_tool_calls", "max_tool_calls", "stop_server_tools_when", "plugins"),
    *("web_search_options", "x_search_filter", "transforms"),
    *("cache_control", "prompt_cache_key", "prompt_cache_options", "service_tier"),
    *("session_id", "user", "request_metadata", "trace", "debug"),
)
_WIRE_NAMES = {ours: theirs for theirs, ours in FIELD_NAMES.items()}
_SENT = tuple((name, _WIRE_NAMES.get(name, name)) for name in _SENT_FIELDS)
_NOT_OF_A_CALL = {
    name
    for field_name, info in Connection.model_fields.items()
    for name in (field_name, info.alias or field_name)
} - {"request_timeout", "timeout"}
_HEALING = {"id": "response-healing"}

Body = dict[str, Any]


@dataclass(slots=True, eq=False)
class Request:
    """What goes to `client.chat`: the body, and options of this call that are no body fields."""

    body: Body
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    reasoning_replay: ReplayPolicy = "auto"

    def arguments(self, messages: list[WireMessage]) -> dict[str, Any]:
        """The keyword arguments of `client.chat.send` and `.stream`, with these messages."""
        return {**self.body, "messages": messages, **self.options}


def build(
    settings: ChatSettings,
    messages: Sequence[BaseMessage],
    stop: Sequence[str] | None,
    kwargs: Mapping[str, Any],
    *,
    streamed: bool,
) -> Request:
    """Return the request for one call.

    Raises:
        ConfigurationError: Something in it can only be refused, or cannot be carried.
    """
    given = {_ALIASES.get(name, name): value for name, value in kwargs.items()}
    check_single_answer(given.get("n", 1))
    refuse_settings(
        given, _NOT_OF_A_CALL, owner="ChatOpenRouter", instead="timeout and extra_headers"
    )
    timeout_s = given.pop("timeout", None)
    if stop is not None:
        given["stop"] = stop
    body = _merged(settings, {k: v for k, v in given.items() if k not in _NOT_BODY})
    _set_reasoning(body, given)
    _set_tools(body)
    if not isinstance(body.get("response_format", {}), dict):
        body["response_format"] = to_response_format(body["response_format"])
    body = _with_extra(body, settings.extra_body, given.get("extra_body"))
    body["model"] = plain_model(body["model"])
    if body.get("modalities") == "auto":
        body["modalities"] = _outputs_of(body["model"], settings.openrouter_api_base)
    if given.get("response_healing") and not streamed:
        body["plugins"] = _with_plugin(body.get("plugins") or [], _HEALING)
    for check in _CHECKS:
        check(body)
    if given.get("require_parameters"):
        body = require_listed_parameters(
            body, lambda model: facts_of(model, settings.openrouter_api_base)
        )
    close_where_refused(body)
    warn_of_lost_reasoning(body)
    replay: ReplayPolicy = given.get("reasoning_replay") or settings.reasoning_replay
    wire = to_wire(messages, body, replay=replay)
    body = {"model": body.pop("model"), "messages": wire, **body}
    return Request(body, _options(settings, given, timeout_s), replay)


def _merged(settings: ChatSettings, given: Body) -> Body:
    """Fields, `model_kwargs` and the call's arguments, without what is unset."""
    values = vars(settings)
    body: Body = {"model": settings.model_name}
    body |= {wire: v for name, wire in _SENT if (v := values[name]) is not None}
    if body.get("session_id") == "":
        del body["session_id"]
    body |= settings.model_kwargs
    provider = merged_provider(body.get("provider"), given.get("provider"))
    body |= given
    if provider is not None:
        body["provider"] = provider
    return {k: v for k, v in body.items() if v is not None or k in settings.model_kwargs}


def _outputs_of(model: str, base_url: str | None) -> list[str]:
    """The model's own outputs: OpenRouter finds nobody for a list that names others, or another one."""
    facts = facts_of(model, base_url)
    if facts is None or not facts.output_modalities:
        raise ConfigurationError(
            f'modalities="auto" needs a model that the catalogue knows, and {model!r} is not in it. '
            'Name them, e.g. modalities=["image", "text"], or fetch the list: model.refresh_profile().'
        )
    return list(facts.output_modalities)


def merged_provider(mine: Any, other: Any) -> Any:
    """Merge two `provider` objects, the second wins; anything else that is given replaces."""
    if not (isinstance(mine, Mapping) and isinstance(other, Mapping)):
        return mine if other is None else other
    inner = {k: merged_provider(mine.get(k), v) for k, v in other.items()}
    return {**mine, **inner}


def _with_extra(body: Body, *extras: Mapping[str, Any] | None) -> Body:
    for extra in extras:
        if extra:
            provider = merged_provider(body.get("provider"), extra.get("provider"))
            body = {**body, **extra}
            if provider is not None:
                body["provider"] = provider
    return body


def identity(settings: ChatSettings) -> dict[str, Any]:
    """The settings that make up an answer, for traces and caches: no credential among them."""
    values = vars(settings)
    said = {name: v for name, _ in _SENT if (v := values[name]) is not None}
    more = {name: values[name] for name in ("model_kwargs", "extra_body", "streaming")}
    return {**said, **{name: value for name, value in more.items() if value}}


def plain_model(model: Any) -> Any:
    """Strip the "openrouter/" that other libraries put before "vendor/model"."""
    if isinstance(model, str) and model.startswith("openrouter/") and model.count("/") > 1:
        return model.removeprefix("openrouter/")
    return model


def _set_reasoning(body: Body, given: Mapping[str, Any]) -> None:
    """Fold the instance's `reasoning_effort` into `reasoning`; a call's, where that has a `reasoning`.

    What a call says of reasoning replaces the instance's. A call's effort alone is sent as it is.
    """
    effort = body.pop("reasoning_effort", None)
    reasoning: Any = body.get("reasoning") or {}
    if given.get("reasoning") is not None:
        effort = given.get("reasoning_effort")
    elif given.get("reasoning_effort") is not None:
        reasoning = {k: v for k, v in reasoning.items() if k not in {"effort", "max_tokens"}}
        if "reasoning" not in body:
            body["reasoning_effort"] = effort
            return
    if effort is None:
        return
    said = reasoning.get("effort")
    if said not in {None, effort}:
        raise ConfigurationError(
            f'reasoning_effort={effort!r} and reasoning={{"effort": {said!r}}} disagree. Give one.'
        )
    body["reasoning"] = {**reasoning, "effort": effort}


def _set_tools(body: Body) -> None:
    """Convert tools that a call brought itself. Presets and some routers bring theirs: a choice stays."""
    tools = body.pop("tools", None) or []
    if tools:
        body["tools"] = tools
    if not all(isinstance(tool, dict) for tool in tools):
        body["tools"] = to_tools(tools)
    choice = body.get("tool_choice")
    if isinstance(choice, (bool, str)):
        body.pop("tool_choice")
        wire = to_tool_choice(choice, body.get("tools") or ())
        body |= {} if wire is None else {"tool_choice": wire}


def _with_plugin(plugins: list[Body], plugin: Body) -> list[Body]:
    has_it = any(p.get("id") == plugin["id"] for p in plugins)
    return plugins if has_it else [*plugins, plugin]


def _options(settings: ChatSettings, given: Mapping[str, Any], timeout_s: Any) -> dict[str, Any]:
    headers = {**(settings.extra_headers or {}), **(given.get("extra_headers") or {})}
    asked = {name: given.get(name, getattr(settings, name)) for name in response_cache.FIELDS}
    named = {name.lower() for name in headers}
    cached = response_cache.to_headers(asked)
    options = {
        "extra_headers": {k: v for k, v in cached.items() if k.lower() not in named} | headers,
        "extra_query": {**(settings.extra_query or {}), **(given.get("extra_query") or {})},
        "timeout_s": timeout_s,
    }
    return {name: value for name, value in options.items() if value}


# ---------------------------------------------------------------------------- checks before sending


def _check_model(body: Body) -> None:
    model = body.get("model")
    if not (isinstance(model, str) and model.strip()):
        raise ConfigurationError('model is empty. Name one, e.g. model="openrouter/auto".')


def _check_temperature(body: Body) -> None:
    value = body.get("temperature")
    if isinstance(value, (int, float)) and not 0 <= value <= 2:
        raise ConfigurationError(f"temperature={value} is out of range: OpenRouter takes 0 to 2.")


def _check_logprobs(body: Body) -> None:
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise ConfigurationError("top_logprobs needs logprobs=True.")


def _check_session(body: Body) -> None:
    session = body.get("session_id")
    if isinstance(session, str) and len(session) > 256:
        raise ConfigurationError(
            f"session_id has {len(session)} characters; OpenRouter takes at most 256."
        )


def _check_mandatory_reasoning(body: Body) -> None:
    """Refuse to switch off what the model cannot switch off, where the catalogue says so."""
    reasoning: Any = body.get("reasoning") or {}
    effort = body.get("reasoning_effort") or reasoning.get("effort")
    is_off = effort == "none" or reasoning.get("enabled") is False
    facts = facts_of(body["model"]) if is_off and not body["model"].startswith("~") else None
    if facts is None or not (facts.reasoning or {}).get("mandatory"):
        return
    efforts = ", ".join((facts.reasoning or {}).get("supported_efforts") or ()) or "any but none"
    raise ConfigurationError(
        f"{body['model']} always reasons, so reasoning cannot be switched off. "
        f"Choose an effort instead: {efforts}."
    )


_CHECKS: tuple[Callable[[Body], None], ...] = (
    _check_model,
    _check_temperature,
    _check_logprobs,
    _check_session,
    _check_mandatory_reasoning,
)
