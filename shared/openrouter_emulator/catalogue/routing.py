"""Which model and which provider answer a request: fallbacks, abilities and provider preferences.

Called by the handlers of endpoints that generate. Pure apart from reading the state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from openrouter_emulator.api_error import ApiError
from openrouter_emulator.catalogue.model_names import Candidate, resolve
from openrouter_emulator.catalogue.model_specs import Endpoint, ModelSpec
from openrouter_emulator.planned_response import JsonObject

if TYPE_CHECKING:
    from openrouter_emulator.state.settings import Settings
    from openrouter_emulator.state.state import State

_SORTING = {"nitro": "throughput", "floor": "price", "exacto": "exacto"}
_NEVER_REQUIRED = frozenset(
    {
        "messages", "model", "models", "provider", "stream", "stream_options", "usage", "plugins",
        "user", "session_id", "metadata", "trace", "debug", "modalities", "audio", "image_config",
        "route", "preset", "cache_control", "service_tier", "prompt_cache_key", "input", "query",
        "documents", "top_n", "dimensions", "encoding_format", "input_type", "transforms",
        "max_tool_calls", "prompt_cache_options", "stop_server_tools_when", "x_search_filter",
        "deferred_tools",
    }
)  # fmt: skip
"""Fields that OpenRouter reads itself: they are not in the vocabulary of `supported_parameters`."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who answers."""

    model: ModelSpec
    endpoint: Endpoint
    router: str | None = None
    """The router that chose, e.g. "openrouter/auto"."""
    online: bool = False
    """Whether the `:online` variant asked for a web search."""
    attempts: Sequence[tuple[Endpoint, int]] = field(default_factory=list[tuple[Endpoint, int]])
    """Providers asked before, and the status that each answered."""
    strategy: str = "direct"
    """How the model was found, as `openrouter_metadata` names it."""
    panel: tuple[ModelSpec, ...] = ()
    """The models that a fusion asked before."""

    @property
    def prices(self) -> Mapping[str, str]:
        """USD per unit, where no override applies."""
        if self.strategy == "bodybuilder":
            return {"prompt": "0", "completion": "0"}
        return {**self.model.prices, **self.endpoint.prices}

    @property
    def overrides(self) -> Sequence[Mapping[str, Any]]:
        """Prices under conditions; an endpoint with prices of its own has none."""
        return (
            () if self.endpoint.prices or self.strategy == "bodybuilder" else self.model.overrides
        )


def choose(body: JsonObject, state: State, *, kind: str = "text") -> Chosen:
    """Choose the model and provider of a request.

    Args:
        kind: The output modality that the endpoint serves: text, embeddings or rerank.

    Raises:
        ApiError: 400 for an unknown model, 404 when no provider is left, 503 when all are down.
    """
    names = [str(n) for n in [body.get("model"), *(body.get("models") or [])] if n]
    if not names:
        raise ApiError(400, "No models provided")
    resolved = [
        resolve(name, body, state.catalogue, any_id=state.script.names(name)) for name in names
    ]
    attempts: list[tuple[Endpoint, int]] = []
    refusal: ApiError | None = None
    for place, candidates in enumerate(resolved):
        for candidate in candidates:
            try:
                endpoints = _endpoints(candidate, body, state.settings, kind)
            except ApiError as error:
                refusal = refusal or error
                continue
            for endpoint in endpoints:
                if _is_down(candidate.model, endpoint, state.settings):
                    attempts.append((endpoint, 503))
                    continue
                return _chosen(candidate, endpoint, attempts, fell_back=place > 0)
    raise refusal or _all_down(attempts)


def _chosen(
    candidate: Candidate,
    endpoint: Endpoint,
    attempts: Sequence[tuple[Endpoint, int]],
    *,
    fell_back: bool,
) -> Chosen:
    return Chosen(
        candidate.model,
        endpoint,
        candidate.router,
        online="online" in candidate.variants,
        attempts=attempts,
        strategy="fallback" if fell_back else candidate.strategy,
        panel=candidate.panel,
    )


def _endpoints(
    candidate: Candidate, body: JsonObject, settings: Settings, kind: str
) -> list[Endpoint]:
    """The providers that a request leaves, in the order in which they are asked."""
    spec = candidate.model
    if spec.id in settings.denied_models:
        raise ApiError(404, f"No endpoints found for {spec.id}.")
    if kind not in spec.outputs and not (kind == "text" and "image" in spec.outputs):
        raise ApiError(404, f"No endpoints found for {spec.id} that output {kind}.")
    _check_abilities(spec, body)
    wishes: Mapping[str, Any] = body.get("provider") or {}
    left = _filtered(spec, wishes, body)
    return _ordered(spec, left, wishes, candidate.variants)


def _check_abilities(spec: ModelSpec, body: JsonObject) -> None:
    """What excludes every provider of a model whatever the preferences."""
    if body.get("tools") and "tools" not in spec.params:
        raise ApiError(
            404,
            "No endpoints found that support tool use. To learn more about provider routing, visit: "
            "https://openrouter.ai/docs/provider-routing",
        )
    wanted = set(body.get("modalities") or spec.outputs)
    if wanted - set(spec.outputs) or ("text" in spec.outputs) < ("text" in wanted):
        raise ApiError(
            404,
            "No endpoints found that support the requested output modalities: "
            f"{', '.join(body.get('modalities') or [])}",
        )
    for part_type in _media(body):
        if part_type not in spec.inputs:
            raise ApiError(404, f"No endpoints found that support {part_type} input")


def _media(body: JsonObject) -> list[str]:
    """Input modalities that need the model's help. (Files are parsed for any model.)"""
    names = {"image_url": "image", "input_audio": "audio", "video_url": "video"}
    names["input_video"] = "video"
    found: list[str] = []
    for message in body.get("messages", []):
        content = message.get("content")
        if isinstance(content, list):
            found += [names[p["type"]] for p in content if p.get("type") in names]
    return found


def _filtered(spec: ModelSpec, wishes: Mapping[str, Any], body: JsonObject) -> list[Endpoint]:
    left = [e for e in spec.endpoints if _wanted(e, wishes)]
    if not left:
        raise ApiError(404, f"No allowed providers are available for the selected model {spec.id}.")
    kept = [e for e in left if _private_enough(e, wishes)]
    if not kept:
        raise ApiError(404, "No endpoints found matching your data policy.")
    kept = [e for e in kept if _cheap_enough(spec, e, wishes)]
    if not kept:
        raise ApiError(404, "No endpoints found that meet the maximum price.")
    if wishes.get("require_parameters"):
        needed = _required(body)
        kept = [e for e in kept if needed <= set(spec.params) - set(e.without)]
        if not kept:
            raise ApiError(404, "No endpoints found that can handle the requested parameters.")
        return kept
    return _able(spec, kept, body)


def _able(spec: ModelSpec, endpoints: list[Endpoint], body: JsonObject) -> list[Endpoint]:
    """Tools and JSON go to providers that know them, as long as there is one."""
    for name in ("tools", "response_format"):
        if body.get(name):
            knowing = [e for e in endpoints if name in spec.params and name not in e.without]
            endpoints = knowing or endpoints
    return endpoints


def _required(body: JsonObject) -> set[str]:
    needed = {n for n, v in body.items() if v is not None and n not in _NEVER_REQUIRED}
    if (body.get("response_format") or {}).get("type") == "json_schema":
        needed.add("structured_outputs")
    return needed


def _names(items: object) -> set[str]:
    return {str(i).lower() for i in items} if isinstance(items, list) else set()


def _called(endpoint: Endpoint, names: set[str]) -> bool:
    return bool({endpoint.slug, endpoint.tag, endpoint.provider.lower()} & names)


def _wanted(endpoint: Endpoint, wishes: Mapping[str, Any]) -> bool:
    only, ignored = _names(wishes.get("only")), _names(wishes.get("ignore"))
    quantizations = wishes.get("quantizations")
    if only and not _called(endpoint, only):
        return False
    if ignored and _called(endpoint, ignored):
        return False
    if wishes.get("order") and wishes.get("allow_fallbacks") is False:
        return _called(endpoint, _names(wishes["order"]))
    return not quantizations or (endpoint.quantization or "unknown") in quantizations


def _private_enough(endpoint: Endpoint, wishes: Mapping[str, Any]) -> bool:
    if wishes.get("zdr") and not endpoint.zdr:
        return False
    return not (wishes.get("data_collection") == "deny" and endpoint.trains)


def _cheap_enough(spec: ModelSpec, endpoint: Endpoint, wishes: Mapping[str, Any]) -> bool:
    """`max_price` is in USD per million tokens, as number or string."""
    prices = {**spec.prices, **endpoint.prices}
    for name, limit in (wishes.get("max_price") or {}).items():
        per_unit = Decimal(str(prices.get(name, "0")))
        scale = 1_000_000 if name in {"prompt", "completion"} else 1
        try:
            if per_unit * scale > Decimal(str(limit)):
                return False
        except InvalidOperation:
            raise ApiError(400, f"provider.max_price.{name} must be a number.") from None
    return True


def _ordered(
    spec: ModelSpec, endpoints: list[Endpoint], wishes: Mapping[str, Any], variants: frozenset[str]
) -> list[Endpoint]:
    order = [str(name).lower() for name in wishes.get("order") or []]
    sort = wishes.get("sort") or next((_SORTING[v] for v in _SORTING if v in variants), None)
    by = sort.get("by") if isinstance(sort, dict) else sort
    if by == "price":
        endpoints = sorted(
            endpoints, key=lambda e: Decimal({**spec.prices, **e.prices}["completion"])
        )
    if order:
        endpoints = sorted(endpoints, key=lambda e: _rank(e, order))
    return endpoints[:1] if wishes.get("allow_fallbacks") is False else endpoints


def _rank(endpoint: Endpoint, order: Sequence[str]) -> int:
    return next((i for i, name in enumerate(order) if _called(endpoint, {name})), len(order))


def _is_down(spec: ModelSpec, endpoint: Endpoint, settings: Settings) -> bool:
    down = {name.lower() for name in settings.down_providers}
    return spec.id in settings.down_models or _called(endpoint, down)


def _all_down(attempts: Sequence[tuple[Endpoint, int]]) -> ApiError:
    errors = [{"code": status, "message": "Provider returned error"} for _, status in attempts]
    last = attempts[-1][0].provider if attempts else None
    return ApiError(
        503,
        "Provider returned error",
        metadata={"provider_name": last, "raw": "upstream unavailable", "previous_errors": errors},
    )
