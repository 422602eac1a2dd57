"""What Google refuses of a conversation: signatures that another vendor's model made."""

from __future__ import annotations

from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.dialects import refusal, refuses
from openrouter_emulator.dialects.conversations import family_of, reasoning_of
from openrouter_emulator.planned_response import JsonObject


@refuses("google/")
def history(body: JsonObject, chosen: Chosen) -> None:
    """A signature of another vendor is "corrupted" (OpenRouterTeam/ai-sdk-provider#273)."""
    for _, entry in reasoning_of(body["messages"]):
        if entry.get("signature") and family_of(entry) not in {None, "google"}:
            words = "Corrupted thought signature."
            error = {"code": 400, "message": words, "status": "INVALID_ARGUMENT"}
            raise refusal(chosen, {"error": error})
