"""What OpenAI refuses of a conversation: ids of tool calls that are too long."""

from __future__ import annotations

from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.dialects import refusal, refuses
from openrouter_emulator.dialects.conversations import calls_of
from openrouter_emulator.planned_response import JsonObject

_MOST = 64


@refuses("openai", "azure")
def history(body: JsonObject, chosen: Chosen) -> None:
    """OpenRouter asks OpenAI's Responses API, whose `call_id` has a limit."""
    for at, _, call in calls_of(body["messages"]):
        if len(call["id"]) > _MOST:
            words = (
                f"Invalid 'input[{at}].call_id': string too long. Expected a string with maximum length "
                f"{_MOST}, but got a string with length {len(call['id'])} instead."
            )
            error = {
                "message": words,
                "type": "invalid_request_error",
                "param": f"input[{at}].call_id",
            }
            raise refusal(chosen, {"error": {**error, "code": "string_above_max_length"}})
