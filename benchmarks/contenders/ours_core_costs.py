"""Ours, with a cost ledger that watches every call."""

from __future__ import annotations

from typing import Any, ClassVar

from contenders import ours_core

from openrouter_core.costs import CostLedger


class Contender(ours_core.Contender):
    settings: ClassVar[dict[str, Any]] = {"observers": (CostLedger(),)}
