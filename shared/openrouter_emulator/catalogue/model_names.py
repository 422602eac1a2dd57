"""What a `model` names: a model, an alias, a router, with variants behind colons. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from openrouter_emulator.api_error import ApiError
from openrouter_emulator.catalogue import routers
from openrouter_emulator.catalogue.catalogue import Catalogue, model_of
from openrouter_emulator.catalogue.model_specs import ModelSpec
from openrouter_emulator.planned_response import JsonObject

ACCOUNT_DEFAULT = "openai/gpt-4o-mini"
"""Answers where a preset names no model."""
_DYNAMIC = frozenset({"online", "nitro", "floor", "exacto"})
"""Suffixes that any model takes; they choose among its providers, or search the web."""
_STATIC = frozenset({"free", "extended", "thinking", "batch"})
"""Suffixes that are part of a listed model's id."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may answer."""

    model: ModelSpec
    variants: frozenset[str] = frozenset()
    """Dynamic suffixes, e.g. "nitro"."""
    router: str | None = None
    """The router that chose it, e.g. "openrouter/auto"."""
    strategy: str = "direct"
    panel: tuple[ModelSpec, ...] = ()
    """The models that a fusion asks before."""


def resolve(name: str, body: JsonObject, catalogue: Catalogue, *, any_id: bool) -> list[Candidate]:
    """The models that a name stands for, in the order in which they are tried.

    Args:
        any_id: Take ids that no model has, as all-rounders.

    Raises:
        ApiError: 400 for a name that means nothing, 404 for a variant that a model does not have.
    """
    spec, variants = _found(
        name.partition("@preset/")[0] or ACCOUNT_DEFAULT, catalogue, any_id=any_id
    )
    if spec.alias_target is not None:
        return [Candidate(catalogue[spec.alias_target["slug"]], variants, strategy="latest")]
    if spec.id in routers.STRATEGIES:
        strategy, panel = routers.STRATEGIES[spec.id], routers.panel(spec.id, body, catalogue)
        chosen = routers.candidates(spec.id, body, catalogue)
        return [Candidate(model, variants, spec.id, strategy, panel) for model in chosen]
    return [Candidate(spec, variants)]


def _found(name: str, catalogue: Catalogue, *, any_id: bool) -> tuple[ModelSpec, frozenset[str]]:
    base, variants = name, frozenset[str]()
    while True:
        spec = catalogue.lookup(base)
        if spec is not None:
            return spec, variants
        shorter, _, suffix = base.rpartition(":")
        if suffix in _STATIC and catalogue.lookup(shorter) is not None:
            raise ApiError(404, f"No endpoints found for {base}.")
        if suffix not in _DYNAMIC:
            return _unknown(base, any_id=any_id), variants
        base, variants = shorter, variants | {suffix}


def _unknown(name: str, *, any_id: bool) -> ModelSpec:
    if any_id:
        try:
            return model_of(name)
        except ValueError:
            pass
    raise ApiError(400, f"{name} is not a valid model ID")
