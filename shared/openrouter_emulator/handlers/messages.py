"""POST /messages, plain and streamed. Refusals have Anthropic's envelope."""

from __future__ import annotations

from openrouter_core.resources.messages import Messages
from openrouter_emulator import inference
from openrouter_emulator.catalogue.router_metadata import router_metadata
from openrouter_emulator.inference import messages_answer
from openrouter_emulator.inference.messages_request import as_chat
from openrouter_emulator.planned_response import DONE, JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest

_DONE = b"event: data\n" + DONE
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def _refusals(planned: PlannedResponse) -> PlannedResponse:
    """An error in Anthropic's envelope; what is not a JSON object stays as it is."""
    if len(planned.parts) != 1 or not isinstance(planned.parts[0], dict):
        return planned
    error: JsonObject = planned.parts[0].get("error") or {}
    shown = {"type": _TYPES.get(planned.status, "api_error"), "message": error.get("message", "")}
    named = {**(error.get("metadata") or {}), **error}
    kept = {k: v for k, v in named.items() if k == "error_type"}
    body: JsonObject = {"type": "error", "error": {**shown, **kept}, "request_id": None}
    if error.get("metadata") is not None:
        body["metadata"] = error["metadata"]
    return planned.replace(parts=[body])


@handles(Messages.create, Messages.stream, refusals=_refusals)
def create(request: HandlerRequest) -> PlannedResponse:
    """Answer one request."""
    turn = inference.run(request, as_chat(request.body), shape="Messages")
    if isinstance(turn, PlannedResponse):
        return turn
    if not request.body.get("stream"):
        return turn.planned(messages_answer.result(turn))
    events = messages_answer.events(turn)
    events[-1] |= router_metadata(request, turn.chosen)
    last = [_DONE] if request.state.settings.done_after_messages else []
    return turn.streamed([*events, *last], named=True)
