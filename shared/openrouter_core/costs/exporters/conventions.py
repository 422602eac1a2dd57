"""The names under which tracers see a call: OpenTelemetry's `gen_ai` conventions, and OpenInference's for money.

Names of opentelemetry-semantic-conventions 0.66b2 and openinference-semantic-conventions 0.1.42. The former has none for
money: it is written as `gen_ai.usage.cost` and `operation.cost` (USD), and as OpenInference's `llm.cost.total`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

from openrouter_core.costs.records.labels import Labels
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.errors import ConfigurationError

Attributes = dict[str, str | int | float | bool]

_NAMES = {
    "sendChatCompletionRequest": "chat",
    "createPresetsChatCompletions": "chat",
    "createPresetsMessages": "chat",
    "createPresetsResponses": "chat",
    "createCompletions": "text_completion",
    "createResponses": "chat",
    "createMessages": "chat",
    "createEmbeddings": "embeddings",
    "createRerank": "rerank",
    "createImages": "image_generation",
    "createAudioSpeech": "speech",
    "createAudioTranscriptions": "transcription",
    "getVideos": "video_generation",
    "getBatches": "batch",
}
"""Names that the conventions do not list are allowed by them."""

_FACTS: Mapping[str, Callable[[CostRecord], Any]] = {
    "gen_ai.response.id": lambda r: r.id if r.has_generation_id else None,
    "gen_ai.response.time_to_first_chunk": lambda r: r.first_event_s,
    "gen_ai.request.stream": lambda r: r.streamed or None,
    "gen_ai.conversation.id": lambda r: r.labels.session,
    "gen_ai.usage.input_tokens": lambda r: r.cost.tokens.prompt,
    "gen_ai.usage.output_tokens": lambda r: r.cost.tokens.completion,
    "gen_ai.usage.cache_read.input_tokens": lambda r: r.cost.tokens.cached,
    "gen_ai.usage.cache_creation.input_tokens": lambda r: r.cost.tokens.cache_write,
    "gen_ai.usage.reasoning.output_tokens": lambda r: r.cost.tokens.reasoning,
    "gen_ai.usage.cost": lambda r: r.cost.total,
    "operation.cost": lambda r: r.cost.total,
    "llm.cost.total": lambda r: r.cost.total,
    "openrouter.cost.charged": lambda r: r.cost.charged,
    "openrouter.cost.upstream": lambda r: r.cost.upstream,
    "openrouter.cost.cache_discount": lambda r: r.cost.cache_discount,
    "openrouter.is_byok": lambda r: r.cost.is_byok,
    "openrouter.provider": lambda r: r.provider,
    "openrouter.run": lambda r: r.labels.run,
    "openrouter.tags": lambda r: r.labels.tags or None,
}

_SUMMED = ("gen_ai.usage.", "operation.cost", "llm.cost.", "openrouter.cost.")
"""What is added up over spans, so that it may stand on one of them alone."""
MetricLabel = Literal["run", "tag", "session", "user"]
_LABELS: Mapping[str, Callable[[Labels], str | None]] = {
    "run": lambda labels: labels.run,
    "tag": lambda labels: ",".join(sorted(labels.tags)),
    "session": lambda labels: labels.session,
    "user": lambda labels: labels.user,
}


def dimensions_of(record: CostRecord) -> Attributes:
    """Return what tells calls apart in metrics: few values each."""
    host, port = _server_of(record.base_url)
    fields = {
        "gen_ai.operation.name": _NAMES.get(record.operation, record.operation),
        "gen_ai.provider.name": "openrouter",
        "gen_ai.request.model": record.requested_model,
        "gen_ai.response.model": record.model,
        "server.address": host,
        "server.port": port,
        "error.type": record.error,
    }
    return {name: value for name, value in fields.items() if value is not None}


@lru_cache(maxsize=64)
def _server_of(base_url: str | None) -> tuple[str | None, int | None]:
    server = urlsplit(base_url or "")
    return server.hostname, server.port


def known_labels(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of labels that metrics may carry.

    Raises:
        ConfigurationError: One of them is not a label.
    """
    unknown = [name for name in names if name not in _LABELS]
    if unknown or isinstance(names, str):
        known = ", ".join(map(repr, _LABELS))
        raise ConfigurationError(f"labels takes names out of {known}, not {unknown or names!r}.")
    return tuple(names)


def labels_of(record: CostRecord, names: Sequence[str]) -> Attributes:
    """Return the labels that metrics carry; those that the call does not have are left out."""
    found = ((name, _LABELS[name](record.labels)) for name in names)
    return {f"openrouter.{name}": value for name, value in found if value}


def facts_of(record: CostRecord, finish_reasons: Sequence[str] = ()) -> dict[str, Any]:
    """Return what a span says beyond the dimensions; what nobody told is left out."""
    fields = {name: read(record) for name, read in _FACTS.items()}
    fields["gen_ai.response.finish_reasons"] = finish_reasons or None
    parts = parts_of(record)
    if parts is not None:
        fields["llm.cost.prompt"], fields["llm.cost.completion"] = parts
    return {
        name: float(value) if isinstance(value, Decimal) else value
        for name, value in fields.items()
        if value is not None
    }


def lost_sums(record: CostRecord, span: Any) -> set[str]:
    """Return which figures of a call that is written into an ended span are no longer there.

    A span keeps 128 attributes by default and drops the oldest: those of a long conversation push ours out.
    """
    kept = getattr(span, "attributes", None)
    if kept is None:
        return set()
    return {name for name in facts_of(record) if name.startswith(_SUMMED) and name not in kept}


def rest_of(record: CostRecord, lost: set[str], finish_reasons: Sequence[str]) -> dict[str, Any]:
    """Return what a second span says of a call: of the figures those that the first one has lost."""
    attributes = {**dimensions_of(record), **facts_of(record, finish_reasons)}
    return {k: v for k, v in attributes.items() if k in lost or not k.startswith(_SUMMED)}


def parts_of(record: CostRecord) -> tuple[Decimal, Decimal] | None:
    """Return what prompt and completion cost, where the two add up to what the call cost."""
    prompt, completion = record.cost.upstream_prompt, record.cost.upstream_completion
    if prompt is None or completion is None or prompt + completion != record.cost.total:
        return None
    return prompt, completion
