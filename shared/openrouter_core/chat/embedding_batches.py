"""How many texts a model takes in one embedding request: learnt from refusals, remembered per model.

Providers have limits that no catalogue names. The first refusal for its size halves what is sent to that
model from then on, in this process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Generic, TypeVar

from openrouter_core.errors import ApiStatusError, PayloadTooLargeError

T = TypeVar("T")
Key = tuple[str, str]
"""Base URL and model."""

_most: dict[Key, int] = {}
_TOO_MANY = re.compile(
    # OpenAI: "array too long. Expected an array with maximum length 2048", "max 300000 tokens per request";
    # Google: "at most 100 requests can be in one batch"; Cohere: "total number of texts must be at most 96";
    # Mistral: "Too many inputs in request", "Too many tokens overall, split into more batches";
    # Voyage: "The batch size limit is 128"
    r"array too long|tokens per request|(in one|into more|larger) batch|number of (texts|inputs)"
    r"|too many (inputs|texts|tokens overall)|batch size",
    re.IGNORECASE,
)
known_vectors: ContextVar[Mapping[str, list[float]] | None] = ContextVar(
    "openrouter_known_vectors", default=None
)
"""Vectors that are there already, by their texts: `embed_into` hands them to a vector store."""


class Batches(Generic[T]):
    """The batches of one list, each as large as is known to be taken.

    Send each inside `with`: what is refused for its size comes again in halves, any other error goes on.

        for batch in batches:
            with batches:
                vectors += ...
    """

    def __init__(self, base_url: str, model: str, inputs: Sequence[T]) -> None:
        self._key, self._inputs = (base_url, model), inputs
        self._at = self._size = 0

    def __iter__(self) -> Iterator[Sequence[T]]:
        while self._at < len(self._inputs):
            most = _most.get(self._key, len(self._inputs))
            batch = self._inputs[self._at : self._at + most]
            self._size = len(batch)
            yield batch

    def __enter__(self) -> None:
        """The batch is sent."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """Go on after it, or with half of it."""
        if error is None:
            self._at += self._size
            return False
        if self._size < 2 or not _is_for_size(error):
            return False
        _most[self._key] = min(self._size // 2, _most.get(self._key, self._size))
        return True


def _is_for_size(error: BaseException) -> bool:
    if isinstance(error, PayloadTooLargeError):
        return True
    is_refusal = isinstance(error, ApiStatusError) and error.status_code in {400, 422}
    return is_refusal and _TOO_MANY.search(str(error)) is not None
