"""Checks of a request against what the model catalogue knows. Called by `llm` before every call; no I/O.

A model is looked up only when there is something to check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from openrouter_core import ConfigurationError
from openrouter_core.catalog.models import ModelCatalog


def check_against(options: dict[str, Any], catalog: Callable[[], ModelCatalog]) -> None:
    """Refuse what the model cannot do, and put its own outputs in the place of `modalities="auto"`.

    Raises:
        ConfigurationError: Reasoning is switched off for a model that always reasons, or "auto" was asked
            for a model that the catalogue does not know.
    """
    if options.get("modalities") == "auto":
        options["modalities"] = _outputs(str(options.get("model")), catalog())
    if _switches_reasoning_off(options):
        _check_may_switch_off(str(options.get("model") or ""), catalog())


def _outputs(model: str, catalog: ModelCatalog) -> list[str]:
    facts = catalog.facts(model)
    if facts is None or not facts.output_modalities:
        raise ConfigurationError(
            f'modalities="auto" needs a model that the catalogue knows, and {model!r} is not. '
            'Name them, e.g. modalities=["image", "text"].'
        )
    return list(facts.output_modalities)


def _switches_reasoning_off(options: Mapping[str, Any]) -> bool:
    reasoning = options.get("reasoning")
    asked = cast("Mapping[str, Any]", reasoning) if isinstance(reasoning, Mapping) else {}
    effort = options.get("reasoning_effort") or asked.get("effort")
    return effort == "none" or asked.get("enabled") is False


def _check_may_switch_off(model: str, catalog: ModelCatalog) -> None:
    moves = model.startswith("~")  # an alias may be another model by now
    facts = catalog.facts(model) if model and not moves else None
    abilities = (facts.reasoning if facts else None) or {}
    if not abilities.get("mandatory"):
        return
    efforts = ", ".join(filter(None, abilities.get("supported_efforts") or ())) or "any but none"
    raise ConfigurationError(
        f"{model} always reasons, so reasoning cannot be switched off. "
        f"Choose an effort instead ({efforts}), or another model."
    )
