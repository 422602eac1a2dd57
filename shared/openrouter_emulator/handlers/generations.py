"""What a call cost, after the fact: GET /generation, /generation/content, POST /generation/feedback."""

from __future__ import annotations

from openrouter_core.resources.generations import Generations
from openrouter_emulator import checks
from openrouter_emulator.answers import ApiError, Ask, answers
from openrouter_emulator.drafts import JsonObject

_CATEGORIES = (
    "latency", "incoherence", "incorrect_response", "formatting", "billing", "api_error", "other",
)  # fmt: skip
_FEEDBACK = checks.fields(
    {
        "generation_id": checks.string(least=1),
        "category": checks.one_of(*_CATEGORIES),
        "comment": checks.string(1000),
    },
    required=["generation_id", "category"],
)


@answers(Generations.get)
def get(ask: Ask) -> JsonObject:
    """The record, once it has appeared."""
    return {"data": ask.state.generation(_id(ask)).record}


@answers(Generations.content)
def content(ask: Ask) -> JsonObject:
    """Prompt and answer, where logging was on."""
    found = ask.state.generation(_id(ask))
    if not ask.state.settings.log_content:
        raise ApiError(403, "Input and output logging was off for this generation.")
    return {"data": found.content}


@answers(Generations.feedback)
def feedback(ask: Ask) -> JsonObject:
    """Take a complaint about a generation."""
    _FEEDBACK(ask.body, "")
    ask.state.generation(ask.body["generation_id"])
    ask.state.table("Feedback").add(dict(ask.body))
    return {"data": {"success": True}}


def _id(ask: Ask) -> str:
    wanted = ask.query.get("id")
    if not wanted:
        raise ApiError(400, "id: Required")
    return wanted
