"""Decisions and System One: typed questions about a state. Answers follow from the words, never from sense."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from openrouter_core.resources.decisions import Decisions
from openrouter_core.resources.system_one import SystemOne
from openrouter_emulator import billing
from openrouter_emulator.billing import charges
from openrouter_emulator.billing.charges import Usage
from openrouter_emulator.catalogue.routing import choose
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.validation import chat_request, checks

_INSTRUCTIONS = {"instructions": checks.anything}
_QUESTION = checks.tagged(
    {
        "noul": checks.fields(_INSTRUCTIONS, required=["instructions"]),
        "box": checks.fields(_INSTRUCTIONS, required=["instructions"]),
        "choice": checks.fields(
            {**_INSTRUCTIONS, "criteria": checks.mapping_of(checks.anything, least=1)},
            required=["instructions", "criteria"],
        ),
        "score": checks.fields(
            {**_INSTRUCTIONS, "criteria": checks.array(checks.anything, least=2)},
            required=["instructions", "criteria"],
        ),
    }
)
_BODY = checks.fields(
    {
        "model": checks.string(least=1),
        "questions": checks.mapping_of(_QUESTION),
        "state": checks.anything,
        "provider": checks.nullable(chat_request.PROVIDER),
    },
    required=["model", "questions", "state"],
)


@handles(Decisions.create, SystemOne.create)
def create(request: HandlerRequest) -> PlannedResponse:
    """One answer for each question."""
    body = request.body
    _BODY(body, "")
    chosen = choose(
        {k: body[k] for k in ("model", "provider") if body.get(k)},
        request.state,
        kind="decisions",
    )
    billing.admit(request, chosen, body)
    state = json.dumps(body["state"], ensure_ascii=False)
    found = {name: _answer(state, question) for name, question in body["questions"].items()}
    questions = json.dumps(body["questions"], ensure_ascii=False)
    usage = Usage(charges.count(state) + charges.count(questions), charges.count(json.dumps(found)))
    finished = billing.once(request, chosen, usage, prefix="gen-dec", api_type="decisions")
    bill = billing.bill(usage, chosen, request)
    tokens = {"input_tokens": usage.prompt, "output_tokens": usage.completion}
    shown = {
        "id": finished.id,
        "model": finished.model,
        "provider": finished.provider,
        "answers": found,
        "usage": {**tokens, "cost": bill.cost},
    }
    headers = {"X-Generation-Id": finished.id}
    return PlannedResponse([shown], headers=headers, closing=billing.closing(request, finished))


def _chance(state: str, question: object) -> float:
    """A number from 0 to 1 that depends on the words alone."""
    text = f"{state}{json.dumps(question, sort_keys=True)}"
    return round(hashlib.sha256(text.encode()).digest()[0] / 255, 3)


def _answer(state: str, question: JsonObject) -> JsonObject:
    kind: str = question["type"]
    return {"type": kind, **_KINDS[kind](state, question)}


def _choice(state: str, question: JsonObject) -> JsonObject:
    """The option that the state names, else the first."""
    options = list(question["criteria"])
    mentioned = [option for option in options if option.lower() in state.lower()]
    picked = (mentioned or options)[0]
    rest = 0.1 / max(1, len(options) - 1)
    sure = {option: 0.9 if option == picked else rest for option in options}
    return {"choice": picked, "confidence": 0.9, "probabilities": sure}


def _score(state: str, question: JsonObject) -> JsonObject:
    grades: list[Any] = question["criteria"]
    value = round(_chance(state, question) * (len(grades) - 1), 3)
    return {"score": value, "legend": {str(at): grade for at, grade in enumerate(grades)}}


_KINDS: dict[str, Callable[[str, JsonObject], JsonObject]] = {
    "noul": lambda state, question: {"noul": _chance(state, question)},
    "choice": _choice,
    "score": _score,
    "box": lambda _state, _question: {
        "box": {"left": 0.25, "top": 0.25, "right": 0.75, "bottom": 0.75},
        "confidence": 0.5,
    },
}
