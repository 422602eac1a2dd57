"""What a call cost, after the fact: GET /generation, /generation/content, POST /generation/feedback."""

from __future__ import annotations

from openrouter_core.resources.generations import Generations
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.validation import checks

_CATEGORIES = (
    "latency", "incoherence", "incorrect_response", "formatting", "billing", "api_error", "other",
)  # fmt: skip
_FEEDBACK = checks.fields(
    {
        "generation_id": checks.string(least=1),
        "category": checks.open_to(*_CATEGORIES),
        "comment": checks.string(1000),
    },
    required=["generation_id", "category"],
)


@handles(Generations.get)
def get(request: HandlerRequest) -> JsonObject:
    """The record, once it has appeared."""
    return {"data": request.state.generation(_id(request)).record}


@handles(Generations.content)
def content(request: HandlerRequest) -> JsonObject:
    """Prompt and answer, where logging was on."""
    found = request.state.generation(_id(request))
    if not request.state.settings.log_content:
        raise ApiError(403, "Input and output logging was off for this generation.")
    return {"data": found.content}


@handles(Generations.feedback)
def feedback(request: HandlerRequest) -> JsonObject:
    """Take a complaint about a generation."""
    _FEEDBACK(request.body, "")
    request.state.generation(request.body["generation_id"])
    request.state.table("Feedback").add(dict(request.body))
    return {"data": {"success": True}}


def _id(request: HandlerRequest) -> str:
    wanted = request.query.get("id")
    if not wanted:
        raise ApiError(400, "id: Required")
    return wanted
