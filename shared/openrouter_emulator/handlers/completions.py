"""POST /completions, plain and streamed: a prompt in, its continuation out."""

from __future__ import annotations

from typing import Any

from openrouter_core.resources.completions import Completions
from openrouter_emulator import books, checks, chunks, turns
from openrouter_emulator.answers import Ask, answers
from openrouter_emulator.drafts import DONE, Draft, JsonObject
from openrouter_emulator.turns import Turn

_BODY = checks.fields(
    {"prompt": checks.either(checks.array(checks.string(), least=1), checks.string())},
    required=["prompt"],
)
_NOT_OF_CHAT = ("prompt", "logprobs", "best_of", "echo", "suffix", "n")


@answers(Completions.create, Completions.stream)
def create(ask: Ask) -> Draft:
    """Continue one prompt."""
    body = ask.body
    _BODY(body, "")
    prompt: Any = body["prompt"]
    text = prompt if isinstance(prompt, str) else "\n".join(prompt)
    chat = {k: v for k, v in body.items() if k not in _NOT_OF_CHAT}
    turn = turns.take(ask, {**chat, "messages": [{"role": "user", "content": text}]})
    if isinstance(turn, Draft):
        return turn
    usage = books.usage_object(turn.usage, turn.bill)
    if not body.get("stream"):
        whole = _object(turn, turn.reply.full_text or "", turn.finish)
        return turn.draft({**whole, "usage": usage})
    pieces = chunks.words(turn.reply.full_text or "")
    events = [_object(turn, piece, (None, None)) for piece in pieces]
    return turn.streamed([*events, {**_object(turn, "", turn.finish), "usage": usage}, DONE])


def _object(turn: Turn, text: str, finish: tuple[str | None, str | None]) -> JsonObject:
    """A completion, or one chunk of it: they look alike."""
    choice: JsonObject = {
        "index": 0,
        "text": text,
        "logprobs": None,
        "finish_reason": finish[0],
        "native_finish_reason": finish[1],
    }
    if turn.reply.reasoning is not None:
        choice["reasoning"] = turn.reply.reasoning
    return {**turn.envelope.head("text_completion"), "choices": [choice]}
