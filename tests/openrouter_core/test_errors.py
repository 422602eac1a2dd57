"""From what a server says to one typed error: every dialect, its message, and its way through pickle."""

from __future__ import annotations

import copy
import inspect
import pickle
import time
from typing import Any

import pytest

from openrouter_core import (
    ApiStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ContextLengthError,
    EdgeTimeoutError,
    MidStreamError,
    ModerationError,
    NoEndpointsError,
    NotFoundError,
    OpenRouterError,
    PayloadTooLargeError,
    PaymentRequiredError,
    PermissionDeniedError,
    ProviderOverloadedError,
    RateLimitError,
    ServerError,
    UnprocessableError,
    errors,
)
from openrouter_core._http.retry import RetryPolicy
from openrouter_core.errors import classify, mid_stream_error

_PROMPT = "the secret prompt"


def _body(code: Any = 400, message: str = "No.", **rest: Any) -> dict[str, Any]:
    return {"error": {"message": message, "code": code, **rest}, "user_id": "user_1"}


# ------------------------------------------------------------------------- types by status


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, ApiStatusError),
        (400, BadRequestError),
        (401, AuthenticationError),
        (402, PaymentRequiredError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (405, ApiStatusError),
        (408, EdgeTimeoutError),
        (409, ConflictError),
        (410, NotFoundError),
        (412, ConflictError),
        (413, PayloadTooLargeError),
        (415, UnprocessableError),
        (422, UnprocessableError),
        (429, RateLimitError),
        (499, EdgeTimeoutError),
        (500, ServerError),
        (520, ServerError),
        (502, ServerError),
        (503, ProviderOverloadedError),
        (504, EdgeTimeoutError),
        (524, EdgeTimeoutError),
        (529, ProviderOverloadedError),
        (599, ServerError),
    ],
)
def test_c4_the_status_chooses_the_type(status: int, kind: type[ApiStatusError]) -> None:
    """quirks.md C4: one class per status, and the status on the error."""
    error = classify(status, _body(status))

    assert type(error) is kind
    assert error.status_code == status


@pytest.mark.parametrize(
    ("error_type", "status"),
    [
        ("context_length_exceeded", 400), ("max_tokens_exceeded", 400),
        ("token_limit_exceeded", 400), ("string_too_long", 400), ("authentication", 401),
        ("permission_denied", 403), ("payment_required", 402), ("rate_limit_exceeded", 429),
        ("provider_overloaded", 503), ("provider_unavailable", 502), ("invalid_request", 400),
        ("invalid_prompt", 400), ("server", 500), ("unmapped", 500), ("not_found", 404),
        ("precondition_failed", 412), ("payload_too_large", 413), ("unprocessable", 422),
        ("content_policy_violation", 400), ("refusal", 400), ("invalid_image", 400),
        ("image_too_large", 400), ("image_too_small", 400), ("unsupported_image_format", 400),
        ("image_not_found", 404), ("image_download_failed", 400), ("timeout", 504),
        ("billing_error", 402), ("permission_error", 403), ("request_too_large", 413),  # Messages
        ("rate_limit_error", 429), ("timeout_error", 504), ("overloaded_error", 529),
    ],
)  # fmt: skip
def test_c1_an_error_type_without_a_code_stands_for_its_status(
    error_type: str, status: int
) -> None:
    """quirks.md C1: inside a 200, the canonical name decides where no code does."""
    body = {"error": {"message": "x", "metadata": {"error_type": error_type}}}

    error = classify(200, body)

    assert (error.status_code, error.error_type) == (status, error_type)


@pytest.mark.parametrize("code", [429, "429"], ids=["int", "text"])
def test_c1_the_code_of_an_error_inside_a_200_is_its_status(code: int | str) -> None:
    """quirks.md C1: and `code` stays as it was said."""
    error = classify(200, _body(code))

    assert type(error) is RateLimitError
    assert (error.status_code, error.code) == (429, code)


def test_c1_an_error_inside_a_200_that_names_nothing_is_a_bad_gateway() -> None:
    """quirks.md C1: somebody behind OpenRouter failed."""
    assert classify(200, {"error": {"message": "?"}}).status_code == 502
    assert classify(200, _body(200)).status_code == 502


# ------------------------------------------------------------------------- dialects

_DIALECTS: dict[str, tuple[int, Any, type[ApiStatusError], dict[str, Any]]] = {
    "chat": (429, _body(429, "Slow.", metadata={"provider_name": "Chutes", "raw": "busy"}),
             RateLimitError, {"code": 429, "provider_name": "Chutes"}),
    "own-check": (400, _body(400, "Bad.", metadata={"provider_name": None}),
                  BadRequestError, {"provider_name": None}),
    "availability": (
        503,
        {"error": {"message": "Busy.", "error_type": "provider_overloaded", "http_status": 503,
                   "availability": {"code": "temporarily_unavailable", "retryable": True,
                                    "retry_after": 7},
                   "metadata": {"previous_errors": []}}},
        ProviderOverloadedError,
        {"code": 503, "retryable": True, "retry_after": 7.0, "error_type": "provider_overloaded"}),
    "responses": (400, {"error": {"code": "invalid_prompt", "message": "Bad."}, "metadata": None},
                  BadRequestError, {"code": "invalid_prompt", "error_type": "invalid_prompt"}),
    "messages": (
        529,
        {"type": "error", "error": {"type": "overloaded_error", "message": "Busy."},
         "request_id": "gen-7"},
        ProviderOverloadedError, {"error_type": "overloaded_error", "generation_id": "gen-7"}),
    "management": (400, {"success": False, "error": {"name": "ZodError", "message": "Bad."}},
                   BadRequestError, {"error_type": "ZodError", "code": None}),
    "text": (500, "upstream fell over", ServerError, {"raw": "upstream fell over"}),
    "error-is-text": (400, {"error": "Bad."}, BadRequestError, {}),
    "error-is-a-list": (400, {"error": ["Bad."]}, BadRequestError, {}),
    "message-outside": (404, {"message": "Gone."}, NotFoundError, {}),
    "nothing": (500, {}, ServerError, {}),
    "null": (500, None, ServerError, {}),
    "list": (500, [1], ServerError, {}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "kind", "fields"), _DIALECTS.values(), ids=_DIALECTS.keys()
)
def test_c4_every_dialect_is_read(
    status: int, body: Any, kind: type[ApiStatusError], fields: dict[str, Any]
) -> None:
    """quirks.md C4: status, code, type, provider and the raw body whatever the shape."""
    error = classify(status, body)

    assert type(error) is kind
    assert error.status_code == status
    assert error.raw == body
    assert {name: getattr(error, name) for name in fields} == fields


# ------------------------------------------------------------------------- messages

_RAW = {
    "text": "Invalid 'tools': empty array",
    "json-text": '{"error":{"message":"Invalid \'tools\': empty array","type":"x"}}',
    "object": {"error": {"message": "Invalid 'tools': empty array"}},
    "flat-object": {"message": "Invalid 'tools': empty array"},
    "detail": '{"detail": "Invalid \'tools\': empty array"}',
    "error-text": {"error": "Invalid 'tools': empty array"},
}


@pytest.mark.parametrize("raw", _RAW.values(), ids=_RAW.keys())
def test_c13_the_providers_own_words_replace_the_generic_sentence(raw: Any) -> None:
    """quirks.md C13: `metadata.raw` is text, JSON text or an object."""
    body = _body(400, "Provider returned error", metadata={"provider_name": "Azure", "raw": raw})

    error = classify(400, body)

    assert str(error) == "[Azure] Invalid 'tools': empty array. (status 400)"
    assert error.raw == body


def test_c13_a_telling_sentence_is_kept_beside_the_providers_words() -> None:
    """quirks.md C13: nothing that was said is hidden."""
    error = classify(400, _body(400, "Bad tools.", metadata={"raw": "empty array"}))

    assert str(error) == "Bad tools: empty array. (status 400)"


@pytest.mark.parametrize("raw", ['{"retryable": true}', {"retryable": True}, "", None, 7])
def test_c13_a_raw_without_words_leaves_the_sentence_alone(raw: Any) -> None:
    """quirks.md C13: recorded as an object that only says `retryable`."""
    error = classify(502, _body(502, "Error processing stream", metadata={"raw": raw}))

    assert str(error) == "Error processing stream. (status 502)"


@pytest.mark.parametrize(
    "raw", ['{"retryable": true}', {"retryable": True}], ids=["text", "object"]
)
def test_c8_the_providers_word_on_retrying_is_read(raw: Any) -> None:
    """quirks.md C8: `metadata.raw` says it on errors inside a choice."""
    assert classify(502, _body(502, metadata={"raw": raw})).retryable is True


def test_c16_an_html_page_is_a_snippet_and_the_status_counts() -> None:
    """quirks.md C16: no markup, no style sheet, no more than a line."""
    page = (
        "<!DOCTYPE html><html><head><title>502 Bad gateway</title><style>body{color:red}</style>"
        "<script>var a = 1 < 2;</script></head><body><h1>Bad gateway</h1>" + "x " * 900
    )

    error = classify(502, page)

    assert type(error) is ServerError
    assert "Bad gateway" in str(error)
    assert len(str(error)) < 400
    assert not any(part in str(error) for part in ("<", "color:red", "var a"))
    assert error.raw == page


@pytest.mark.parametrize(
    ("status", "advice"),
    [(401, "OPENROUTER_API_KEY"), (402, "max_tokens"), (429, "Wait")],
)
def test_common_refusals_say_what_to_do(status: int, advice: str) -> None:
    assert advice in str(classify(status, _body(status)))


def test_a_key_that_the_server_quotes_is_not_in_the_message() -> None:
    message = "Incorrect API key provided: sk-or-v1-0123456789abcdef. Sorry."

    error = classify(401, _body(401, message))

    assert "0123456789abcdef" not in str(error)
    assert "Incorrect API key provided" in str(error)
    assert "0123456789abcdef" not in repr(error)


# ------------------------------------------------------------------------- kinds that words tell


@pytest.mark.parametrize(
    "message",
    [
        "This endpoint's maximum context length is 131072 tokens. However, you requested about 9",
        "prompt is too long: 250000 tokens > 200000 maximum",
        "Input is too long for requested model.",
    ],
)
def test_an_overlong_conversation_is_told_by_its_words(message: str) -> None:
    assert type(classify(400, _body(400, message))) is ContextLengthError


def test_an_overlong_conversation_is_told_by_its_type() -> None:
    body = _body(400, "No.", metadata={"error_type": "context_length_exceeded"})

    assert type(classify(400, body)) is ContextLengthError


@pytest.mark.parametrize(
    "message",
    [
        "No endpoints found that support tool use. To learn more ...",
        "No allowed providers are available for the selected model.",
    ],
)
def test_c14_no_endpoints_is_told_from_not_found(message: str) -> None:
    """quirks.md C14: a filter result, not a missing thing."""
    assert type(classify(404, _body(404, message))) is NoEndpointsError
    assert type(classify(404, _body(404, "Generation gen-1 not found"))) is NotFoundError


@pytest.mark.parametrize("code", ["no_endpoints", "constraint_filtered", "privacy_restricted"])
def test_c14_no_endpoints_is_told_by_the_availability_code(code: str) -> None:
    """quirks.md C14: the newer dialect names the reason."""
    body = {"error": {"message": "Filtered.", "http_status": 404, "availability": {"code": code}}}

    assert type(classify(404, body)) is NoEndpointsError


def test_c2_a_402_tells_what_was_asked_and_what_is_left() -> None:
    """quirks.md C2: parsed from the sentence and the metadata."""
    message = (
        "This request requires more credits, or fewer max_tokens. "
        "You requested up to 65536 tokens, but can only afford 2451."
    )
    metadata = {"limit_source": "credits", "remedy_hint": "Add credits"}

    error = classify(402, _body(402, message, metadata=metadata))

    assert isinstance(error, PaymentRequiredError)
    assert (error.requested, error.affordable) == (65536, 2451)
    assert (error.limit_source, error.remedy_hint) == ("credits", "Add credits")


def test_c2_a_402_without_figures_has_none() -> None:
    """quirks.md C2: unknown is None."""
    error = classify(402, _body(402, "Insufficient credits"))

    assert isinstance(error, PaymentRequiredError)
    assert (error.requested, error.affordable, error.limit_source) == (None, None, None)


def test_c13_moderation_is_structured_and_its_input_is_not_in_the_message() -> None:
    """quirks.md C13: reasons and the flagged input are attributes."""
    metadata = {"reasons": ["violence"], "flagged_input": _PROMPT, "provider_name": "OpenAI"}

    error = classify(403, _body(403, "Input was flagged", metadata=metadata))

    assert isinstance(error, ModerationError)
    assert (error.reasons, error.flagged_input) == (["violence"], _PROMPT)
    assert _PROMPT not in str(error) + repr(error)


# ------------------------------------------------------------------------- when to come back


@pytest.mark.parametrize(
    ("headers", "metadata"),
    [
        ({"retry-after": "7"}, {}),
        ({}, {"headers": {"Retry-After": "7"}}),
        ({}, {"headers": {"retry-after": 7}}),
        ({}, {"retry_after": 7}),
        ({}, {"retry_after_seconds": 7.0}),
    ],
    ids=["header", "quoted-header", "quoted-lower-case", "field", "seconds-field"],
)
def test_c8_a_wait_in_seconds_is_read(headers: dict[str, str], metadata: dict[str, Any]) -> None:
    """quirks.md C8: wherever it stands."""
    assert classify(429, _body(429, metadata=metadata), headers).retry_after == 7


def test_c8_a_retry_after_date_is_read() -> None:
    """quirks.md C8: HTTP allows a date."""
    when = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 30))

    wait_s = classify(429, _body(429), {"retry-after": when}).retry_after

    assert wait_s == pytest.approx(30, abs=2)


_IN_30_S = {"ms": lambda: time.time() * 1000 + 30_000, "s": lambda: time.time() + 30}


@pytest.mark.parametrize("unit", _IN_30_S)
@pytest.mark.parametrize("place", ["header", "metadata", "metadata-in-a-200"])
def test_c8_the_rate_limit_reset_is_a_wait(unit: str, place: str) -> None:
    """quirks.md C8: epoch milliseconds, as header or quoted in the body, also inside a 200."""
    reset = str(int(_IN_30_S[unit]()))
    quoted = {"headers": {"X-RateLimit-Reset": reset}, "provider_name": None}
    metadata = {} if place == "header" else quoted
    headers = {"x-ratelimit-reset": reset} if place == "header" else {}

    error = classify(200 if "200" in place else 429, _body(429, metadata=metadata), headers)

    assert isinstance(error, RateLimitError)
    assert error.retry_after == pytest.approx(30, abs=2)
    assert error.reset_at == pytest.approx(time.time() + 30, abs=2)


def test_c8_a_reset_in_the_past_asks_for_no_wait() -> None:
    """quirks.md C8: the usual back-off is for that, not a retry at once."""
    error = classify(429, _body(429), {"x-ratelimit-reset": str(int(time.time() * 1000) - 5000)})

    assert error.retry_after is None


def test_a_rate_limit_header_on_another_failure_is_no_wait() -> None:
    """The header counts requests; a 502 does not wait for it."""
    reset = str(int(time.time() * 1000) + 86_400_000)

    assert classify(502, _body(502), {"x-ratelimit-reset": reset}).retry_after is None


@pytest.mark.parametrize(
    "header", ["soon", "", "nan", "inf", "-inf", "99999999999999999999", "1e400"]
)
def test_a_wait_that_is_no_number_of_seconds_is_no_wait(header: str) -> None:
    error = classify(429, _body(429), {"retry-after": header})

    assert error.retry_after is None


def test_a_negative_wait_is_no_wait_at_all() -> None:
    assert classify(429, _body(429), {"retry-after": "-3"}).retry_after == 0


def test_b6_the_header_names_the_generation() -> None:
    """quirks.md B6: also on refusals."""
    assert classify(502, _body(502), {"x-generation-id": "gen-9"}).generation_id == "gen-9"


# ------------------------------------------------------------------------- pickle and copy

_CLASSES = sorted(
    (
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, OpenRouterError) and kind.__module__ == errors.__name__
    ),
    key=lambda kind: kind.__name__,
)
_COPIERS = {"pickle": lambda e: pickle.loads(pickle.dumps(e)), "deepcopy": copy.deepcopy,
            "copy": copy.copy}  # fmt: skip


@pytest.mark.parametrize("copier", _COPIERS.values(), ids=_COPIERS.keys())
@pytest.mark.parametrize("kind", _CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_survives_pickle_and_copy(kind: type[OpenRouterError], copier: Any) -> None:
    error = kind("It failed.", status_code=429, code="x", retry_after=1.5, raw={"a": [1]})
    error.attempts = 3

    twin = copier(error)

    assert type(twin) is kind
    assert str(twin) == "It failed."
    assert vars(twin) == vars(error)


@pytest.mark.parametrize("copier", _COPIERS.values(), ids=_COPIERS.keys())
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 413, 422, 429, 500, 503, 504])
def test_c4_mid_stream_errors_survive_pickle_and_copy(status: int, copier: Any) -> None:
    """quirks.md C4: with their two parents, their cause and what had arrived."""
    cause = classify(status, _body(status, metadata={"provider_name": "P"}))
    error = mid_stream_error(cause, generation_id="gen-1", partial_text="Hel", partial={"a": 1})

    twin = copier(error)

    assert isinstance(twin, MidStreamError)
    assert isinstance(twin, type(cause))
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert (twin.partial_text, twin.generation_id, twin.partial) == ("Hel", "gen-1", {"a": 1})
    assert type(twin.cause_error) is type(cause)


def test_mid_stream_errors_of_moderation_and_endpoints_keep_their_lists() -> None:
    metadata = {"reasons": ["hate"], "flagged_input": _PROMPT}
    error = mid_stream_error(classify(403, _body(403, "Flagged", metadata=metadata)))

    twin: Any = pickle.loads(pickle.dumps(error))

    assert isinstance(twin, ModerationError)
    assert twin.reasons == ["hate"]


def test_errors_are_caught_by_the_builtin_kinds_too() -> None:
    """`except TimeoutError` and `except ConnectionError` work as users expect."""
    assert issubclass(errors.RequestTimeoutError, TimeoutError)
    assert issubclass(errors.ConnectionFailedError, ConnectionError)
    assert issubclass(errors.StreamInterruptedError, ConnectionError)
    assert issubclass(errors.ConfigurationError, ValueError)


def test_the_tree_in_the_module_names_every_class() -> None:
    missing = [kind.__name__ for kind in _CLASSES if kind.__name__ not in (errors.__doc__ or "")]

    assert missing == []


# ------------------------------------------------------------------------- what others call it


@pytest.mark.parametrize(
    "text",
    [
        "The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).",
        "Input length 131393 exceeds the maximum allowed input length of 131040 tokens.",
        "tokens in request more than max tokens allowed",
        "Invalid request: Your request exceeded model token limit: 131072",
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000",
        "Range of input length should be [1, 129024]",
        "Prompt exceeds max length",
        "Please reduce the length of the messages or completion.",
    ],
    ids=["google", "groq", "poolside", "moonshot", "xai", "anthropic", "alibaba", "z-ai", "openai"],
)
def test_a_prompt_that_is_too_long_is_recognised_in_the_words_of_each_provider(text: str) -> None:
    whole = {"raw": f'{{"error": {{"message": "{text}"}}}}', "provider_name": "P"}

    assert isinstance(classify(400, _body(400, text)), ContextLengthError)
    assert isinstance(
        classify(400, _body(400, "Provider returned error", metadata=whole)), ContextLengthError
    )


@pytest.mark.parametrize(
    "text",
    [
        (
            "The parameter `max_tokens` is not valid: integer above maximum value, expected a value "
            "<= 32768, but got 65536"
        ),
        "max_tokens: 65536 > 8192, which is the maximum allowed number of output tokens",
    ],
)
def test_too_many_output_tokens_are_no_overflow_of_the_context(text: str) -> None:
    assert type(classify(400, _body(400, text))) is BadRequestError


@pytest.mark.parametrize(
    "name",
    [
        "bio_policy",
        "cyber_policy",
        "misalignment_policy_violation",
        "image_content_policy_violation",
    ],
)
def test_a_policy_of_the_responses_api_is_moderation_and_not_asked_again(name: str) -> None:
    error = classify(200, {"error": {"code": name, "message": "Refused."}})

    assert isinstance(error, ModerationError)
    assert RetryPolicy().wait_s(error, 1) is None


def test_a_failure_with_a_name_of_tomorrow_inside_a_200_is_not_asked_again() -> None:
    named = classify(200, {"error": {"code": "quantum_policy", "message": "Refused."}})
    unnamed = classify(200, {"error": {"message": "Something broke."}})

    assert (type(named), named.retryable) == (ServerError, False)
    assert RetryPolicy().wait_s(named, 1) is None
    assert RetryPolicy().wait_s(unnamed, 1) is not None


@pytest.mark.parametrize("status", [520, 521, 522, 523, 525, 526, 527, 530])
def test_failures_of_the_edge_are_asked_again(status: int) -> None:
    assert RetryPolicy().wait_s(classify(status, "error code: 520"), 1) is not None


def test_a_401_of_the_users_own_provider_key_does_not_blame_openrouters() -> None:
    theirs = classify(401, _body(401, "invalid x-api-key", metadata={"provider_name": "Anthropic"}))

    assert "key that is stored for Anthropic" in theirs.message
    assert "Set OPENROUTER_API_KEY" not in theirs.message
    assert "Set OPENROUTER_API_KEY" in classify(401, _body(401, "No.")).message


def test_the_detail_of_a_gateway_is_the_message() -> None:
    listed = {"detail": [{"loc": ["body", "model"], "msg": "Field required", "type": "missing"}]}

    assert "body.model: Field required" in classify(422, listed).message
    assert "Not here." in classify(404, {"detail": "Not here."}).message


# ------------------------------------------------------------------------- hostile bodies


def test_a_page_of_unclosed_styles_is_read_at_once() -> None:
    """200 kB of them held the interpreter for minutes."""
    start = time.perf_counter()

    error = classify(502, "<style>" * 30_000 + "<" * 30_000)

    assert isinstance(error, ServerError)
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize("code", ["²", "9" * 5_000, "٤٠٤", -1, 10**400, True])
def test_an_odd_code_is_kept_and_breaks_nothing(code: Any) -> None:
    error = classify(200, _body(code))

    assert isinstance(error, ServerError)


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "Fri, 31 Dec 9999 23:59:59 -9999"},
        {"retry-after": "Mon, 01 Jan 0001 00:00:00 +9959"},
        {"retry-after": "inf"},
    ],
)
def test_an_absurd_wait_is_no_wait(headers: dict[str, str]) -> None:
    assert classify(429, _body(429), headers).retry_after in {None, 0.0}


@pytest.mark.usefixtures("collector_waits")
def test_words_of_a_provider_that_are_nested_too_deeply_are_left_out() -> None:
    raw = '{"a":' * 50_000 + "1" + "}" * 50_000

    assert isinstance(classify(502, _body(502, metadata={"raw": raw})), ServerError)
