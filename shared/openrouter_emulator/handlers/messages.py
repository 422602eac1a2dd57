"""POST /messages, plain and streamed. Refusals have Anthropic's envelope."""

from __future__ import annotations

from openrouter_core.resources.messages import Messages
from openrouter_emulator import generating, messages_answer, turns
from openrouter_emulator.answers import Ask, answers
from openrouter_emulator.drafts import DONE, Draft, JsonObject
from openrouter_emulator.messages_request import as_chat

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


def _refusals(draft: Draft) -> Draft:
    """An error in Anthropic's envelope; what is no JSON object stays as it is."""
    if len(draft.parts) != 1 or not isinstance(draft.parts[0], dict):
        return draft
    error: JsonObject = draft.parts[0].get("error") or {}
    shown = {"type": _TYPES.get(draft.status, "api_error"), "message": error.get("message", "")}
    kept = {k: v for k, v in error.items() if k == "error_type"}
    body: JsonObject = {"type": "error", "error": {**shown, **kept}, "request_id": None}
    if error.get("metadata") is not None:
        body["metadata"] = error["metadata"]
    return draft.but(parts=[body])


@answers(Messages.create, Messages.stream, refusals=_refusals)
def create(ask: Ask) -> Draft:
    """Answer one request."""
    turn = turns.take(ask, as_chat(ask.body))
    if isinstance(turn, Draft):
        return turn
    if not ask.body.get("stream"):
        return turn.draft(messages_answer.result(turn))
    events = messages_answer.events(turn)
    events[-1] |= generating.router_metadata(ask, turn.chosen)
    last = [_DONE] if ask.state.settings.done_after_messages else []
    return turn.streamed([*events, *last], named=True)
