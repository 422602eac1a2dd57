"""Names of 0.1 that have better ones now: they work for one minor version, and warn."""

from __future__ import annotations

import pytest

import openrouter_emulator
from openrouter_emulator import Charge, Emulator, HandlerRequest, PlannedResponse, Reply


@pytest.mark.parametrize(
    ("old", "new"), [("Ask", HandlerRequest), ("Booking", Charge), ("Draft", PlannedResponse)]
)
def test_a_class_of_0_1_is_the_present_one(old: str, new: type):
    with pytest.warns(DeprecationWarning, match=f"{old} is now called {new.__name__}"):
        assert getattr(openrouter_emulator, old) is new


def test_settings_and_charges_answer_to_their_old_names():
    emulator = Emulator(polls_until_done=5)

    with pytest.warns(DeprecationWarning, match="looks_until_done is now called polls_until_done"):
        assert emulator.looks_until_done == 5
    with pytest.warns(DeprecationWarning, match="polls_until_done"):
        emulator.looks_until_done = 3
    assert emulator.polls_until_done == 3
    with pytest.warns(DeprecationWarning, match="books is now called charges"):
        assert emulator.books is emulator.charges


def test_copies_are_made_by_the_old_name_too():
    with pytest.warns(DeprecationWarning, match="replace"):
        assert Reply("a").but(text="b") == Reply("b")
    with pytest.warns(DeprecationWarning, match="replace"):
        assert PlannedResponse([]).but(status=404).status == 404
