"""Which providers offer a model, and the limits of those that a request may reach.

The model list shows the best offer; a request that names its providers gets theirs. Only `fetch` and
`afetch` touch the network; what they fetched is shared by the process, per base URL and model.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from openrouter_core.catalog.models import ModelCatalog, ModelFacts, model_id
from openrouter_core.errors import NotFoundError

if TYPE_CHECKING:
    from openrouter_core.client import AsyncOpenRouterClient, OpenRouterClient


@dataclass(frozen=True, slots=True)
class ModelEndpoint:
    """One provider's offer of a model."""

    names: frozenset[str]
    """What `provider.only`, `order` and `ignore` may call it, in lower case."""
    context_length: int | None = None
    """Tokens."""
    max_completion_tokens: int | None = None


_fetched: dict[tuple[str, str], tuple[float, tuple[ModelEndpoint, ...]]] = {}
"""By base URL and model: when, and what."""


def endpoint_from(endpoint: Mapping[str, Any]) -> ModelEndpoint:
    """Read one entry of the JSON of `client.models.endpoints`."""
    tag = str(endpoint.get("tag") or "").lower()
    names = {tag, tag.partition("/")[0], str(endpoint.get("provider_name") or "").lower()}
    return ModelEndpoint(
        frozenset(names - {""}),
        endpoint.get("context_length"),
        endpoint.get("max_completion_tokens"),
    )


def fetch(catalog: ModelCatalog, model: str, client: OpenRouterClient) -> None:
    """Fetch the endpoints of a model, unless that was done within the catalogue's `ttl_s`."""
    author, slug = _parts(catalog, model)
    if slug:
        try:
            _keep(catalog, model, client.models.endpoints(author, slug).raw)
        except NotFoundError:
            _keep(catalog, model, {})  # a router, or a model of tomorrow


async def afetch(catalog: ModelCatalog, model: str, client: AsyncOpenRouterClient) -> None:
    """Fetch the endpoints of a model, unless that was done within the catalogue's `ttl_s`."""
    author, slug = _parts(catalog, model)
    if slug:
        try:
            _keep(catalog, model, (await client.models.endpoints(author, slug)).raw)
        except NotFoundError:
            _keep(catalog, model, {})


def _parts(catalog: ModelCatalog, model: str) -> tuple[str, str]:
    """Author and slug of a model whose endpoints are to be fetched; empty when nothing is."""
    name = model_id(model) or ""
    fetched = _fetched.get((catalog.base_url, name))
    if fetched is not None and time.monotonic() - fetched[0] < catalog.ttl_s:
        return "", ""
    author, _, slug = name.partition("/")
    return author, slug


def _keep(catalog: ModelCatalog, model: str, answer: Mapping[str, Any]) -> None:
    data: Mapping[str, Any] = answer.get("data") or answer
    endpoints = tuple(map(endpoint_from, data.get("endpoints") or ()))
    _fetched[catalog.base_url, model_id(model) or ""] = (time.monotonic(), endpoints)


def reset() -> None:
    """Drop what was fetched, in the whole process."""
    _fetched.clear()


def limited(
    facts: ModelFacts | None,
    catalog: ModelCatalog,
    model: str,
    provider: Mapping[str, Any] | None,
) -> ModelFacts | None:
    """Return the facts with the smallest limits of the providers that a request may reach.

    Args:
        provider: The request's `provider` object. Without `only`, `order` or `ignore` in it, or
            before the endpoints were fetched, the facts are returned as they are.
    """
    if facts is None or not provider:
        return facts
    if not any(provider.get(name) for name in ("only", "order", "ignore")):
        return facts
    _, endpoints = _fetched.get((catalog.base_url, model_id(model) or ""), (0.0, ()))
    return _narrowed(facts, _reachable(endpoints, provider)) if endpoints else facts


def _reachable(
    endpoints: Iterable[ModelEndpoint], provider: Mapping[str, Any]
) -> list[ModelEndpoint]:
    """The endpoints that are left; an `order` excludes nobody unless fallbacks are off."""
    ignored = _names(provider.get("ignore"))
    only = _names(provider.get("only"))
    if not only and provider.get("allow_fallbacks") is False:
        only = _names(provider.get("order"))
    left = [offer for offer in endpoints if not offer.names & ignored]
    return [offer for offer in left if offer.names & only] if only else left


def _names(given: Any) -> frozenset[str]:
    return frozenset(str(name).lower() for name in given or ())


def _narrowed(facts: ModelFacts, endpoints: Sequence[ModelEndpoint]) -> ModelFacts:
    windows = [offer.context_length for offer in endpoints if offer.context_length]
    outputs = [offer.max_completion_tokens for offer in endpoints if offer.max_completion_tokens]
    return replace(
        facts,
        context_length=min(windows, default=facts.context_length),
        max_completion_tokens=min(outputs, default=facts.max_completion_tokens),
    )


def common(facts: Iterable[ModelFacts | None]) -> ModelFacts | None:
    """Return what holds whichever of several models answers: the first one's facts, with the smallest limits.

    None for a model that nobody knows; None comes back when nobody knows any.
    """
    known = [one for one in facts if one is not None]
    if len(known) < 2:
        return known[0] if known else None
    windows = [one.context_length for one in known if one.context_length]
    outputs = [one.max_completion_tokens for one in known if one.max_completion_tokens]
    return replace(
        known[0],
        context_length=min(windows, default=None),
        max_completion_tokens=min(outputs, default=None),
        supported_parameters=frozenset.intersection(*(m.supported_parameters for m in known)),
        input_modalities=_in_all([one.input_modalities for one in known]),
    )


def _in_all(lists: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(name for name in lists[0] if all(name in other for other in lists))
