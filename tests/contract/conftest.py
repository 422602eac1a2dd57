"""The documents for the contract tests, and a server that answers from them."""

from __future__ import annotations

import pytest

from . import spec


@pytest.fixture(scope="session")
def newer_operations() -> dict[str, spec.Operation]:
    """The operations of the newest document by id."""
    return {operation.id: operation for operation in spec.newer()}


@pytest.fixture(scope="session")
def older_operations() -> dict[str, spec.Operation]:
    """The operations of the older document by id; the test is skipped without the documents."""
    pytest.importorskip("yaml", reason="PyYAML reads the OpenAPI document")
    operations = spec.older()
    if not operations:
        pytest.skip(spec.ABSENT)
    return {operation.id: operation for operation in operations}
