"""What a fault is, and the few operations on drafts that faults are made of. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openrouter_emulator.drafts import Draft, JsonObject, Part


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure. Make one with the functions of this package, or with a rewrite of your own."""

    name: str
    rewrite: Callable[[Draft], Draft] = field(repr=False)
    """The draft that would have been sent -> the draft that is sent."""
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
    said: JsonObject = {"message": message, "code": code, **(more or {})}
    return said if metadata is None else {**said, "metadata": metadata}


def failed(draft: Draft, **changes: Any) -> Draft:
    """A changed draft of a call that is not charged."""
    closing = draft.closing.as_failed() if draft.closing is not None else None
    return draft.but(closing=closing, **changes)


def events(draft: Draft) -> list[int]:
    """Where the JSON parts of a draft stand."""
    return [at for at, part in enumerate(draft.parts) if isinstance(part, dict)]


def before_share(draft: Draft, share: float) -> list[Part]:
    """The parts of a stream up to a share (0 to 1) of its JSON events; at 1, before the finish chunk."""
    places = [at for at in events(draft) if not _finishes(draft.parts[at])]
    kept = int(len(places) * share)
    end = places[kept] if kept < len(places) else (places[-1] + 1 if places else 0)
    return list(draft.parts[:end])


def _finishes(part: Part) -> bool:
    if not isinstance(part, dict):
        return False
    choices: Sequence[Any] = part.get("choices") or []
    return "usage" in part or any(c.get("finish_reason") for c in choices)


def mapped(draft: Draft, change: Callable[[JsonObject], Iterable[Part]]) -> Draft:
    """A draft in which every JSON event is replaced by what `change` makes of it."""
    parts: list[Part] = []
    for part in draft.parts:
        parts.extend(change(part) if isinstance(part, dict) else [part])
    return draft.but(parts=parts)


def head_of(draft: Draft) -> JsonObject:
    """The keys that the chunks of a stream share: id, object, created, model, provider."""
    first: Any = next((draft.parts[at] for at in events(draft)), {})
    return {k: first[k] for k in ("id", "object", "created", "model", "provider") if k in first}


def choice_of(part: JsonObject) -> JsonObject | None:
    """The first choice of a chunk or body."""
    choices: Any = part.get("choices")
    return choices[0] if isinstance(choices, list) and choices else None
