"""What the provider behind a model refuses, in its own words and with its own status. Pure.

OpenRouter takes more than many providers do, and hands their refusals on. One module per vendor registers
its rules; `check` runs those of the provider that was chosen. `Emulator(dialects=False)` leaves them out.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable

from openrouter_emulator.api_error import ApiError
from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.planned_response import JsonObject

Rule = Callable[[JsonObject, Chosen], None]
"""Takes a body in the shape of chat and who answers it; raises the refusal."""

_rules: dict[str, list[Rule]] = {}
_limits: list[Callable[[JsonObject], None]] = []


def refuses(*slugs: str) -> Callable[[Rule], Rule]:
    """Register a rule of the providers with these base slugs, e.g. "openai" and "azure".

    "anthropic/" stands for every provider of that author's models, "" for OpenRouter itself.
    """

    def register(rule: Rule) -> Rule:
        for slug in slugs:
            _rules.setdefault(slug, []).append(rule)
        return rule

    return register


def check(body: JsonObject, chosen: Chosen) -> None:
    """Refuse what the provider refuses.

    Raises:
        ApiError: In the envelope in which OpenRouter hands on a provider's error.
    """
    author = chosen.model.slug.partition("/")[0]
    for name in ("", f"{author}/", chosen.endpoint.slug):
        for rule in _rules.get(name, ()):
            rule(body, chosen)


def limits(rule: Callable[[JsonObject], None]) -> Callable[[JsonObject], None]:
    """Register a rule of OpenRouter itself about a body for which no provider has been chosen yet."""
    _limits.append(rule)
    return rule


def check_limits(body: JsonObject) -> None:
    """Refuse what OpenRouter refuses before it looks for a provider."""
    for rule in _limits:
        rule(body)


def refusal(chosen: Chosen, answer: JsonObject, *, status: int = 400) -> ApiError:
    """Return a provider's refusal as OpenRouter wraps it (recording orenh-error-handling-tool-calling-1).

    Args:
        answer: What the provider answered, whole.
    """
    raw = json.dumps(answer, indent=2)
    metadata = {"raw": raw, "provider_name": chosen.endpoint.provider}
    return ApiError(status, "Provider returned error", metadata=metadata)


for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
