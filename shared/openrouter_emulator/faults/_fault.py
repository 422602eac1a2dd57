"""What a fault is, and the few operations on planned responses that faults are made of. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openrouter_emulator.planned_response import JsonObject, Part, PlannedResponse


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure. Make one with the functions of this package, or with a rewrite of your own."""

    name: str
    rewrite: Callable[[PlannedResponse], PlannedResponse] = field(repr=False)
    """The response that would have been sent -> the one that is sent."""
    preempts: bool = False
    """Whether it answers before the handler runs: nothing is charged, no state changes."""


def error_of(
    code: int | str,
    message: str,
    *,
    metadata: JsonObject | None = None,
    more: Mapping[str, Any] | None = None,
) -> JsonObject:
    """The `error` object."""
    error: JsonObject = {"message": message, "code": code, **(more or {})}
    return error if metadata is None else {**error, "metadata": metadata}


def failed(planned: PlannedResponse, **changes: Any) -> PlannedResponse:
    """A changed response of a call that is not charged."""
    closing = planned.closing.as_failed() if planned.closing is not None else None
    return planned.replace(closing=closing, **changes)


def events(planned: PlannedResponse) -> list[int]:
    """Where the JSON parts of a planned response stand."""
    return [at for at, part in enumerate(planned.parts) if isinstance(part, dict)]


def before_share(planned: PlannedResponse, share: float) -> list[Part]:
    """The parts of a stream up to a share (0 to 1) of its JSON events; at 1, before the finish chunk."""
    places = [at for at in events(planned) if not _finishes(planned.parts[at])]
    kept = int(len(places) * share)
    end = places[kept] if kept < len(places) else (places[-1] + 1 if places else 0)
    return list(planned.parts[:end])


def _finishes(part: Part) -> bool:
    if not isinstance(part, dict):
        return False
    choices: Sequence[Any] = part.get("choices") or []
    return "usage" in part or any(c.get("finish_reason") for c in choices)


def mapped(
    planned: PlannedResponse, change: Callable[[JsonObject], Iterable[Part]]
) -> PlannedResponse:
    """A response in which every JSON event is replaced by what `change` makes of it."""
    parts: list[Part] = []
    for part in planned.parts:
        parts.extend(change(part) if isinstance(part, dict) else [part])
    return planned.replace(parts=parts)


def head_of(planned: PlannedResponse) -> JsonObject:
    """The keys that the chunks of a stream share: id, object, created, model, provider."""
    first: Any = next((planned.parts[at] for at in events(planned)), {})
    return {k: first[k] for k in ("id", "object", "created", "model", "provider") if k in first}


def choice_of(part: JsonObject) -> JsonObject | None:
    """The first choice of a chunk or body."""
    choices: Any = part.get("choices")
    return choices[0] if isinstance(choices, list) and choices else None
