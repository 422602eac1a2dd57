"""Older names work for one more minor version, and say what to write instead."""

from __future__ import annotations

import pytest

from openrouter_core import ModelCatalog
from openrouter_core.costs import CostReconciler


def test_patience_s_of_a_reconciler_is_give_up_after_s():
    with pytest.warns(DeprecationWarning, match="patience_s is called give_up_after_s"):
        reconciler = CostReconciler(patience_s=7.0)

    assert reconciler._plan.give_up_after_s == 7.0


def test_forget_of_a_catalogue_is_reset():
    with pytest.warns(
        DeprecationWarning, match=r"ModelCatalog.forget is called ModelCatalog.reset"
    ):
        ModelCatalog("https://renamed.example/api/v1").forget()
