"""What providers of embeddings do not know."""

from __future__ import annotations

from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.planned_response import JsonObject

_ONLY_NUMBERS = frozenset({"nvidia/nemotron-3-embed-1b", "google/gemini-embedding-2-preview"})
"""Models that answer a request for base64 with 200 and no vector (plastic-labs/honcho#932, Kilo-Org/kilocode#10482)."""


def leaves_out_vectors(body: JsonObject, chosen: Chosen) -> bool:
    """Whether the answer has no vectors, because the model does not know how they should be written."""
    return body.get("encoding_format") == "base64" and chosen.model.slug in _ONLY_NUMBERS
