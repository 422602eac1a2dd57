"""The models that one emulator offers: every bundled one, and those that were added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from openrouter_core.catalog.models import facts_from
from openrouter_emulator.catalogue.bundled import bundled, spec_of
from openrouter_emulator.catalogue.model_specs import Endpoint, ModelSpec
from openrouter_emulator.catalogue.providers import BY_AUTHOR

_PARAMETERS = (
    "frequency_penalty", "include_reasoning", "logit_bias", "max_completion_tokens", "max_tokens",
    "presence_penalty", "reasoning", "reasoning_effort", "response_format", "seed", "stop",
    "structured_outputs", "temperature", "tool_choice", "tools", "top_k", "top_p",
)  # fmt: skip

Added = str | Mapping[str, Any] | ModelSpec
"""A model's id, or a model as GET /models shows it (with `endpoints` as the endpoint list shows them, if wanted)."""


class Catalogue:
    """Look-ups among the models. Immutable."""

    def __init__(self, added: Iterable[Added] = ()) -> None:
        self._models = dict(bundled())
        for given in added:
            spec = given if isinstance(given, ModelSpec) else model_of(given)
            self._models[spec.id] = spec
        self._by_slug: dict[str, ModelSpec] = {}
        for spec in self._models.values():
            if ":" not in spec.id or spec.slug not in self._by_slug:
                self._by_slug[spec.slug] = spec

    def __iter__(self) -> Iterator[ModelSpec]:
        return iter(self._models.values())

    def __getitem__(self, id: str) -> ModelSpec:
        return self._models[id]

    def lookup(self, name: str) -> ModelSpec | None:
        """A model by id, permaslug or alias; None when there is none."""
        return self._models.get(name) or self._by_slug.get(name)

    def named(self, name: str) -> ModelSpec | None:
        """A model by what replies call it: also the bare slug that embeddings and rerank use."""
        return self.lookup(name) or next((s for s in self if s.slug.endswith(f"/{name}")), None)

    def providers(self) -> dict[str, Endpoint]:
        """Every provider, by base slug."""
        found: dict[str, Endpoint] = {}
        for spec in self:
            for endpoint in spec.endpoints:
                found.setdefault(endpoint.slug, endpoint)
        return found


_ALL_ROUNDER: Mapping[str, Any] = {
    "context_length": 128_000,
    "architecture": {
        "input_modalities": ["text", "image", "file"],
        "output_modalities": ["text"],
    },
    "pricing": {"prompt": "0.000001", "completion": "0.000002"},
    "supported_parameters": _PARAMETERS,
}
"""What an added model is where nothing else is given."""


def model_of(given: str | Mapping[str, Any]) -> ModelSpec:
    """A model that is added: an all-rounder of an id, or what an entry of the model list describes.

    Raises:
        ValueError: The id is not "author/slug".
    """
    entry: Mapping[str, Any] = {"id": given} if isinstance(given, str) else given
    id = str(entry.get("id") or "")
    author, _, slug = id.partition("/")
    if not author or not slug:
        raise ValueError(f"{id!r} is not a model id: it has the form 'author/slug'.")
    spec = spec_of(facts_from({**_ALL_ROUNDER, **entry}))
    offered = tuple(_endpoint(one, spec) for one in entry.get("endpoints") or ())
    if not offered and author in BY_AUTHOR:
        offered = spec.endpoints
    own = Endpoint(author.replace("-", " ").title(), author)
    return replace(spec, name=entry.get("name") or spec.name, endpoints=offered or (own,))


def _endpoint(entry: Mapping[str, Any], spec: ModelSpec) -> Endpoint:
    """A provider as the list of endpoints shows it."""
    prices: Mapping[str, Any] = entry.get("pricing") or {}
    known = entry.get("supported_parameters")
    return Endpoint(
        provider=str(entry["provider_name"]),
        tag=str(entry.get("tag") or entry["provider_name"]).lower(),
        prices={name: price for name, price in prices.items() if isinstance(price, str)},
        without=() if known is None else tuple(set(spec.params) - set(known)),
        quantization=entry.get("quantization"),
        context=entry.get("context_length"),
    )
