"""What OpenRouter leaves out of a request before the provider gets it, without a word. Pure."""

from __future__ import annotations

from typing import Any

from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.planned_response import JsonObject

_REASONING = frozenset({"reasoning", "reasoning_effort", "include_reasoning"})
_SAMPLING = frozenset(
    {
        "temperature", "top_p", "top_k", "min_p", "top_a", "frequency_penalty", "presence_penalty",
        "repetition_penalty", "logit_bias", "logprobs", "top_logprobs", "seed",
    }
)  # fmt: skip


def sent(body: JsonObject, chosen: Chosen) -> JsonObject:
    """The body without what the chosen provider would not understand.

    Sampling parameters that a model does not list are ignored, as the API documents. Claude cannot think
    when it is forced to call a tool, so its reasoning goes (pydantic/pydantic-ai#6916 and #6957).
    """
    known = set(chosen.model.params) - set(chosen.endpoint.without)
    left_out = _SAMPLING - known if known else set[str]()
    if chosen.model.slug.startswith("anthropic/") and _is_forced(body.get("tool_choice")):
        left_out |= _REASONING
    if not left_out & body.keys():
        return body
    return {name: value for name, value in body.items() if name not in left_out}


def _is_forced(choice: Any) -> bool:
    kind, mode = (
        (choice.get("type"), choice.get("mode")) if isinstance(choice, dict) else (None, choice)
    )
    return kind == "function" or mode == "required"
