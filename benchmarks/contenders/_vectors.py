"""Decodes the vectors of those whose library hands them out as they came."""

from __future__ import annotations

from array import array
from binascii import a2b_base64


def vector(embedding: str | list[float]) -> list[float]:
    """A vector that came as JSON numbers or as base64."""
    return array("f", a2b_base64(embedding)).tolist() if isinstance(embedding, str) else embedding
