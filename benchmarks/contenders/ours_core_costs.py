"""Ours, with a cost ledger that watches every call."""

from __future__ import annotations

from typing import Any, ClassVar

from contenders import ours_core

from openrouter_core.costs import CostLedger


class Contender(ours_core.Contender):
    settings: ClassVar[dict[str, Any]] = {"observers": (CostLedger(),)}

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._plain = ours_core.Contender(url)

    def without_costs(self) -> ours_core.Contender:
        """The same with nobody watching, for a comparison within one process."""
        return self._plain
