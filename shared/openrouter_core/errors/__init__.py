"""Every error that the core raises, and the one function that chooses among them.

    OpenRouterError
    ├── ConfigurationError            a setting or argument is wrong; nothing was sent   (also ValueError)
    │   └── MissingApiKeyError
    ├── TransportError                no complete answer arrived
    │   ├── RequestTimeoutError       (also TimeoutError)
    │   └── ConnectionFailedError     (also ConnectionError)
    │       └── IncompleteBodyError   the body was empty or cut off
    ├── ApiStatusError                OpenRouter or a provider refused; carries the status
    │   ├── BadRequestError           400
    │   │   └── ContextLengthError        the conversation does not fit the model
    │   ├── AuthenticationError       401
    │   ├── PaymentRequiredError      402
    │   ├── PermissionDeniedError     403
    │   │   └── ModerationError           the input was flagged
    │   ├── NotFoundError             404, 410
    │   │   └── NoEndpointsError          no provider meets the request's constraints
    │   ├── ConflictError             409, 412
    │   ├── PayloadTooLargeError      413
    │   ├── UnprocessableError        422, 415
    │   ├── RateLimitError            429
    │   └── ServerError               5xx
    │       ├── ProviderOverloadedError   503, 529
    │       └── EdgeTimeoutError          408, 499, 504, 524
    ├── StreamError                   a stream failed after it began; carries the text so far
    │   ├── MidStreamError                the server said so; `cause_error` is the typed status error
    │   └── StreamInterruptedError        the stream broke off before the answer was complete
    ├── ResponseShapeError            the answer is JSON of a shape that cannot be read
    └── BudgetExceededError           a budget refused the call; nothing was sent

All carry `status_code`, `code`, `error_type`, `provider_name`, `retry_after`, `generation_id` and `raw`.
Messages never hold a key or a prompt.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from openrouter_core._call import ReplyInfo
    from openrouter_core.errors._body import ErrorBody

__all__ = [
    "ApiStatusError",
    "AuthenticationError",
    "BadRequestError",
    "BudgetExceededError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "ContextLengthError",
    "EdgeTimeoutError",
    "IncompleteBodyError",
    "MidStreamError",
    "MissingApiKeyError",
    "ModerationError",
    "NoEndpointsError",
    "NotFoundError",
    "OpenRouterError",
    "PayloadTooLargeError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "ProviderOverloadedError",
    "RateLimitError",
    "RequestTimeoutError",
    "ResponseShapeError",
    "ServerError",
    "StreamError",
    "StreamInterruptedError",
    "TransportError",
    "UnprocessableError",
]

Headers = Mapping[str, str]


class OpenRouterError(Exception):
    """The parent of every error of this package.

    Attributes:
        status_code: HTTP status, or the status an error inside a 200 stands for; None if no answer came.
        code: OpenRouter's own `error.code`, unchanged: an int or a string.
        error_type: OpenRouter's stable name of the failure, e.g. "rate_limit_exceeded".
        provider_name: The provider that failed, when OpenRouter names one.
        retry_after: Seconds until a retry makes sense, when the server said so.
        generation_id: The id to look the call up with, when one was assigned.
        retryable: Whether the server itself says that a retry can help; None if it does not say.
        attempts: How many requests were sent, retries included.
        http: Status and headers of the answer, e.g. `error.http.headers["x-ratelimit-remaining"]`; None
            if no answer came.
        raw: The error body as received; not part of the message, for it may quote the prompt.
    """

    status_code: int | None = None
    code: int | str | None = None
    error_type: str | None = None
    provider_name: str | None = None
    retry_after: float | None = None
    generation_id: str | None = None
    retryable: bool | None = None
    attempts: int = 1
    http: ReplyInfo | None = None
    raw: Any = None

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        for name, value in details.items():
            setattr(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, dict(self.__dict__))


def _rebuild(kind: type[OpenRouterError], message: str, state: dict[str, Any]) -> OpenRouterError:
    """Unpickle an error with all its attributes."""
    error = kind(message)
    error.__dict__.update(state)
    return error


class ConfigurationError(OpenRouterError, ValueError):
    """A setting or an argument is wrong. Nothing was sent."""


class MissingApiKeyError(ConfigurationError):
    """No API key was given and none is in the environment."""


class TransportError(OpenRouterError):
    """No complete answer arrived."""


class RequestTimeoutError(TransportError, TimeoutError):
    """The answer, or its next part, did not come in time."""


class ConnectionFailedError(TransportError, ConnectionError):
    """The connection could not be made, or broke."""


class IncompleteBodyError(ConnectionFailedError):
    """The body of the answer was empty or cut off."""


class ApiStatusError(OpenRouterError):
    """OpenRouter or a provider refused the call."""


class BadRequestError(ApiStatusError):
    """400: the request is wrong."""


class ContextLengthError(BadRequestError):
    """The conversation does not fit into the model's context window."""


class AuthenticationError(ApiStatusError):
    """401: the key is missing, wrong, disabled or expired."""


class PaymentRequiredError(ApiStatusError):
    """402: credit or the key's limit does not cover the call.

    Attributes:
        requested: Output tokens that the call could have used, when the server says.
        affordable: Output tokens that the balance covers, when the server says.
        limit_source: What set the limit, e.g. "credits", when the server says.
        remedy_hint: The server's own advice, when it gives one.
    """

    requested: int | None = None
    affordable: int | None = None
    limit_source: str | None = None
    remedy_hint: str | None = None


class PermissionDeniedError(ApiStatusError):
    """403: the key may not do this, or a guardrail or budget forbids it."""


class ModerationError(PermissionDeniedError):
    """The input was flagged.

    Attributes:
        reasons: Why, e.g. ["violence"].
        flagged_input: The flagged excerpt, as the server cut it. Not part of the message.
    """

    reasons: list[str]
    flagged_input: str | None = None

    def __init__(self, message: str, **details: Any) -> None:
        self.reasons = []
        super().__init__(message, **details)


class NotFoundError(ApiStatusError):
    """404 or 410: there is no such thing, or not any more."""


class NoEndpointsError(NotFoundError):
    """No provider meets what the request demands.

    Attributes:
        constraints: What the request carried that can exclude providers, e.g. ["provider.zdr"].
        unlisted: Parameters that were demanded, and that the catalogue does not list for the model.
    """

    constraints: list[str]
    unlisted: list[str]

    def __init__(self, message: str, **details: Any) -> None:
        self.constraints = []
        self.unlisted = []
        super().__init__(message, **details)

    def add_to_message(self, sentence: str) -> None:
        """Put one more sentence behind the message."""
        self.message = f"{self.message} {sentence}"
        self.args = (self.message,)


class ConflictError(ApiStatusError):
    """409 or 412: the thing exists already or has changed."""


class PayloadTooLargeError(ApiStatusError):
    """413: the body is too large."""


class UnprocessableError(ApiStatusError):
    """422 or 415: well formed, but it makes no sense, or not in this form."""


class RateLimitError(ApiStatusError):
    """429: too many requests, at OpenRouter or at the provider.

    Attributes:
        reset_at: When the limit resets, in epoch seconds, when the server says.
    """

    reset_at: float | None = None


class ServerError(ApiStatusError):
    """5xx: OpenRouter or the provider failed."""


class ProviderOverloadedError(ServerError):
    """503 or 529: nobody can take the call just now."""


class EdgeTimeoutError(ServerError):
    """408, 499, 504 or 524: the server side, or somebody on the way, gave up waiting."""


class StreamError(OpenRouterError):
    """A stream failed after it began.

    Attributes:
        partial_text: The text that had arrived.
        partial: The whole answer so far, as a reply-shaped dict, when the endpoint can tell.
    """

    partial_text: str = ""
    partial: Any = None


class MidStreamError(StreamError):
    """The server reported a failure inside the stream.

    Attributes:
        cause_error: The error that the same failure raises outside a stream, e.g. a `RateLimitError`.
    """

    cause_error: ApiStatusError | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_mid_stream, (self.cause_error, self.message, dict(self.__dict__))


class StreamInterruptedError(StreamError, ConnectionError):
    """The stream ended, or went silent, before the answer was complete."""


class ResponseShapeError(OpenRouterError):
    """The answer cannot be read: its shape is not the endpoint's. `raw` holds it."""


class BudgetExceededError(OpenRouterError):
    """A budget refused the call before anything was sent.

    Attributes:
        limit_usd: What may be spent in all. This and the others are None where a budget could not be asked.
        spent_usd: What is spent; None where the limit is that of the key.
        reserved_usd: What is held for calls under way.
        requested_usd: What this call may cost.
        scope: Whose budget it is, e.g. "day:2026-11-28".
    """

    limit_usd: Decimal | None = None
    spent_usd: Decimal | None = None
    reserved_usd: Decimal | None = None
    requested_usd: Decimal | None = None
    scope: str | None = None


_BY_STATUS: dict[int, type[ApiStatusError]] = {
    400: BadRequestError,
    410: NotFoundError,
    412: ConflictError,
    415: UnprocessableError,
    499: EdgeTimeoutError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: EdgeTimeoutError,
    409: ConflictError,
    413: PayloadTooLargeError,
    422: UnprocessableError,
    429: RateLimitError,
    503: ProviderOverloadedError,
    504: EdgeTimeoutError,
    524: EdgeTimeoutError,
    529: ProviderOverloadedError,
}

_MANAGEMENT = "Use a management key (https://openrouter.ai/settings/management-keys)."
_ADVICE: dict[type[ApiStatusError], str] = {
    AuthenticationError: "Set OPENROUTER_API_KEY or pass api_key.",
    PaymentRequiredError: "Add credit, raise the key's limit, or lower max_tokens.",
    RateLimitError: "Wait, or allow other providers to answer.",
}


def classify(status: int, body: object, headers: Headers | None = None) -> ApiStatusError:
    """Return the error that an answer stands for; raise nothing.

    Args:
        status: The HTTP status. An error body inside a 200 is read by its own code.
        body: The parsed JSON body, or the text of a body that is not JSON.
        headers: The response headers, for `Retry-After`, rate limits and `X-Generation-Id`.
    """
    from openrouter_core.errors._body import ErrorBody  # 1.5 ms that only failures need

    error_body = ErrorBody.read(status, body, headers or {})
    kind = _kind(error_body)
    advice = _advice(kind, error_body)
    message = f"{error_body.sentence} {advice}" if advice else error_body.sentence
    return kind(message, **error_body.details(), **_extras(kind, error_body))


def _advice(kind: type[ApiStatusError], error_body: ErrorBody) -> str | None:
    if error_body.needs_management_key:
        return _MANAGEMENT
    if error_body.refused_by_provider:
        return (
            f"This is about the key that is stored for {error_body.provider_name} at "
            "https://openrouter.ai/settings/integrations, not about OPENROUTER_API_KEY."
        )
    if 300 <= error_body.status < 400:
        return "The server names another address. Set base_url to the one it moved to."
    return _ADVICE.get(kind)


def _kind(error_body: ErrorBody) -> type[ApiStatusError]:
    if error_body.is_context_length:
        return ContextLengthError
    if error_body.is_moderation:
        return ModerationError
    if error_body.is_no_endpoints:
        return NoEndpointsError
    kind = _BY_STATUS.get(error_body.status)
    if kind:
        return kind
    if error_body.status >= 500:
        return ServerError
    return ApiStatusError


def _extras(kind: type[ApiStatusError], error_body: ErrorBody) -> dict[str, Any]:
    if kind is PaymentRequiredError:
        return error_body.payment()
    if kind is ModerationError:
        return {"reasons": error_body.reasons, "flagged_input": error_body.flagged_input}
    if kind is RateLimitError:
        return {"reset_at": error_body.reset_at}
    return {}


def mid_stream_error(cause: ApiStatusError, **details: Any) -> MidStreamError:
    """Return the error for a failure inside a stream: a `MidStreamError` that is also of its cause's class.

    `except RateLimitError` thus catches a rate limit wherever it strikes.
    """
    kind = _mid_stream_type(cast("Any", type(cause)))
    shared = {k: v for k, v in vars(cause).items() if k != "message"}
    shared |= {k: v for k, v in details.items() if v is not None}
    return kind(f"The stream failed: {cause.message}", cause_error=cause, **shared)


@cache
def _mid_stream_type(kind: Any) -> type[MidStreamError]:
    return type(f"MidStream{kind.__name__}", (MidStreamError, kind), {"__module__": __name__})


def _rebuild_mid_stream(
    cause: ApiStatusError | None, message: str, state: dict[str, Any]
) -> OpenRouterError:
    kind = MidStreamError if cause is None else _mid_stream_type(cast("Any", type(cause)))
    return _rebuild(kind, message, state)
