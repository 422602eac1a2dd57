"""Each failure that the document names is known by its name, so none is read as an outage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from openrouter_core.errors import ServerError, classify

from . import spec

OUTAGES = {"server_error", "vector_store_timeout", "api_error", "overloaded_error", "timeout_error",
           "server", "unmapped", "provider_overloaded", "provider_unavailable", "timeout"}  # fmt: skip


def _enums(part: Any) -> Iterator[list[str]]:
    if isinstance(part, dict):
        values = part.get("enum")
        if isinstance(values, list) and all(isinstance(value, str) for value in values):
            yield values
        for inner in part.values():
            yield from _enums(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _enums(inner)


def _names() -> set[str]:
    """The codes of the Responses API and OpenRouter's own error types."""
    enums = _enums(spec.newest_document())
    marks = ({"cyber_policy", "server_error"}, {"context_length_exceeded", "provider_overloaded"})
    return {name for enum in enums for mark in marks if mark <= set(enum) for name in enum}


@pytest.mark.parametrize("name", sorted(_names()))
def test_a_named_failure_is_an_outage_only_where_it_is_one(name: str):
    error = classify(200, {"error": {"code": name, "message": "No."}})

    assert isinstance(error, ServerError) == (name in OUTAGES)
    assert error.error_type == name


def test_the_names_are_found_in_the_document():
    assert {"bio_policy", "data_residency_mismatch", "server_error"} <= _names()
