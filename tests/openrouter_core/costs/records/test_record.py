"""One record of two reports of the same call."""

from __future__ import annotations

from datetime import timedelta

import pytest

from openrouter_core.costs.records.labels import UNLABELLED
from openrouter_core.costs.records.record import CostRecord, merge
from tests.openrouter_core.costs.factories import call


@pytest.mark.parametrize("first_is_earlier", [True, False])
def test_a_call_that_is_reported_twice_began_when_its_first_report_says(first_is_earlier: bool):
    early = CostRecord.of_call(call("gen-1", cost=1), UNLABELLED)
    late = CostRecord.of_call(call("gen-1", cost=1, after_s=60.0), UNLABELLED)
    old, new = (early, late) if first_is_earlier else (late, early)

    merged = merge(old, new)

    assert late.at - early.at == timedelta(seconds=60)
    assert merged.at == early.at


def test_reports_without_a_generation_that_begin_together_are_records_of_their_own():
    """Each is gone before the next is made, so that Python puts it where that one was."""
    ids = [CostRecord.of_call(call(None), UNLABELLED).id for _ in range(50)]
    assert len(set(ids)) == 50


def test_observers_of_one_call_give_it_one_id():
    one = call(None)
    assert CostRecord.of_call(one, UNLABELLED).id == CostRecord.of_call(one, UNLABELLED).id
