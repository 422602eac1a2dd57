"""POST /responses, plain and streamed."""

from __future__ import annotations

from openrouter_core.resources.responses import Responses
from openrouter_emulator import generating, responses_answer, turns
from openrouter_emulator.answers import Ask, answers
from openrouter_emulator.drafts import DONE, Draft
from openrouter_emulator.responses_request import as_chat


@answers(Responses.create, Responses.stream)
def create(ask: Ask) -> Draft:
    """Answer one Responses request."""
    turn = turns.take(ask, as_chat(ask.body))
    if isinstance(turn, Draft):
        return turn
    if not ask.body.get("stream"):
        return turn.draft(responses_answer.result(turn))
    events = responses_answer.events(turn)
    events[-1]["response"] |= generating.router_metadata(ask, turn.chosen)
    return turn.streamed([*events, DONE])
