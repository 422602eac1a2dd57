"""The catalogue: GET /models and its relatives, /model/{author}/{slug}, endpoints, providers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from openrouter_core.resources.endpoints import Endpoints
from openrouter_core.resources.models import Models
from openrouter_core.resources.providers import Providers
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.catalogue.model_specs import ModelSpec
from openrouter_emulator.handlers._paging import whole_number
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest

_MILLION = 1_000_000
_DEFAULT_PAGE = 500
Keep = Callable[[ModelSpec], bool]


@handles(Models.list)
def list_models(request: HandlerRequest) -> JsonObject:
    """All models that the filters leave; text models only unless `output_modalities` asks for more."""
    return _page(request.query, _ordered(request.query, _matching(request)))


@handles(Models.list_for_user)
def list_for_user(request: HandlerRequest) -> JsonObject:
    """The same, without the models that this account may not use."""
    denied = request.state.settings.denied_models
    return _page(request.query, [m for m in _matching(request) if m.id not in denied])


@handles(Models.count)
def count(request: HandlerRequest) -> JsonObject:
    """How many models there are."""
    return {"data": {"count": len(_matching(request))}}


@handles(Models.get)
def get(request: HandlerRequest) -> JsonObject:
    """One model; aliases and variants are resolved."""
    return {"data": _named(request).object()}


@handles(Models.endpoints)
def endpoints(request: HandlerRequest) -> JsonObject:
    """The providers of one model."""
    spec = _named(request)
    shown = spec.object()
    kept = ("id", "name", "created", "description", "architecture")
    offered = [spec.endpoint_object(e) for e in spec.endpoints]
    return {"data": {**{k: shown[k] for k in kept}, "endpoints": offered}}


@handles(Endpoints.list_zdr)
def list_zdr(request: HandlerRequest) -> JsonObject:
    """Every endpoint that keeps nothing."""
    specs = request.state.catalogue
    return {"data": [s.endpoint_object(e) for s in specs for e in s.endpoints if e.zdr]}


@handles(Providers.list)
def list_providers(request: HandlerRequest) -> JsonObject:
    """Every provider of the catalogue."""
    return {
        "data": [
            {
                "name": endpoint.provider,
                "slug": slug,
                "privacy_policy_url": f"https://example.com/{slug}/privacy",
                "terms_of_service_url": f"https://example.com/{slug}/terms",
                "status_page_url": None,
                "headquarters": "US",
                "datacenters": ["US"],
            }
            for slug, endpoint in sorted(request.state.catalogue.providers().items())
        ]
    }


def _named(request: HandlerRequest) -> ModelSpec:
    name = f"{request.path['author']}/{request.path['slug']}"
    spec = request.state.catalogue.lookup(name) or request.state.catalogue.lookup(
        name.partition(":")[0]
    )
    if spec is None:
        raise ApiError(404, f"Model {name} not found")
    return spec


def _matching(request: HandlerRequest) -> list[ModelSpec]:
    query = request.query
    keeps = [make(query[name]) for name, make in _FILTERS.items() if name in query]
    if "output_modalities" not in query:
        keeps.append(lambda m: "text" in m.outputs)
    return [m for m in request.state.catalogue if all(keep(m) for keep in keeps)]


def _comma(text: str) -> set[str]:
    return {part.strip() for part in text.split(",") if part.strip()}


def _outputs(text: str) -> Keep:
    wanted = _comma(text)
    return lambda m: "all" in wanted or bool(wanted & set(m.outputs))


def _inputs(text: str) -> Keep:
    return lambda m: _comma(text) <= set(m.inputs)


def _parameters(text: str) -> Keep:
    return lambda m: _comma(text) <= set(m.params)


def _search(text: str) -> Keep:
    return lambda m: text.lower() in f"{m.id} {m.name}".lower()


def _authors(text: str) -> Keep:
    return lambda m: m.id.split("/")[0].lstrip("~") in _comma(text)


def _served_by(text: str) -> Keep:
    names = {n.lower() for n in _comma(text)}
    return lambda m: any({e.provider.lower(), e.slug} & names for e in m.endpoints)


def _context(text: str) -> Keep:
    least = whole_number("context", text, low=1)
    return lambda m: m.context >= least


def _amount(name: str, text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ApiError(400, f"{name} must be a number.") from None
    if amount < 0:
        raise ApiError(400, f"{name} must be at least 0.")
    return amount


def _price(name: str, field: str, *, most: bool) -> Callable[[str], Keep]:
    """A bound on a price, in USD per million tokens."""

    def make(text: str) -> Keep:
        limit = _amount(name, text)

        def keep(model: ModelSpec) -> bool:
            price = Decimal(model.prices[field]) * _MILLION
            return price <= limit if most else price >= limit

        return keep

    return make


_FILTERS: dict[str, Callable[[str], Keep]] = {
    "output_modalities": _outputs,
    "input_modalities": _inputs,
    "supported_parameters": _parameters,
    "q": _search,
    "model_authors": _authors,
    "providers": _served_by,
    "context": _context,
    "min_price": _price("min_price", "prompt", most=False),
    "max_price": _price("max_price", "prompt", most=True),
    "min_output_price": _price("min_output_price", "completion", most=False),
    "max_output_price": _price("max_output_price", "completion", most=True),
    "zdr": lambda _text: lambda m: any(e.zdr for e in m.endpoints),
}

_SORTS: dict[str, Callable[[ModelSpec], Decimal | int]] = {
    "newest": lambda m: -m.created,
    "pricing-low-to-high": lambda m: Decimal(m.prices["prompt"]),
    "pricing-high-to-low": lambda m: -Decimal(m.prices["prompt"]),
    "context-high-to-low": lambda m: -m.context,
}


def _ordered(query: Mapping[str, str], models: Sequence[ModelSpec]) -> list[ModelSpec]:
    """In the order asked for; orders that rest on statistics keep the catalogue's own."""
    key = _SORTS.get(query.get("sort", ""))
    return sorted(models, key=key) if key else list(models)


def _page(query: Mapping[str, str], models: Sequence[ModelSpec]) -> JsonObject:
    """The whole list, or a page when offset or limit is given."""
    shown = [m.object() for m in models]
    if "offset" not in query and "limit" not in query:
        return {"data": shown, "total_count": len(shown), "links": {"next": None}}
    offset = whole_number("offset", query.get("offset", "0"), low=0)
    limit = whole_number("limit", query.get("limit", str(_DEFAULT_PAGE)), low=1, high=1000)
    after = offset + limit
    following = f"/api/v1/models?offset={after}&limit={limit}" if after < len(shown) else None
    page = shown[offset:after]
    return {"data": page, "total_count": len(shown), "links": {"next": following}}
