"""Text completions, the form before chat. Read by `resources/completions.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from openrouter_core.wire._base import JsonValue, WireModel, no_choices
from openrouter_core.wire._fields import Usd, UtcTime
from openrouter_core.wire._options import InferenceOptions


class CompletionOptions(InferenceOptions, total=False):
    """Body fields of a text completion."""

    models: Sequence[str] | None
    max_tokens: int | None
    temperature: float | None
    top_p: float | None
    top_k: int | None
    min_p: float | None
    frequency_penalty: float | None
    presence_penalty: float | None
    repetition_penalty: float | None
    seed: int | None
    stop: str | Sequence[str] | None
    logprobs: int | bool | None
    logit_bias: Mapping[str, float] | None
    reasoning: Mapping[str, Any] | None
    plugins: Sequence[Mapping[str, Any]] | None


class CompletionChoice(WireModel):
    """One text."""

    text: str | None = None
    index: int | None = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    reasoning: str | None = None
    logprobs: JsonValue = None


class CompletionUsage(WireModel):
    """Tokens and money."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    cost: Usd | None = None
    cost_details: dict[str, JsonValue] | None = None
    is_byok: bool | None = None
    prompt_tokens_details: dict[str, JsonValue] | None = None
    completion_tokens_details: dict[str, JsonValue] | None = None


class Completion(WireModel):
    """A completed text."""

    choices: list[CompletionChoice]
    id: str | None = None
    object: str | None = None
    created: UtcTime | None = None
    model: str | None = None
    provider: str | None = None
    system_fingerprint: str | None = None
    usage: CompletionUsage | None = None

    @property
    def text(self) -> str:
        """The first choice's text.

        Raises:
            ResponseShapeError: There is no choice.
        """
        if not self.choices:
            raise no_choices(self.raw, self.http.generation_id or self.id)
        return self.choices[0].text or ""


class CompletionChunk(TypedDict, total=False):
    """One event of a stream: a plain dict, as received."""

    id: str
    object: str
    created: int
    model: str
    provider: str
    choices: list[dict[str, Any]]
    """Each with `index`, `text` and, at last, `finish_reason`."""
    usage: dict[str, Any]
