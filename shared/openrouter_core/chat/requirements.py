"""What a request demands of providers: which parameters, and whether the catalogue lists them. Pure.

`provider.require_parameters` leaves only endpoints that support *every* sent parameter, sampling included:
one parameter that a model does not list, and nobody is left (404). Reported live for `temperature`
(CultivateLabs/raif#507), `max_completion_tokens` (openstory-so/openstory#1317), and others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from openrouter_core._json import as_dict
from openrouter_core._logging import warn_once
from openrouter_core.catalog.models import facts_at_hand

if TYPE_CHECKING:
    from openrouter_core.catalog import ModelFacts
    from openrouter_core.errors import NoEndpointsError

FactsOf = Callable[[str], "ModelFacts | None"]
Body = dict[str, Any]

_READ_BY_OPENROUTER = frozenset(
    {
        "messages", "model", "models", "route", "provider", "preset", "stream", "stream_options",
        "usage", "plugins", "transforms", "user", "session_id", "metadata", "trace", "debug",
        "modalities", "audio", "image_config", "cache_control", "prompt_cache_key",
        "prompt_cache_options", "service_tier", "max_tool_calls", "stop_server_tools_when",
        "x_search_filter", "deferred_tools", "prompt",
    }
)  # fmt: skip
"""Fields that choose no provider by `supported_parameters`: none of them is in that vocabulary."""


def parameters_of(body: Mapping[str, Any]) -> list[str]:
    """Name the parameters of a chat body that `require_parameters` demands of a provider."""
    names = [name for name, value in body.items() if value is not None]
    names = [name for name in names if name not in _READ_BY_OPENROUTER]
    is_schema = as_dict(body.get("response_format")).get("type") == "json_schema"
    if is_schema and "structured_outputs" not in names:
        names.append("structured_outputs")
    return names


def unlisted_parameters(body: Mapping[str, Any], facts_of: FactsOf) -> list[str] | None:
    """Name the parameters of a chat body that a model of it does not list.

    Returns:
        None when a model is unknown, or a preset may add parameters: then nobody can tell.
    """
    models = models_of(body)
    found = [facts_of(model) for model in models]
    has_preset = bool(body.get("preset")) or any("@preset" in model for model in models)
    if has_preset or not found:
        return None
    unlisted: list[str] = []
    for facts in found:
        if facts is None or not facts.supported_parameters:
            return None
        listed = facts.supported_parameters
        unlisted += [p for p in parameters_of(body) if p not in listed and p not in unlisted]
    return unlisted


def models_of(body: Mapping[str, Any]) -> list[str]:
    """Name the models that may answer, in the order in which they are tried."""
    fallbacks: object = body.get("models")
    names = [body.get("model"), *(fallbacks if isinstance(fallbacks, list | tuple) else ())]
    return [name for name in names if isinstance(name, str) and name]


def lists(facts: ModelFacts | None, *parameters: str) -> bool:
    """Whether a model takes some parameters, as far as known; the unknown may."""
    if facts is None or not facts.supported_parameters:
        return True
    return facts.supported_parameters.issuperset(parameters)


def require_listed_parameters(body: Body, facts_of: FactsOf) -> Body:
    """Return the body with `provider.require_parameters`, if that leaves a provider.

    Where the catalogue does not list all that is sent, or the user has decided, the body is returned as it
    is; what the user set is never taken out.
    """
    provider: object = body.get("provider")
    wishes = cast("Body", provider) if isinstance(provider, Mapping) else {}
    if wishes.get("require_parameters") is not None:
        return body
    unlisted = unlisted_parameters(body, facts_of)
    if unlisted == []:
        return {**body, "provider": {**wishes, "require_parameters": True}}
    names = ", ".join(models_of(body)) or "the preset"
    because = f"does not list {', '.join(unlisted)}" if unlisted else "is not known well enough"
    warn_once(
        f"provider.require_parameters is left out of a structured request, because {names} {because}; "
        "a provider that ignores the format may answer. Set provider={'require_parameters': True} to "
        "insist, or False to silence this."
    )
    return body


# ---------------------------------------------------------------------------- when nobody is left

_CAN_EXCLUDE = (
    "only", "order", "ignore", "require_parameters", "data_collection", "zdr", "max_price",
    "quantizations", "enforce_distillable_text",
)  # fmt: skip


def explain(error: NoEndpointsError, body: Mapping[str, Any]) -> None:
    """Say in the error what a chat request demanded, and which parameters its models do not list."""
    error.constraints = constraints_of(body)
    error.unlisted = _demanded_in_vain(body)
    if error.constraints:
        error.add_to_message(f"The request demanded: {', '.join(error.constraints)}.")
    if error.unlisted:
        names = ", ".join(models_of(body))
        error.add_to_message(
            f"The catalogue does not list for {names}: {', '.join(error.unlisted)}."
        )


def note_who_required(error: NoEndpointsError, body: Mapping[str, Any], *, is_added: bool) -> None:
    """Say in the error whose wish `provider.require_parameters` was.

    Args:
        is_added: Whether an adapter added it for a structured answer.
    """
    if not as_dict(body.get("provider")).get("require_parameters"):
        return
    error.add_to_message(
        "provider.require_parameters was added for the structured answer: require_parameters=False "
        "leaves it out."
        if is_added
        else "provider.require_parameters is among the provider preferences that you set."
    )


def constraints_of(body: Mapping[str, Any]) -> list[str]:
    """Name the fields of a chat body that can exclude providers."""
    provider = as_dict(body.get("provider"))
    named = [f"provider.{key}" for key in _CAN_EXCLUDE if provider.get(key)]
    if provider.get("allow_fallbacks") is False:
        named.append("provider.allow_fallbacks")
    named += [k for k in ("tools", "tool_choice", "modalities", "response_format") if body.get(k)]
    if as_dict(as_dict(body.get("response_format")).get("json_schema")).get("strict"):
        named.append("response_format.json_schema.strict")
    functions = [as_dict(as_dict(tool).get("function")) for tool in body.get("tools") or ()]
    if any(function.get("strict") for function in functions):
        named.append("tools.function.strict")
    return named


def _demanded_in_vain(body: Mapping[str, Any]) -> list[str]:
    """The parameters that a model of the request does not list. Without the requirement only tools count."""
    unlisted = unlisted_parameters(body, facts_at_hand) or []
    if as_dict(body.get("provider")).get("require_parameters"):
        return unlisted
    return [name for name in unlisted if name == "tools"]
