"""What an error body says, whatever its dialect. Called by `errors.classify`; no I/O.

Five dialects are read: the chat envelope (`error.code`, `error.metadata`), the availability form
(`error.http_status`, no `code`), the Responses form (string code), the Messages form (`error.type`)
and the management validator's (`success: false`, `error.name`). A body that is not JSON is kept as a
snippet of text.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, cast

from openrouter_core._json import as_dict

_STATUS_OF_NAME: dict[str, int] = {
    "context_length_exceeded": 400,
    "max_tokens_exceeded": 400,
    "token_limit_exceeded": 400,
    "string_too_long": 400,
    "authentication": 401,
    "authentication_error": 401,
    "permission_denied": 403,
    "permission_error": 403,
    "payment_required": 402,
    "billing_error": 402,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "provider_overloaded": 503,
    "overloaded_error": 529,
    "provider_unavailable": 502,
    "invalid_request": 400,
    "invalid_request_error": 400,
    "invalid_prompt": 400,
    "ZodError": 400,
    "server": 500,
    "server_error": 500,
    "api_error": 500,
    "unmapped": 500,
    "not_found": 404,
    "not_found_error": 404,
    "image_not_found": 404,
    "invalid_image": 400,
    "image_too_large": 400,
    "image_too_small": 400,
    "unsupported_image_format": 400,
    "image_download_failed": 400,
    "precondition_failed": 412,
    "payload_too_large": 413,
    "unprocessable": 422,
    "timeout": 504,
    "timeout_error": 504,
    "content_policy_violation": 400,
    "refusal": 400,
    "request_too_large": 413,
    # `error.code` of the Responses API; none of them gets better by asking again
    "bio_policy": 403,
    "cyber_policy": 403,
    "misalignment_policy_violation": 403,
    "image_content_policy_violation": 403,
    "data_residency_mismatch": 403,
    "vector_store_timeout": 504,
    "invalid_image_format": 400,
    "invalid_base64_image": 400,
    "invalid_image_url": 400,
    "invalid_image_mode": 400,
    "image_parse_error": 400,
    "image_file_too_large": 400,
    "unsupported_image_media_type": 400,
    "empty_image_file": 400,
    "failed_to_download_image": 400,
    "image_file_not_found": 404,
}
_POLICIES = frozenset(name for name in _STATUS_OF_NAME if "_policy" in name)
_CONTEXT_TYPES = {"context_length_exceeded", "token_limit_exceeded"}
_CONTEXT_TEXT = re.compile(
    r"maximum context length|context[ _]length|context (window|limit|size)|prompt is too long"
    r"|input is too long|too many input tokens|exceeds the model'?s max"
    r"|input token count\b.{0,40}exceeds"  # Gemini
    r"|(maximum )?(prompt|input) length (is|should be|\d+ exceeds|of)"  # xAI, Alibaba, Groq
    r"|prompt exceeds max length"  # Z.AI
    r"|tokens in request more than max tokens"  # Poolside
    r"|exceeded model token limit"  # Moonshot
    r"|reduce the length of (the|your) (messages|prompt|input)",  # OpenAI's advice, kept by many
    re.IGNORECASE,
)
_AFFORD = re.compile(r"requested up to (\d+).{0,40}?can only afford (\d+)", re.IGNORECASE)
_FILTERED = {"no_endpoints", "constraint_filtered", "privacy_restricted"}
# Neither looks at a character twice: a page may hold 200 kB of `<style>`.
_UNSEEN_MARKUP = re.compile(r"<(style|script)\b.*?(</\1>|\Z)", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(r"<[^<>]*>")
_KEY = re.compile(r"\b(sk-[\w-]{2,8})[\w-]{6,}")
_SNIPPET = 300
_READ_OF_PAGE = 20_000
_LONGEST_WAIT_S = 100 * 366 * 86_400.0  # a century: what asks for more is not a number of seconds


@dataclass(slots=True, eq=False)
class ErrorBody:
    """The facts of one failure."""

    status: int
    code: int | str | None
    message: str
    error_type: str | None
    provider_name: str | None
    metadata: dict[str, Any]
    upstream: str | None
    retry_after: float | None
    reset_at: float | None
    retryable: bool | None
    generation_id: str | None
    raw: object
    reasons: list[str] = field(default_factory=list[str])
    flagged_input: str | None = None
    availability: str | None = None

    @classmethod
    def read(cls, status: int, body: object, headers: Mapping[str, str]) -> ErrorBody:
        """Read the body of an answer, or the object that holds an `error`."""
        whole = as_dict(body)
        error = as_dict(whole.get("error"))
        text = _text_of(body, whole.get("error"))
        metadata = as_dict(error.get("metadata")) or as_dict(whole.get("metadata"))
        availability = as_dict(error.get("availability"))
        code = error.get("code", error.get("http_status"))
        error_type = _first_text(
            error.get("error_type"),
            metadata.get("error_type"),
            whole.get("error_type"),
            error.get("type"),
            error.get("name"),
            code if isinstance(code, str) else None,
        )
        at_status = _status(status, code, error.get("http_status"), error_type)
        quoted = {k.lower(): v for k, v in as_dict(metadata.get("headers")).items()}
        reset_at = _reset_at(headers, quoted) if at_status == 429 else None
        reasons = metadata.get("reasons")
        return cls(
            status=at_status,
            code=code if isinstance(code, (int, str)) else None,
            message=_first_text(error.get("message"), text) or "no message",
            error_type=error_type,
            provider_name=_first_text(metadata.get("provider_name"), whole.get("provider")),
            metadata=metadata,
            upstream=_upstream_text(metadata.get("raw")),
            retry_after=_retry_after(headers, quoted, metadata, availability, reset_at),
            reset_at=reset_at,
            retryable=_is_retryable(availability, metadata, status, error_type, code),
            generation_id=_first_text(
                headers.get("x-generation-id"),
                whole.get("id"),
                whole.get("request_id"),
                metadata.get("generation_id"),
            ),
            raw=body,
            reasons=[str(r) for r in cast("list[object]", reasons)]
            if isinstance(reasons, list)
            else [],
            flagged_input=_first_text(metadata.get("flagged_input")),
            availability=_first_text(availability.get("code")),
        )

    @property
    def sentence(self) -> str:
        """One line for people: who failed, what they said, the status."""
        text = self.message
        if self.upstream and self.upstream not in text:
            text = self.upstream if _is_generic(text) else f"{text.rstrip('.')}: {self.upstream}"
        who = f"[{self.provider_name}] " if self.provider_name else ""
        ending = "" if text.endswith((".", "!", "?")) else "."
        return _KEY.sub(r"\1...", f"{who}{text}{ending} (status {self.status})")

    @property
    def is_context_length(self) -> bool:
        if self.error_type in _CONTEXT_TYPES:
            return True
        return self.status in (400, 413) and bool(
            _CONTEXT_TEXT.search(f"{self.message} {self.upstream or ''}")
        )

    @property
    def needs_management_key(self) -> bool:
        return self.status in (401, 403) and "management key" in self.message.lower()

    @property
    def is_moderation(self) -> bool:
        flagged = bool(self.reasons or self.flagged_input) or self.error_type in _POLICIES
        return self.status == 403 and flagged

    @property
    def refused_by_provider(self) -> bool:
        """A 401 about the key that the user stored for a provider (BYOK), not about OpenRouter's."""
        return self.status == 401 and self.provider_name is not None

    @property
    def is_no_endpoints(self) -> bool:
        return self.status == 404 and (
            self.availability in _FILTERED
            or "no endpoints" in self.message.lower()
            or "no allowed providers" in self.message.lower()
            or "no models match" in self.message.lower()
        )

    def payment(self) -> dict[str, Any]:
        """What a 402 says about tokens and limits."""
        found = _AFFORD.search(f"{self.message} {self.upstream or ''}")
        return {
            "requested": int(found[1]) if found else None,
            "affordable": int(found[2]) if found else None,
            "limit_source": _first_text(self.metadata.get("limit_source")),
            "remedy_hint": _first_text(self.metadata.get("remedy_hint")),
        }

    def details(self) -> dict[str, Any]:
        """The attributes that every error carries."""
        return {
            "status_code": self.status,
            "code": self.code,
            "error_type": self.error_type,
            "provider_name": self.provider_name,
            "retry_after": self.retry_after,
            "generation_id": self.generation_id,
            "retryable": self.retryable,
            "raw": self.raw,
        }


def _status(status: int, code: object, http_status: object, error_type: str | None) -> int:
    """The HTTP status, or what an error inside a 200 stands for."""
    if status >= 300:
        return status
    for value in (code, http_status):
        number = (
            int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{3}", value) else value
        )
        if isinstance(number, int) and 400 <= number < 600:
            return number
    return _STATUS_OF_NAME.get(error_type or "", 502)


def _text_of(body: object, error: object) -> str | None:
    if isinstance(error, str):
        return error
    if isinstance(body, str):
        text = _MARKUP.sub(" ", _UNSEEN_MARKUP.sub(" ", body[:_READ_OF_PAGE]))
        return " ".join(text.split())[:_SNIPPET] or None
    whole = as_dict(body)
    return _first_text(whole.get("message"), _detail(whole.get("detail")))


def _detail(detail: object) -> str | None:
    """`detail` of gateways made with FastAPI: a sentence, or a list of places and messages."""
    if not isinstance(detail, list):
        return detail if isinstance(detail, str) else None
    problems = [as_dict(one) for one in cast("list[object]", detail)]
    lines = [
        f"{'.'.join(map(str, cast('list[object]', one.get('loc') or [])))}: {one['msg']}"
        for one in problems
        if isinstance(one.get("msg"), str) and isinstance(one.get("loc") or [], list)
    ]
    return "; ".join(lines)[:_SNIPPET] or None


def _is_retryable(
    availability: dict[str, Any],
    metadata: dict[str, Any],
    status: int,
    error_type: str | None,
    code: object,
) -> bool | None:
    """Whether a retry can help, where somebody says so or a name tells that it cannot."""
    flag = _flag(availability.get("retryable"), _raw_object(metadata.get("raw")))
    if flag is not None:
        return flag
    known = error_type is None or error_type in _STATUS_OF_NAME or isinstance(code, int)
    # Inside a 200, a failure that is named by a name of tomorrow: a policy, more likely than an outage.
    return None if known or status >= 300 else False


def _first_text(*candidates: object) -> str | None:
    return next((c for c in candidates if isinstance(c, str) and c), None)


def _raw_object(raw: object) -> dict[str, Any]:
    """`metadata.raw` as an object: it comes as one, as JSON text, or as plain text."""
    if isinstance(raw, str) and raw.lstrip().startswith("{"):
        try:
            return as_dict(json.loads(raw))
        except (ValueError, RecursionError):
            return {}
    return as_dict(raw)


def _upstream_text(raw: object) -> str | None:
    """The provider's own words inside `metadata.raw`."""
    fields = _raw_object(raw)
    if fields:
        inner = fields.get("error")
        return _first_text(
            as_dict(inner).get("message"), inner, fields.get("message"), fields.get("detail")
        )
    return raw[:_SNIPPET] if isinstance(raw, str) and raw.strip() else None


def _is_generic(message: str) -> bool:
    return message.rstrip(".").lower() in {"provider returned error", "error processing stream"}


def _flag(*candidates: object) -> bool | None:
    for candidate in candidates:
        value = as_dict(candidate).get("retryable") if isinstance(candidate, dict) else candidate
        if isinstance(value, bool):
            return value
    return None


def _number(value: object) -> float | None:
    try:
        number = float(cast("Any", value))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def _retry_after(
    headers: Mapping[str, str],
    quoted: dict[str, Any],
    metadata: dict[str, Any],
    availability: dict[str, Any],
    reset_at: float | None,
) -> float | None:
    for value in (
        headers.get("retry-after"),
        quoted.get("retry-after"),
        availability.get("retry_after"),
        metadata.get("retry_after"),
        metadata.get("retry_after_seconds"),
    ):
        seconds = _seconds(value)
        if seconds is not None and seconds < _LONGEST_WAIT_S:
            return seconds
    until_reset_s = reset_at - time.time() if reset_at else 0.0
    return until_reset_s if 0 < until_reset_s < _LONGEST_WAIT_S else None


def _seconds(value: object) -> float | None:
    """`Retry-After` in seconds; an HTTP date is allowed."""
    seconds = _number(value)
    if seconds is None and isinstance(value, str):
        from email.utils import parsedate_to_datetime

        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return None if seconds is None else max(0.0, seconds)


def _reset_at(headers: Mapping[str, str], quoted: dict[str, Any]) -> float | None:
    """`X-RateLimit-Reset` as epoch seconds; it was recorded in milliseconds, as header and in the body."""
    for text in (headers.get("x-ratelimit-reset"), quoted.get("x-ratelimit-reset")):
        value = _number(text)
        if value:
            return value / 1000 if value > 1e11 else value if value > 1e9 else time.time() + value
    return None
