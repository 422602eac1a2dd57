"""Refusals by HTTP status. All answer before anything runs; nothing is charged."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from openrouter_emulator.faults._fault import Fault, error_of
from openrouter_emulator.planned_response import JsonObject, PlannedResponse


def refuse(
    status: int,
    message: str,
    *,
    name: str = "refuse",
    metadata: JsonObject | None = None,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Fault:
    """Answer with any status in the API's envelope.

    Args:
        metadata: `error.metadata`; None leaves it out.
        more: Further keys of the `error` object, e.g. `availability`.
    """
    body = {
        "error": error_of(status, message, metadata=metadata, more=more),
        "user_id": "user_emulator",
    }
    return Fault(name, lambda _draft: PlannedResponse([body], status, headers or {}), preempts=True)


def status(code: int) -> Fault:
    """Any status, in the API's envelope. By name: `status_418`."""
    phrases = {s.value: s.phrase for s in HTTPStatus}
    words = phrases.get(code, "Provider returned error")
    return refuse(code, words, name=f"status_{code}", metadata={"provider_name": None})


STATUS_OF_TYPE: Mapping[str, int] = {
    "authentication": 401,
    "content_policy_violation": 400,
    "context_length_exceeded": 400,
    "image_download_failed": 400,
    "image_not_found": 404,
    "image_too_large": 400,
    "image_too_small": 400,
    "invalid_image": 400,
    "invalid_prompt": 400,
    "invalid_request": 400,
    "max_tokens_exceeded": 400,
    "not_found": 404,
    "payload_too_large": 413,
    "payment_required": 402,
    "permission_denied": 403,
    "precondition_failed": 412,
    "provider_overloaded": 503,
    "provider_unavailable": 502,
    "rate_limit_exceeded": 429,
    "refusal": 400,
    "server": 500,
    "string_too_long": 400,
    "timeout": 504,
    "token_limit_exceeded": 400,
    "unmapped": 500,
    "unprocessable": 422,
    "unsupported_image_format": 400,
}
"""The stable error types of the API, each with the status that the documentation gives it."""


def of_type(error_type: str) -> Fault:
    """A failure of one of the API's error types, with the status of it. By name: `type_context_length_exceeded`."""
    metadata = {"error_type": error_type, "provider_name": None}
    code = STATUS_OF_TYPE.get(error_type, 500)
    return refuse(code, f"{error_type}.", name=f"type_{error_type}", metadata=metadata)


def rate_limited(retry_after_s: float | str | None = None) -> Fault:
    """429 of a provider's shared pool, with `Retry-After` only when given (seconds or an HTTP date)."""
    headers = {} if retry_after_s is None else {"Retry-After": _shown(retry_after_s)}
    metadata = {
        "raw": "the model is temporarily rate-limited upstream. Please retry shortly.",
        "provider_name": "DeepInfra",
        "is_byok": False,
        "provider_error_code": "engine_overloaded",
        "limit_source": "upstream_provider_shared_pool",
    }
    return refuse(
        429, "Provider returned error", name="rate_limited", metadata=metadata, headers=headers
    )


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def free_tier_limit(reset_in_s: float = 1.0) -> Fault:
    """429 of the free tier: `X-RateLimit-Reset` in milliseconds, as header and in the metadata."""

    def rewrite(_draft: PlannedResponse) -> PlannedResponse:
        quoted = {
            "X-RateLimit-Limit": "20",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(int((time.time() + reset_in_s) * 1000)),
        }
        metadata = {"headers": quoted, "provider_name": None}
        message = "Rate limit exceeded: free-models-per-min. "
        body = {"error": error_of(429, message, metadata=metadata), "user_id": "user_emulator"}
        return PlannedResponse([body], 429, quoted)

    return Fault("free_tier_limit", rewrite, preempts=True)


def daily_limit() -> Fault:
    """429 whose reset is far away: the free tier's limit per day, shown in the metadata only."""
    reset_ms = str(int((time.time() + 43_200) * 1000))
    quoted = {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": reset_ms,
    }
    metadata = {"headers": quoted, "provider_name": None}
    message = (
        "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free requests."
    )
    return refuse(429, message, name="daily_limit", metadata=metadata)


def payment_required(requested: int = 16_384, affordable: int = 120) -> Fault:
    """402 with how many output tokens the balance covers."""
    message = (
        "This request requires more credits, or fewer max_tokens. You requested up to "
        f"{requested} tokens, but can only afford {affordable}. To increase, visit "
        "https://openrouter.ai/settings/credits and add more credits"
    )
    metadata = {
        "limit_source": "openrouter_credits",
        "remedy_hint": "Add credits, or lower max_tokens to fit the remaining balance.",
        "provider_name": None,
    }
    return refuse(402, message, name="payment_required", metadata=metadata)


def insufficient_credits() -> Fault:
    """402 of an account below zero, without numbers."""
    return refuse(402, "Insufficient credits", name="insufficient_credits")


def unauthorized() -> Fault:
    """401 as for a key that does not exist."""
    return refuse(401, "User not found.", name="unauthorized")


def moderated() -> Fault:
    """403 of a moderation check, with reasons and the flagged excerpt."""
    metadata = {
        "reasons": ["violence", "illicit"],
        "flagged_input": "the emulator flags ... this text",
        "provider_name": "OpenAI",
        "model_slug": "openai/gpt-4o-mini",
    }
    message = "openai/gpt-4o-mini requires moderation on OpenAI. Your input was flagged."
    return refuse(403, message, name="moderated", metadata=metadata)


def key_limit() -> Fault:
    """403 of a key whose own limit is used up."""
    message = (
        "Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys"
    )
    return refuse(403, message, name="key_limit")


def budget_exceeded() -> Fault:
    """403 of a workspace budget (not 402)."""
    message = "Workspace monthly budget of $500.00 exceeded. Resets on the first of the month."
    return refuse(403, message, name="budget_exceeded")


def provider_forbids() -> Fault:
    """403 of the provider itself, with its JSON as a string inside `metadata.raw`."""
    raw = json.dumps({"code": "permission_denied", "error": "Content violates usage guidelines."})
    metadata = {"provider_name": "xAI", "raw": raw}
    return refuse(403, "Provider returned error", name="provider_forbids", metadata=metadata)


def no_endpoints(
    message: str = "No endpoints found that can handle the requested parameters.",
) -> Fault:
    """404 of a request that no provider may serve."""
    return refuse(404, message, name="no_endpoints")


def no_endpoints_availability() -> Fault:
    """404 in the availability form: no `code`, but `error_type`, `http_status` and what excluded whom."""
    availability = {
        "code": "constraint_filtered",
        "retryable": False,
        "requested_models": ["openai/gpt-4o-mini"],
        "docs_url": "https://openrouter.ai/docs/provider-routing",
        "excluded_by": ["data_policy:zdr"],
    }
    error = {
        "message": "No endpoints found for the request's constraints.",
        "error_type": "not_found",
        "http_status": 404,
        "availability": availability,
        "metadata": {"previous_errors": []},
    }
    return Fault(
        "no_endpoints_availability",
        lambda _draft: PlannedResponse([{"error": error}], 404),
        preempts=True,
    )


def context_length() -> Fault:
    """400 of a conversation that is too long."""
    message = (
        "This endpoint's maximum context length is 128000 tokens. However, you requested about "
        "250021 tokens (250021 of text input). Please reduce the length of either one."
    )
    metadata = {"provider_name": None, "error_type": "context_length_exceeded"}
    return refuse(400, message, name="context_length", metadata=metadata)


def bad_request() -> Fault:
    """400 of the provider, its JSON as a string inside `metadata.raw`."""
    raw = json.dumps({"error": {"message": "Invalid schema for function 'f'.", "type": "invalid"}})
    metadata = {"provider_name": "OpenAI", "raw": raw}
    return refuse(400, "Provider returned error", name="bad_request", metadata=metadata)


def zod_error() -> Fault:
    """400 of the management validator: `success: false` and an error without `code`."""
    error = {"name": "ZodError", "message": '[{"code":"invalid_type","path":["name"]}]'}
    body = {"success": False, "error": error}
    return Fault("zod_error", lambda _draft: PlannedResponse([body], 400), preempts=True)


def timed_out() -> Fault:
    """408: the request took too long."""
    return refuse(408, "Request timed out", name="timed_out", metadata={"error_type": "timeout"})


def conflict() -> Fault:
    """409: it exists already."""
    return refuse(409, "Conflict: the resource exists already.", name="conflict")


def too_large() -> Fault:
    """413: the body is too large."""
    metadata = {"error_type": "payload_too_large"}
    return refuse(413, "Payload too large", name="too_large", metadata=metadata)


def unprocessable() -> Fault:
    """422: well formed, but it makes no sense."""
    metadata = {"error_type": "unprocessable"}
    return refuse(422, "Unprocessable", name="unprocessable", metadata=metadata)


def html_500() -> Fault:
    """500 with an HTML page instead of JSON."""
    page = (
        b"<html><head><title>500</title></head><body><h1>Internal Server Error</h1></body></html>"
    )
    answer = PlannedResponse([page], 500, content_type="text/html; charset=UTF-8")
    return Fault("html_500", lambda _draft: answer, preempts=True)


def server_error() -> Fault:
    """500 with a masked message."""
    metadata = {"error_type": "server"}
    return refuse(500, "Internal Server Error", name="server_error", metadata=metadata)


def bad_gateway() -> Fault:
    """502 before the first byte of an answer or stream; `metadata.raw` is an object."""
    metadata = {
        "provider_name": "Chutes",
        "raw": {"error": {"message": "upstream connect error"}, "retryable": True},
        "error_type": "provider_unavailable",
    }
    return refuse(502, "Provider returned error", name="bad_gateway", metadata=metadata)


def unavailable(retry_after_s: float | None = None, *, retryable: bool = True) -> Fault:
    """503 with `error.availability`, which shows whether a retry can help."""
    availability: JsonObject = {
        "code": "temporarily_unavailable",
        "retryable": retryable,
        "requested_models": ["openai/gpt-4o-mini"],
        "docs_url": "https://openrouter.ai/docs/errors",
    }
    headers: dict[str, str] = {}
    if retry_after_s is not None:
        availability["retry_after"] = retry_after_s
        headers["Retry-After"] = f"{retry_after_s:g}"
    return refuse(
        503,
        "All providers are temporarily unavailable.",
        name="unavailable",
        headers=headers,
        more={"availability": availability},
    )


def gateway_timeout() -> Fault:
    """504 with the canonical `error_type`."""
    metadata = {"error_type": "timeout"}
    return refuse(504, "Gateway timeout", name="gateway_timeout", metadata=metadata)


def edge_timeout() -> Fault:
    """524 of the edge network, as an HTML page."""
    page = b"<!DOCTYPE html><title>524: A timeout occurred</title>"
    answer = PlannedResponse([page], 524, content_type="text/html")
    return Fault("edge_timeout", lambda _draft: answer, preempts=True)


def overloaded() -> Fault:
    """529: the provider is overloaded."""
    metadata = {"provider_name": "Anthropic", "error_type": "provider_overloaded"}
    return refuse(529, "Provider overloaded", name="overloaded", metadata=metadata)
