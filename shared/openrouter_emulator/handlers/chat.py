"""POST /chat/completions, plain and streamed."""

from __future__ import annotations

from collections.abc import Sequence

from openrouter_core.resources.chat import Chat
from openrouter_emulator import books, chunks, generating, turns
from openrouter_emulator.answers import Ask, answers
from openrouter_emulator.drafts import COMMENT, DONE, Draft, JsonObject, Part
from openrouter_emulator.turns import Turn


@answers(Chat.send, Chat.stream)
def send(ask: Ask) -> Draft:
    """Answer one chat request."""
    turn = turns.take(ask, ask.body, check_replay=True)
    if isinstance(turn, Draft):
        return turn
    usage = books.usage_object(turn.usage, turn.bill)
    if ask.body.get("stream"):
        return _streamed(turn, usage)
    return turn.draft(chunks.result(turn.reply, turn.envelope, usage))


def _streamed(turn: Turn, usage: JsonObject) -> Draft:
    settings = turn.ask.state.settings
    events = chunks.stream(turn.reply, turn.envelope, usage, usage_form=settings.usage_form)
    events[-1] |= generating.router_metadata(turn.ask, turn.chosen)
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
