"""POST /responses, plain and streamed."""

from __future__ import annotations

from openrouter_core.resources.responses import Responses
from openrouter_emulator import inference
from openrouter_emulator.catalogue.router_metadata import router_metadata
from openrouter_emulator.inference import responses_answer
from openrouter_emulator.inference.responses_request import as_chat
from openrouter_emulator.planned_response import DONE, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest


@handles(Responses.create, Responses.stream)
def create(request: HandlerRequest) -> PlannedResponse:
    """Answer one Responses request."""
    turn = inference.run(request, as_chat(request.body), shape="the Responses API")
    if isinstance(turn, PlannedResponse):
        return turn
    if not request.body.get("stream"):
        return turn.planned(responses_answer.result(turn))
    events = responses_answer.events(turn)
    events[-1]["response"] |= router_metadata(request, turn.chosen)
    return turn.streamed([*events, DONE])
