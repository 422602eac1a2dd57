"""What OpenRouter itself refuses before it asks a provider."""

from __future__ import annotations

from openrouter_emulator.api_error import ApiError
from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.dialects import limits, refuses
from openrouter_emulator.dialects.conversations import family_of, reasoning_of
from openrouter_emulator.planned_response import JsonObject

_OTHER_MODEL = (
    "Your request contains encrypted reasoning or compaction content that was produced under a different "
    "model. Encrypted payloads can only be replayed to the endpoint that created them."
)
"""The words of 2026-08, as hackerai-tech/hackerai#1171 and NousResearch/hermes-agent#86576 quote them."""


@limits
def fallbacks(body: JsonObject) -> None:
    """`models` takes three (ever-co/ever-gauzy#9915, coder/xum#2963)."""
    if len(body.get("models") or ()) > 3:
        raise ApiError(400, "'models' array must have 3 items or fewer.")


@refuses("")
def history(body: JsonObject, chosen: Chosen) -> None:
    """Encrypted reasoning goes to the models of its own vendor only."""
    author = chosen.model.slug.partition("/")[0]
    for _, entry in reasoning_of(body["messages"]):
        if entry.get("data") and family_of(entry) not in {None, author}:
            raise ApiError(404, _OTHER_MODEL)
