"""Failures on demand, each a named change to the answer that would have been sent.

`Emulator.fail_next(faults.rate_limited(retry_after_s=1))` arms one; so do the request header
`X-Emulator-Fault: rate_limited` and the model suffix `openai/gpt-4o-mini!rate_limited`. A fault that
`preempts` answers instead of the handler and nothing is charged; the others rewrite a planned response.
"""

from collections.abc import Callable

from openrouter_emulator.faults._fault import Fault
from openrouter_emulator.faults.errors import (
    error_in_200,
    error_in_choice,
    finish_error,
    midstream_error,
    midstream_error_alone,
    midstream_error_beside,
    midstream_error_no_choices,
    midstream_rate_limit,
)
from openrouter_emulator.faults.shapes import (
    escaped_unicode,
    extra_comments,
    finish_reason,
    finish_twice,
    interleaved_tools,
    malformed_frame,
    missing_choices,
    missing_tool_index,
    odd_framing,
    shared_tool_index,
    unknown_everywhere,
    usage_missing,
    usage_twice,
)
from openrouter_emulator.faults.status import (
    STATUS_OF_TYPE,
    bad_gateway,
    bad_request,
    budget_exceeded,
    conflict,
    context_length,
    daily_limit,
    edge_timeout,
    free_tier_limit,
    gateway_timeout,
    html_500,
    insufficient_credits,
    key_limit,
    moderated,
    no_endpoints,
    no_endpoints_availability,
    of_type,
    overloaded,
    payment_required,
    provider_forbids,
    rate_limited,
    refuse,
    server_error,
    status,
    timed_out,
    too_large,
    unauthorized,
    unavailable,
    unprocessable,
    zod_error,
)
from openrouter_emulator.faults.transport import (
    cut_before_headers,
    cut_in_body,
    cut_mid_event,
    cut_midstream,
    empty_body,
    eof_without_finish,
    no_done,
    padded_body,
    slow_first_event,
    slow_gap,
    stall_comments,
    stall_silent,
    torn_bytes,
    truncated_json,
)


def none() -> Fault:
    """Nothing fails: lets one request of a sequence pass."""
    return Fault("none", lambda planned: planned)


BY_NAME: dict[str, Callable[[], Fault]] = {
    make.__name__: make
    for make in (
        none, rate_limited, free_tier_limit, daily_limit, payment_required, insufficient_credits,
        unauthorized, moderated, key_limit, budget_exceeded, provider_forbids, no_endpoints,
        no_endpoints_availability, context_length, bad_request, zod_error, timed_out, conflict,
        too_large, unprocessable, html_500, server_error, bad_gateway, unavailable,
        gateway_timeout, edge_timeout, overloaded, error_in_200, error_in_choice, midstream_error,
        midstream_error_beside, midstream_error_alone, midstream_error_no_choices,
        midstream_rate_limit, finish_error, unknown_everywhere, finish_reason, finish_twice,
        usage_missing, usage_twice, missing_choices, malformed_frame, odd_framing,
        interleaved_tools, shared_tool_index, missing_tool_index, extra_comments, escaped_unicode,
        stall_silent, stall_comments, slow_first_event, slow_gap, cut_before_headers,
        cut_midstream, cut_mid_event, cut_in_body, truncated_json, empty_body, padded_body,
        torn_bytes, no_done, eof_without_finish,
    )
}  # fmt: skip
"""Every fault that needs no argument: for the header and the model suffix."""


def by_name(name: str) -> Fault | None:
    """A fault by its name; also `status_418` and `type_context_length_exceeded`. None for an unknown name."""
    if name in BY_NAME:
        return BY_NAME[name]()
    kind, _, value = name.partition("_")
    if kind == "status" and value.isdecimal() and 400 <= int(value) <= 599:
        return status(int(value))
    return of_type(value) if kind == "type" and value in STATUS_OF_TYPE else None


def fault_of(given: object) -> Fault:
    """The fault that a test arms: itself or by its name, and `none()` for None.

    Raises:
        TypeError: It is not a fault.
    """
    if given is None:
        return none()
    found = by_name(given) if isinstance(given, str) else given
    if not isinstance(found, Fault):
        raise TypeError(
            f"{given!r} is not a fault. Take one of openrouter_emulator.faults, e.g. "
            'faults.rate_limited(), or its name, e.g. "rate_limited" or "status_418".'
        )
    return found


__all__ = [
    "BY_NAME",
    "STATUS_OF_TYPE",
    "Fault",
    "bad_gateway",
    "bad_request",
    "budget_exceeded",
    "by_name",
    "conflict",
    "context_length",
    "cut_before_headers",
    "cut_in_body",
    "cut_mid_event",
    "cut_midstream",
    "daily_limit",
    "edge_timeout",
    "empty_body",
    "eof_without_finish",
    "error_in_200",
    "error_in_choice",
    "escaped_unicode",
    "extra_comments",
    "fault_of",
    "finish_error",
    "finish_reason",
    "finish_twice",
    "free_tier_limit",
    "gateway_timeout",
    "html_500",
    "insufficient_credits",
    "interleaved_tools",
    "key_limit",
    "malformed_frame",
    "midstream_error",
    "midstream_error_alone",
    "midstream_error_beside",
    "midstream_error_no_choices",
    "midstream_rate_limit",
    "missing_choices",
    "missing_tool_index",
    "moderated",
    "no_done",
    "no_endpoints",
    "no_endpoints_availability",
    "none",
    "odd_framing",
    "of_type",
    "overloaded",
    "padded_body",
    "payment_required",
    "provider_forbids",
    "rate_limited",
    "refuse",
    "server_error",
    "shared_tool_index",
    "slow_first_event",
    "slow_gap",
    "stall_comments",
    "stall_silent",
    "status",
    "timed_out",
    "too_large",
    "torn_bytes",
    "truncated_json",
    "unauthorized",
    "unavailable",
    "unknown_everywhere",
    "unprocessable",
    "usage_missing",
    "usage_twice",
    "zod_error",
]
