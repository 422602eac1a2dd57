"""POST /completions, plain and streamed: a prompt in, its continuation out."""

from __future__ import annotations

from typing import Any

from openrouter_core.resources.completions import Completions
from openrouter_emulator import inference
from openrouter_emulator.billing import charges
from openrouter_emulator.inference import chat_answer
from openrouter_emulator.inference.turn import Turn
from openrouter_emulator.planned_response import DONE, JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.validation import checks

_BODY = checks.fields(
    {"prompt": checks.either(checks.array(checks.string(), least=1), checks.string())},
    required=["prompt"],
)
_NOT_OF_CHAT = ("prompt", "logprobs", "best_of", "echo", "suffix", "n")


@handles(Completions.create, Completions.stream)
def create(request: HandlerRequest) -> PlannedResponse:
    """Continue one prompt."""
    body = request.body
    _BODY(body, "")
    prompt: Any = body["prompt"]
    text = prompt if isinstance(prompt, str) else "\n".join(prompt)
    chat = {k: v for k, v in body.items() if k not in _NOT_OF_CHAT}
    turn = inference.run(request, {**chat, "messages": [{"role": "user", "content": text}]})
    if isinstance(turn, PlannedResponse):
        return turn
    usage = charges.usage_object(turn.usage, turn.bill)
    if not body.get("stream"):
        whole = _object(turn, turn.reply.full_text or "", turn.finish)
        return turn.planned({**whole, "usage": usage})
    pieces = chat_answer.words(turn.reply.full_text or "")
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
