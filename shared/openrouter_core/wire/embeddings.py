"""Embeddings: the inputs that the endpoint takes and the vectors that it answers.

Read by `resources/embeddings.py`. A base64 vector is decoded here; the JSON stays as it came in `raw`.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypedDict, cast

from pydantic import (
    ConfigDict,
    TypeAdapter,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from openrouter_core.errors import ResponseShapeError
from openrouter_core.wire._base import JsonValue, WireModel
from openrouter_core.wire._fields import Usd
from openrouter_core.wire._options import CacheOptions, InferenceOptions


class MultimodalInput(TypedDict):
    """One thing to embed that is made of several parts; `openrouter_core.media` builds the parts."""

    content: Sequence[Mapping[str, object]]


EmbeddingInput = (
    str | Sequence[str] | Sequence[int] | Sequence[Sequence[int]] | Sequence[MultimodalInput]
)


class EmbeddingOptions(InferenceOptions, CacheOptions, total=False):
    """What may be asked beside the input and the model."""

    dimensions: int | None
    encoding_format: Literal["float", "base64"] | str | None
    """How vectors travel. Default: base64, which is a third of the size; lists come out either way."""
    input_type: str | None
    """What the text is for, e.g. "search_query" or "search_document"; some models ask for it."""


_BASE64 = TypeAdapter(bytes, config=ConfigDict(val_json_bytes="base64", defer_build=True))
"""Pydantic's decoder: 5 µs for 1,536 numbers, where `binascii` takes 20."""


def _floats(value: object, validate: ValidatorFunctionWrapHandler) -> list[float]:
    """Decode a base64 string of little-endian 32-bit floats; let pydantic read anything else."""
    if not isinstance(value, str):
        return cast("list[float]", validate(value))
    floats = array("f", _BASE64.validate_python(value))
    if sys.byteorder == "big":
        floats.byteswap()
    return floats.tolist()


class Embedding(WireModel):
    """One vector."""

    embedding: Annotated[list[float], WrapValidator(_floats)]
    index: int | None = None
    """Which input it belongs to."""
    object: str | None = None


class EmbeddingCostDetails(WireModel):
    """What the cost is made of, in USD."""

    upstream_inference_cost: Usd | None = None
    upstream_inference_prompt_cost: Usd | None = None
    upstream_inference_completions_cost: Usd | None = None
    server_tool_cost: Usd | None = None


class EmbeddingUsage(WireModel):
    """What was read and what it cost."""

    prompt_tokens: int | None = None
    total_tokens: int | None = None
    cost: Usd | None = None
    cost_details: EmbeddingCostDetails | None = None
    is_byok: bool | None = None
    prompt_tokens_details: dict[str, JsonValue] | None = None


class Embeddings(WireModel):
    """One vector per input, in the order of the inputs."""

    data: list[Embedding]
    model: str | None = None
    """The model that answered; often without its vendor."""
    id: str | None = None
    object: str | None = None
    provider: str | None = None
    usage: EmbeddingUsage | None = None

    @property
    def vectors(self) -> list[list[float]]:
        """The vectors alone."""
        return [item.embedding for item in self.data]

    @model_validator(mode="after")
    def _in_order(self) -> Embeddings:
        if not self.data:
            raise ResponseShapeError(
                f"OpenRouter answered without any embedding for the model {self.model!r}. "
                "Send text rather than token ids, try encoding_format='float', and check that the "
                "model embeds (client.models.list(output_modalities='embeddings')).",
                raw=self.model_dump(),
            )
        self.data.sort(key=lambda item: item.index if item.index is not None else 0)
        return self
