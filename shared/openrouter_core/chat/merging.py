"""One layer of settings over another: `provider` is merged at every level, and reasoning is said in one way.

Called by `request`, which says in which order. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openrouter_core.chat.checks import Body


def put_over(body: Body, layer: Mapping[str, Any]) -> None:
    """Put a layer over a body, key by key; `provider` is merged, and reasoning is said in one way."""
    _clear_reasoning(body, layer)
    provider = merged_provider(body.get("provider"), layer.get("provider"))
    body.update(layer)
    if provider is not None:
        body["provider"] = provider


def merged_provider(mine: Any, other: Any) -> Any:
    """Return two `provider` objects as one, merged at every level; the second wins, and None is no change."""
    return mine if other is None else _deep(mine, other)


def _deep(mine: Any, other: Any) -> Any:
    if not (isinstance(mine, Mapping) and isinstance(other, Mapping)):
        return other
    return {**mine, **{name: _deep(mine.get(name), value) for name, value in other.items()}}


def _clear_reasoning(body: Body, layer: Mapping[str, Any]) -> None:
    """Take away what a layer gives anew under another name: both are a 400 or contradict each other."""
    if layer.get("reasoning") is not None:
        body.pop("reasoning_effort", None)
        body.pop("include_reasoning", None)
        return
    anew: set[str] = set()
    if layer.get("reasoning_effort") is not None:
        anew |= {"effort", "max_tokens", "enabled"}
    if layer.get("include_reasoning") is not None:
        anew.add("exclude")
    mine = body.get("reasoning") if anew else None
    if isinstance(mine, Mapping) and not anew.isdisjoint(mine):
        del body["reasoning"]
        if kept := {key: value for key, value in mine.items() if key not in anew}:
            body["reasoning"] = kept


def merged(layers: Iterable[Mapping[str, Any]], name: str) -> Body:
    """The objects of that name in all layers as one; `provider` inside them is merged."""
    whole: Body = {}
    for layer in layers:
        if given := layer.get(name):
            provider = merged_provider(whole.get("provider"), given.get("provider"))
            whole |= given if provider is None else {**given, "provider": provider}
    return whole
