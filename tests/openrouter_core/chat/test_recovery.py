"""Field note A6: replayed items that a provider has not stored are left out of one further request."""

from __future__ import annotations

import logging

import pytest

from openrouter_core import BadRequestError
from openrouter_core.chat.recovery import without_lost_items

LOST = {"type": "reasoning.encrypted", "id": "rs_1", "data": "k", "format": "openai-responses-v1"}
OTHER = {"type": "reasoning.text", "text": "Hm.", "signature": "s", "format": "anthropic-claude-v1"}
ASKED = {"role": "user", "content": "Go on."}


def refusal(message="Item with id 'rs_1' not found.", raw=None):
    return BadRequestError(message, status_code=400, raw=raw)


def thought(*details):
    return {"role": "assistant", "content": "So.", "reasoning_details": list(details)}


def test_a6_items_of_the_provider_go_and_everything_else_stays():
    sent = [thought(LOST, OTHER), ASKED]
    assert without_lost_items(sent, refusal()) == [thought(OTHER), ASKED]


def test_a6_an_array_of_which_nothing_is_left_goes_altogether():
    again = without_lost_items([thought(LOST), ASKED], refusal())
    assert again == [{"role": "assistant", "content": "So."}, ASKED]


def test_a6_items_that_the_error_does_not_name_go_as_well_because_there_is_one_repetition():
    again = without_lost_items([thought(LOST, {**LOST, "id": "rs_2"}), ASKED], refusal())
    assert again == [{"role": "assistant", "content": "So."}, ASKED]


def test_the_messages_that_were_sent_are_not_changed():
    sent = [thought(LOST, OTHER)]
    without_lost_items(sent, refusal())
    assert sent == [thought(LOST, OTHER)]


@pytest.mark.parametrize(
    "raw",
    [
        {"error": {"metadata": {"raw": "Item with id 'rs_1' not found."}}},
        {"error": {"metadata": {"raw": '{"message": "Item with id \'rs_1\' not found."}'}}},
        {"error": {"metadata": {"raw": '{"message": "Item with id \\"rs_1\\" not found."}'}}},
    ],
)
def test_a6_the_providers_sentence_is_found_inside_the_error_body(raw):
    again = without_lost_items([thought(LOST)], refusal("Provider returned error", raw))
    assert "reasoning_details" not in again[0]


def test_a_400_about_something_else_is_raised_again():
    error = refusal("temperature is out of range")
    with pytest.raises(BadRequestError) as caught:
        without_lost_items([thought(LOST)], error)
    assert caught.value is error


def test_the_refusal_is_raised_when_there_is_nothing_to_leave_out():
    with pytest.raises(BadRequestError):
        without_lost_items([thought(OTHER), ASKED], refusal())


def test_an_empty_array_stays_where_it_is():
    """Field note A9."""
    again = without_lost_items([thought(), thought(LOST)], refusal())
    assert again == [thought(), {"role": "assistant", "content": "So."}]


def test_a6_the_repetition_is_said_in_a_warning(caplog):
    with caplog.at_level(logging.WARNING, "openrouter"):
        without_lost_items([thought(LOST)], refusal())
    assert 'reasoning_replay="none"' in caplog.text
