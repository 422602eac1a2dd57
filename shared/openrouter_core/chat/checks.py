"""What is refused before it is sent, with a sentence that says what to do. Pure; called by `request`.

Only what OpenRouter is known to refuse, and only where it was given by name: `extra_body` passes. What is
merely unknown passes too; a key that looks misspelt gets one warning.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast, get_args

from openrouter_core.chat.reasoning import ReplayPolicy
from openrouter_core.config import near_name
from openrouter_core.errors import ConfigurationError
from openrouter_core.wire._options import ProviderPreferences, Reasoning

if TYPE_CHECKING:
    from openrouter_core.catalog import ModelFacts

Body = dict[str, Any]
Facts = Callable[[str], "ModelFacts | None"]

MAX_MODELS = 3
"""Entries that `models` may have: three pass, four are a 400 (ever-co/ever-gauzy#9915, 2026-08-05)."""

_OPTION_OBJECTS = {
    "extra_body": '{"a_new_field": 1}',
    "extra_headers": '{"x-name": "value"}',
    "extra_query": '{"name": "value"}',
}
_OBJECTS = {"provider": '{"zdr": True}', "reasoning": '{"effort": "high"}', **_OPTION_OBJECTS}
_SWITCHES = frozenset(
    {"retry_empty", "parse_text_tool_calls", "response_healing", "require_parameters"}
)
_KEYS = {
    "provider": frozenset(ProviderPreferences.__annotations__),
    "reasoning": frozenset(Reasoning.__annotations__),
}


def check(body: Body, extra: Mapping[str, Any], *, owner: str, streams: str) -> None:
    """Refuse what OpenRouter would refuse.

    Args:
        body: The whole body but its messages.
        extra: What of it came by `extra_body`.
        owner: The class that is asked, for the sentences.
        streams: How to stream, as a sentence.

    Raises:
        ConfigurationError: Something in it is wrong.
    """
    if "stream" in body:
        raise ConfigurationError(f"'stream' is not an option of a call. {streams}")
    if "messages" in body and "messages" not in extra:
        raise ConfigurationError(
            "'messages' is not an option of a call: they are the first argument."
        )
    if "model" not in extra:
        _check_model(body, owner)
    for name, check_value in _CHECKS.items():
        if name in body and name not in extra:
            check_value(body, name)
    for name, known in _KEYS.items():
        if name in body and isinstance(given := body[name], Mapping):
            for key in given.keys() - known:
                _warn_of_misspelt(name, key)


def check_options(options: Mapping[str, Any]) -> None:
    """Refuse wrong options that no server looks at.

    Raises:
        ConfigurationError: One of them is.
    """
    for name, value in options.items():
        if name in _OPTION_OBJECTS:
            _check_object(options, name)
        elif name in _SWITCHES and value not in (True, False):
            raise ConfigurationError(f"{name} must be True or False, not {value!r}.")
    if (replay := options.get("reasoning_replay", "auto")) not in get_args(ReplayPolicy):
        raise ConfigurationError(
            f'reasoning_replay must be "auto", "all", "signed-only" or "none", not {replay!r}.'
        )
    check_list("server_tools", options.get("server_tools", ()), '[{"type": "openrouter:datetime"}]')


def check_single_answer(n: Any, instead: str) -> None:
    """Refuse more than one answer per call; 1 is what every call gives, and is not sent.

    Args:
        n: How many are asked for.
        instead: How to get several, as a sentence.

    Raises:
        ConfigurationError: It is another number.
    """
    if n not in {None, 1}:
        raise ConfigurationError(f"n={n}: OpenRouter gives one answer per call. {instead}")


def check_efforts(layer: Mapping[str, Any]) -> None:
    """Refuse two efforts that were given together and differ.

    Raises:
        ConfigurationError: They do.
    """
    short, reasoning = layer.get("reasoning_effort"), layer.get("reasoning")
    effort = reasoning.get("effort") if isinstance(reasoning, Mapping) else None
    if short is not None and effort is not None and short != effort:
        raise ConfigurationError(
            f'reasoning_effort={short!r} and reasoning={{"effort": {effort!r}}} disagree. Give one.'
        )


def check_list(name: str, value: Any, example: str) -> None:
    """Refuse a single object where a list is meant.

    Raises:
        ConfigurationError: It is one.
    """
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise ConfigurationError(
            f"{name} must be a list of {name}, e.g. {example}, not a {type(value).__name__}."
        )


def check_models(models: Any) -> None:
    """Refuse a list of fallbacks that OpenRouter refuses.

    Raises:
        ConfigurationError: It is not a list, or has more than `MAX_MODELS` entries.
    """
    check_list("models", models, '["openai/gpt-5-mini"]')
    if len(models) > MAX_MODELS:
        raise ConfigurationError(
            f"models has {len(models)} entries, and OpenRouter takes at most {MAX_MODELS}. "
            "Leave the others out; extra_body sends a longer list, should the limit have changed."
        )


def missing_model(model: Any, owner: str, example: str) -> ConfigurationError:
    """Return the error of an object or a call that names no model."""
    return ConfigurationError(
        f"model is {'missing' if model is None else 'empty'}. {owner} needs a model, e.g. "
        f'model="{example}". All models: https://openrouter.ai/models.'
    )


def _check_model(body: Body, owner: str) -> None:
    model = body.get("model")
    if model:
        return
    if not (body.get("models") or body.get("preset")):
        raise missing_model(model, owner, "openai/gpt-5-mini")
    body.pop("model", None)


def _check_models(body: Body, name: str) -> None:
    check_models(body[name])


def _check_temperature(body: Body, name: str) -> None:
    value = body[name]
    if isinstance(value, (int, float)) and not 0 <= value <= 2:
        raise ConfigurationError(f"temperature must be between 0 and 2, not {value:g}.")


def _check_limit(body: Body, name: str) -> None:
    limit = body[name]
    if isinstance(limit, int) and limit < 1:
        raise ConfigurationError(f"{name} must be 1 or more, not {limit}.")


def _check_top_logprobs(body: Body, _: str) -> None:
    if not body.get("logprobs"):
        raise ConfigurationError("top_logprobs needs logprobs=True.")


def _check_session(body: Body, name: str) -> None:
    session = body[name]
    if isinstance(session, str) and len(session) > 256:
        raise ConfigurationError(f"session_id may have at most 256 characters, not {len(session)}.")


def _check_object(body: Mapping[str, Any], name: str) -> None:
    if not isinstance(body[name], Mapping):
        raise ConfigurationError(
            f"{name} must be an object, e.g. {name}={_OBJECTS[name]}, "
            f"not a {type(body[name]).__name__}."
        )


_CHECKS: dict[str, Callable[[Body, str], None]] = {
    "models": _check_models,
    "temperature": _check_temperature,
    "max_tokens": _check_limit,
    "max_completion_tokens": _check_limit,
    "top_logprobs": _check_top_logprobs,
    "session_id": _check_session,
    "provider": _check_object,
    "reasoning": _check_object,
}
CHECKED = frozenset(_CHECKS)
"""Body fields that are checked here, beside the model."""


@lru_cache(maxsize=256)
def _warn_of_misspelt(place: str, key: str) -> None:
    """Warn once of a key that is nearly one of the API's. What is merely new passes without a word."""
    near = near_name(key, _KEYS[place])
    if near is not None:
        warnings.warn(
            f"{place} has the key {key!r}, which is not one of the API's and is sent as it is. "
            f"Did you mean {near!r}?",
            stacklevel=2,
        )


# ---------------------------------------------------------------------------- against the catalogue


def ask_catalogue(
    body: Body, extra: Mapping[str, Any], facts: Facts, *, fetches_models: str
) -> None:
    """Refuse what the model cannot do, and put its own outputs in the place of `modalities="auto"`.

    Args:
        body: The whole body but its messages.
        extra: What of it came by `extra_body`.
        facts: Looks a model up.
        fetches_models: How to fetch the model list, for the sentence.

    Raises:
        ConfigurationError: Reasoning is switched off for a model that always reasons, or "auto" was asked
            for a model that the catalogue does not know.
    """
    if body.get("modalities") == "auto" and "modalities" not in extra:
        body["modalities"] = _outputs(str(body.get("model")), facts, fetches_models)
    if "reasoning" in body and extra.keys().isdisjoint({"reasoning", "reasoning_effort"}):
        _check_may_switch_off(body, facts)


def _outputs(model: str, facts: Facts, fetches_models: str) -> list[str]:
    """The model's own outputs: OpenRouter finds nobody for a list that names others, or another one."""
    known = facts(model)
    if known is None or not known.output_modalities:
        raise ConfigurationError(
            f'modalities="auto" needs a model that the catalogue knows, and {model!r} is not in it. '
            f'Name them, e.g. modalities=["image", "text"], or fetch the list: {fetches_models}.'
        )
    return list(known.output_modalities)


def _check_may_switch_off(body: Body, facts: Facts) -> None:
    """Refuse to switch off what the one model that is asked cannot switch off."""
    reasoning = cast("Mapping[str, Any]", body["reasoning"])
    if reasoning.get("effort") != "none" and reasoning.get("enabled") is not False:
        return
    model = str(body.get("model") or "")
    others = body.get("models") or body.get("preset") or "@" in model
    known = None if others or model.startswith("~") else facts(model)  # "~": may be another by now
    abilities = (known.reasoning if known else None) or {}
    if abilities.get("mandatory"):
        efforts = ", ".join(filter(None, abilities.get("supported_efforts") or ()))
        raise ConfigurationError(
            f"{model} always reasons, so reasoning cannot be switched off. "
            f"Choose an effort instead: {efforts or 'any but none'}. "
            "If that has changed, send it by extra_body."
        )
