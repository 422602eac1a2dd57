"""What Mistral's own API refuses of a conversation: ids of tool calls that are not of its making."""

from __future__ import annotations

import re

from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.dialects import refusal, refuses
from openrouter_emulator.dialects.conversations import calls_of
from openrouter_emulator.planned_response import JsonObject

_ID = re.compile(r"[a-zA-Z0-9]{9}")


@refuses("mistral")
def history(body: JsonObject, chosen: Chosen) -> None:
    """Ids have nine letters and digits. Other hosts of Mistral's models take any."""
    for _, _, call in calls_of(body["messages"]):
        if not _ID.fullmatch(call["id"]):
            words = f"Tool call id was {call['id']} but must be a-z, A-Z, 0-9, with a length of 9."
            raw = {"object": "error", "message": words, "type": "invalid_function_call"}
            raise refusal(chosen, {**raw, "param": None, "code": "3280"})
