"""Every fault that is a status line: its status, its body, and that nothing was charged."""

from __future__ import annotations

import time

import pytest

from openrouter_emulator import faults

EXPECTED = {
    "rate_limited": (429, "Provider returned error"),
    "free_tier_limit": (429, "free-models-per-min"),
    "daily_limit": (429, "free-models-per-day"),
    "payment_required": (402, "requested up to 16384 tokens, but can only afford 120"),
    "insufficient_credits": (402, "Insufficient credits"),
    "unauthorized": (401, "User not found."),
    "moderated": (403, "flagged"),
    "key_limit": (403, "Key limit exceeded"),
    "budget_exceeded": (403, "budget"),
    "provider_forbids": (403, "Provider returned error"),
    "no_endpoints": (404, "No endpoints found"),
    "no_endpoints_availability": (404, "No endpoints found"),
    "context_length": (400, "maximum context length"),
    "bad_request": (400, "Provider returned error"),
    "zod_error": (400, "invalid_type"),
    "timed_out": (408, "timed out"),
    "conflict": (409, "Conflict"),
    "too_large": (413, "too large"),
    "unprocessable": (422, "Unprocessable"),
    "html_500": (500, "Internal Server Error"),
    "server_error": (500, "Internal Server Error"),
    "bad_gateway": (502, "Provider returned error"),
    "unavailable": (503, "temporarily unavailable"),
    "gateway_timeout": (504, "timeout"),
    "edge_timeout": (524, "524"),
    "overloaded": (529, "overloaded"),
}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_the_status_and_the_words(wire, name, streamed):
    status, words = EXPECTED[name]
    wire.emulator.fail_next(faults.BY_NAME[name]())
    answer = wire.chat(stream=streamed)

    assert answer.status_code == status
    assert words in answer.text
    assert wire.emulator.charges == []
    assert wire.chat().status_code == 200


JSON_CODES = [
    name
    for name in EXPECTED
    if name not in {"html_500", "edge_timeout", "zod_error", "no_endpoints_availability"}
]


@pytest.mark.parametrize("name", JSON_CODES)
def test_the_envelope_repeats_the_status(wire, name):
    wire.emulator.fail_next(faults.BY_NAME[name]())
    answer = wire.chat()

    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error"]["code"] == answer.status_code


def _error(wire, fault):
    wire.emulator.fail_next(fault)
    answer = wire.chat()
    return answer, answer.json()["error"]


def test_retry_after_comes_only_when_given(wire):
    assert "retry-after" not in _error(wire, faults.rate_limited())[0].headers
    assert _error(wire, faults.rate_limited(2))[0].headers["retry-after"] == "2"
    date = "Wed, 21 Oct 2026 07:28:00 GMT"
    assert _error(wire, faults.rate_limited(date))[0].headers["retry-after"] == date


def test_free_tier_reset_is_in_milliseconds_in_header_and_metadata(wire):
    answer, error = _error(wire, faults.free_tier_limit(reset_in_s=5))

    reset = answer.headers["x-ratelimit-reset"]
    assert error["metadata"]["headers"]["X-RateLimit-Reset"] == reset
    assert 3 < int(reset) / 1000 - time.time() <= 5


def test_the_daily_limit_tells_its_far_reset_in_the_metadata_only(wire):
    answer, error = _error(wire, faults.daily_limit())

    assert "x-ratelimit-reset" not in answer.headers
    assert int(error["metadata"]["headers"]["X-RateLimit-Reset"]) / 1000 - time.time() > 3600


def test_payment_required_takes_its_numbers(wire):
    _, error = _error(wire, faults.payment_required(requested=10, affordable=3))

    assert "up to 10 tokens, but can only afford 3" in error["message"]
    assert error["metadata"]["limit_source"] == "openrouter_credits"


def test_moderation_gives_reasons_and_excerpt(wire):
    _, error = _error(wire, faults.moderated())

    assert error["metadata"]["reasons"] == ["violence", "illicit"]
    assert error["metadata"]["flagged_input"]


def test_the_availability_form_has_no_code(wire):
    _, error = _error(wire, faults.no_endpoints_availability())

    assert "code" not in error
    assert (error["http_status"], error["error_type"]) == (404, "not_found")
    assert error["availability"]["excluded_by"] == ["data_policy:zdr"]


def test_the_validator_of_management_has_no_code_either(wire):
    answer, error = _error(wire, faults.zod_error())

    assert answer.json()["success"] is False
    assert set(error) == {"name", "message"}


def test_raw_comes_as_json_text_and_as_object(wire):
    _, text = _error(wire, faults.bad_request())
    _, thing = _error(wire, faults.bad_gateway())

    assert isinstance(text["metadata"]["raw"], str)
    assert isinstance(thing["metadata"]["raw"], dict)


def test_unavailable_says_whether_to_retry(wire):
    answer, error = _error(wire, faults.unavailable(3))
    _, hopeless = _error(wire, faults.unavailable(retryable=False))

    assert answer.headers["retry-after"] == "3"
    assert error["availability"]["retry_after"] == 3
    assert error["availability"]["retryable"] is True
    assert hopeless["availability"]["retryable"] is False


def test_html_is_not_json(wire):
    wire.emulator.fail_next(faults.html_500())

    assert wire.chat().headers["content-type"].startswith("text/html")


def test_any_other_refusal_can_be_made(wire):
    fault = faults.refuse(
        418, "teapot", metadata={"x": 1}, headers={"X-Y": "z"}, more={"error_type": "pot"}
    )
    answer, error = _error(wire, fault)

    assert answer.headers["x-y"] == "z"
    assert error == {"message": "teapot", "code": 418, "error_type": "pot", "metadata": {"x": 1}}


def test_a_fault_strikes_as_often_as_told(wire):
    wire.emulator.fail_next(faults.server_error(), times=2)

    assert [wire.chat().status_code for _ in range(3)] == [500, 500, 200]


def test_a_sequence_lets_requests_pass_in_between(wire):
    wire.emulator.fail_sequence([faults.server_error(), None, faults.rate_limited()])

    assert [wire.chat().status_code for _ in range(4)] == [500, 200, 429, 200]


def test_a_fault_for_one_path_spares_the_others(wire):
    wire.emulator.fail_next(faults.bad_gateway(), path="/generation")
    id = wire.ok()["id"]

    assert wire.get("/generation", id=id).status_code == 502
    assert wire.get("/generation", id=id).status_code == 200


def test_a_lookup_in_the_background_does_not_use_up_the_fault_of_a_call(wire):
    id = wire.ok()["id"]
    wire.emulator.fail_next(faults.bad_gateway())

    assert wire.get("/generation", id=id).status_code == 200
    assert wire.chat().status_code == 502


def test_a_lookup_from_before_a_reset_leaves_no_trace_in_the_next_test(wire):
    emulator, id = wire.emulator, wire.ok()["id"]
    emulator.reset()
    emulator.fail_next(faults.bad_gateway(), path="/generation")

    assert wire.get("/generation", id=id).status_code == 404
    assert emulator.requests == []
    assert wire.get("/generation", id=wire.ok()["id"]).status_code == 502
    assert [r.path for r in emulator.requests] == ["/chat/completions", "/generation"]


def test_a_header_asks_for_a_fault(wire):
    assert wire.chat(headers={"X_Emulator_Fault": "overloaded"}).status_code == 529
    assert wire.chat(headers={"X_Emulator_Fault": "no_such"}).status_code == 400


def test_a_model_suffix_asks_for_a_fault(wire):
    assert wire.chat(model="openai/gpt-4o-mini!timed_out").status_code == 408


def test_own_faults_are_rewrites_of_a_draft(wire):
    fault = faults.Fault("mine", lambda planned: planned.replace(status=202))
    wire.emulator.fail_next(fault)

    assert wire.chat().status_code == 202
