"""What models can do and cost, known without asking: a bundled snapshot, and a shared cache of the live list.

The adapters ask here for context lengths, modalities and supported parameters. Looking up never touches
the network; only `refresh` does. Equal base URLs share one cache in the process.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from openrouter_core._logging import warn_renamed
from openrouter_core.config import DEFAULT_BASE_URL

if TYPE_CHECKING:
    from openrouter_core.client import AsyncOpenRouterClient, OpenRouterClient

_ROUTING_VARIANTS = frozenset({"nitro", "floor", "online", "exacto"})
"""Suffixes that choose among providers: same model, same price list."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One model as the catalogue has it. None means the catalogue does not say."""

    id: str
    canonical_slug: str | None = None
    context_length: int | None = None
    """Tokens."""
    max_completion_tokens: int | None = None
    input_modalities: tuple[str, ...] = ()
    output_modalities: tuple[str, ...] = ()
    supported_parameters: frozenset[str] = frozenset()
    reasoning: Mapping[str, Any] | None = None
    """E.g. {"mandatory": False, "supported_efforts": ["high", "low"]}; None: it does not reason."""
    pricing: Mapping[str, str] = field(default_factory=dict[str, str])
    """USD per unit as the API's strings, e.g. {"prompt": "0.0000025"}. Routers have "-1"."""
    pricing_overrides: tuple[Mapping[str, Any], ...] = ()
    """Prices under conditions, e.g. above `min_prompt_tokens`."""


def facts_from(entry: Mapping[str, Any]) -> ModelFacts:
    """Read one entry of the model list's JSON."""
    architecture: Mapping[str, Any] = entry.get("architecture") or {}
    provider: Mapping[str, Any] = entry.get("top_provider") or {}
    pricing: Mapping[str, Any] = entry.get("pricing") or {}
    return ModelFacts(
        id=entry["id"],
        canonical_slug=entry.get("canonical_slug"),
        context_length=entry.get("context_length"),
        max_completion_tokens=provider.get("max_completion_tokens"),
        input_modalities=tuple(architecture.get("input_modalities") or ()),
        output_modalities=tuple(architecture.get("output_modalities") or ()),
        supported_parameters=frozenset(entry.get("supported_parameters") or ()),
        reasoning=entry.get("reasoning"),
        pricing={name: price for name, price in pricing.items() if isinstance(price, str)},
        pricing_overrides=tuple(pricing.get("overrides") or ()),
    )


class _Table:
    """A model list, searchable under every spelling that `model=` takes."""

    def __init__(self, models: Iterable[ModelFacts], read_at_s: float = 0.0) -> None:
        self.by_id = {facts.id: facts for facts in models}
        self.by_slug: dict[str, ModelFacts] = {}
        for facts in self.by_id.values():
            plain = ":" not in facts.id and not facts.id.startswith("~")
            if facts.canonical_slug and (plain or facts.canonical_slug not in self.by_slug):
                self.by_slug[facts.canonical_slug] = facts
        self.read_at_s = read_at_s

    def find(self, model: str) -> ModelFacts | None:
        """Return the facts of a model id, with or without its variant."""
        name = model_id(model)
        if name is None:
            return None
        exact = self.by_id.get(name) or self.by_slug.get(name)
        base, colon, variant = name.partition(":")
        if exact or not colon:
            return exact
        parent = self.by_id.get(base) or self.by_slug.get(base)
        if parent is None or variant in _ROUTING_VARIANTS:
            return parent
        return replace(parent, pricing={}, pricing_overrides=())


def model_id(model: str) -> str | None:
    """Return the catalogue's name for what `model=` was given; None when a preset decides.

    A preset after the model and a leading "openrouter/" before "vendor/model" are taken off;
    "openrouter/auto" and "~vendor/name-latest" are names themselves.
    """
    name, _, _ = model.partition("@")
    if not name:
        return None
    vendor, slash, rest = name.partition("/")
    return rest if vendor == "openrouter" and slash and "/" in rest else name


@lru_cache(maxsize=1)
def _bundled() -> _Table:
    text = resources.files("openrouter_core.catalog").joinpath("_snapshot.json").read_text("utf-8")
    snapshot = json.loads(text)
    names: list[str] = snapshot["parameters"]
    return _Table(_unpacked(entry, names) for entry in snapshot["models"])


def _unpacked(entry: dict[str, Any], names: list[str]) -> ModelFacts:
    entry["supported_parameters"] = [names[at] for at in entry["supported_parameters"]]
    return facts_from(entry)


def facts_offline(model: str) -> ModelFacts | None:
    """Return what the bundled snapshot knows of a model; None when it does not know it."""
    return _bundled().find(model)


def facts_at_hand(model: str) -> ModelFacts | None:
    """Return what is known of a model: from any list that was fetched, else from the bundled snapshot."""
    found = (table.find(model) for table in tuple(_live.values()))
    return next(filter(None, found), None) or facts_offline(model)


def bundled_models() -> list[ModelFacts]:
    """Return every model of the bundled snapshot, in the order of their ids."""
    return list(_bundled().by_id.values())


_live: dict[str, _Table] = {}
_lock = threading.Lock()


class ModelCatalog:
    """The models of one base URL. Every instance for the same URL sees the same cache."""

    def __init__(self, base_url: str = DEFAULT_BASE_URL, *, ttl_s: float = 3600.0) -> None:
        """Make a view of the cache; nothing is fetched.

        Args:
            ttl_s: How long a fetched list counts as fresh, in seconds.
        """
        self.base_url = base_url.rstrip("/")
        self.ttl_s = ttl_s

    @property
    def is_fresh(self) -> bool:
        """Whether a list was fetched within `ttl_s`."""
        table = _live.get(self.base_url)
        return table is not None and time.monotonic() - table.read_at_s < self.ttl_s

    def facts(self, model: str) -> ModelFacts | None:
        """Return what is known of a model: from the fetched list, else from the bundled snapshot."""
        table = _live.get(self.base_url)
        found = table.find(model) if table else None
        return found or facts_offline(model)

    def refresh(self, client: OpenRouterClient) -> None:
        """Fetch the list, unless a fresh one is there already."""
        if not self.is_fresh:
            self._keep(client.models.list(output_modalities="all").raw)

    async def arefresh(self, client: AsyncOpenRouterClient) -> None:
        """Fetch the list, unless a fresh one is there already."""
        if not self.is_fresh:
            self._keep((await client.models.list(output_modalities="all")).raw)

    def reset(self) -> None:
        """Drop the fetched list, for this base URL, in the whole process."""
        with _lock:
            _live.pop(self.base_url, None)

    def forget(self) -> None:
        """Do what `reset` does, under its older name."""
        warn_renamed("ModelCatalog.forget", "ModelCatalog.reset")
        self.reset()

    def _keep(self, answer: Mapping[str, Any]) -> None:
        table = _Table(map(facts_from, answer["data"]), time.monotonic())
        with _lock:
            _live[self.base_url] = table
