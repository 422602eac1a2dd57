"""Reconcilers that do not outlive their test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from openrouter_core.costs import CostReconciler
from openrouter_emulator import Emulator


@pytest.fixture
def reconciler() -> Iterator[CostReconciler]:
    made = CostReconciler(give_up_after_s=30, first_wait_s=0.05, exit_patience_s=0)
    yield made
    made.close()


@pytest.fixture(scope="package")
def _running() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def emulator(_running: Emulator) -> Emulator:
    _running.reset()
    return _running
