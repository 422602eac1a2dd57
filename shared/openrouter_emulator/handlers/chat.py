"""POST /chat/completions, plain and streamed."""

from __future__ import annotations

from collections.abc import Sequence

from openrouter_core.resources.chat import Chat
from openrouter_emulator import inference
from openrouter_emulator.billing import charges
from openrouter_emulator.catalogue.router_metadata import router_metadata
from openrouter_emulator.inference import chat_answer
from openrouter_emulator.inference.turn import Turn
from openrouter_emulator.planned_response import COMMENT, DONE, JsonObject, Part, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest


@handles(Chat.send, Chat.stream)
def send(request: HandlerRequest) -> PlannedResponse:
    """Answer one chat request."""
    turn = inference.run(request, request.body, check_replay=True)
    if isinstance(turn, PlannedResponse):
        return turn
    usage = charges.usage_object(turn.usage, turn.bill)
    if request.body.get("stream"):
        return _streamed(turn, usage)
    return turn.planned(chat_answer.result(turn.reply, turn.envelope, usage))


def _streamed(turn: Turn, usage: JsonObject) -> PlannedResponse:
    settings = turn.request.state.settings
    events = chat_answer.stream(turn.reply, turn.envelope, usage, usage_form=settings.usage_form)
    events[-1] |= router_metadata(turn.request, turn.chosen)
    parts = [*_echo(turn), *_commented(events, settings.comment_every), DONE]
    return turn.streamed(parts)


def _echo(turn: Turn) -> list[Part]:
    """The debug echo of the body that went to the provider."""
    body = turn.body
    if not (body.get("debug") or {}).get("echo_upstream_body"):
        return []
    head = turn.envelope.head("chat.completion.chunk")
    upstream = {k: v for k, v in body.items() if k not in {"provider", "debug"}}
    return [{**head, "choices": [], "debug": {"echo_upstream_body": upstream}}]


def _commented(events: Sequence[JsonObject], every: int) -> list[Part]:
    parts: list[Part] = []
    for at, event in enumerate(events, 1):
        parts.append(event)
        if every and at % every == 0:
            parts.append(COMMENT)
    return parts
