"""Field types that many response models share: money, points in time, open sets of names.

Read by the modules of `wire/`. Nothing here knows an endpoint.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, PlainSerializer, PlainValidator

from openrouter_core.config import Secret


def _in_utc(moment: datetime) -> datetime:
    """Read a time without an offset as UTC, which is what the API means by it."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Usd = Decimal
"""An amount in US dollars. The API sends numbers, and strings for unit prices."""

UtcTime = Annotated[datetime, AfterValidator(_in_utc)]
"""An aware point in time. The API sends ISO 8601 text, and epoch seconds on OpenAI-shaped objects."""


def _secret(value: object) -> Secret:
    if isinstance(value, Secret):
        return value
    if isinstance(value, str):
        return Secret(value)
    raise ValueError("a secret is a string")


def without_raw(state: dict[Any, Any]) -> dict[Any, Any]:
    """Return a model's pickled state without the JSON it came from, which may hold a secret."""
    return {
        **state,
        "__pydantic_private__": {**(state["__pydantic_private__"] or {}), "_raw": None},
    }


SecretText = Annotated[Secret, PlainValidator(_secret), PlainSerializer(str, return_type=str)]
"""A secret that an answer carries. Dumps show stars."""

DataRegion = Literal["global", "europe", "us"] | str
ResetInterval = Literal["daily", "weekly", "monthly"] | str
Modality = (
    Literal[
        "text",
        "image",
        "file",
        "audio",
        "video",
        "embeddings",
        "rerank",
        "decisions",
        "speech",
        "transcription",
    ]
    | str
)
Effort = Literal["max", "xhigh", "high", "medium", "low", "minimal", "none"] | str
