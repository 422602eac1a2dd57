"""The core's errors, each also of the class that LangChain has for the same condition.

`translated()` stands around every call, and a `try` with `raise_as_langchain` around those of a model; code
that catches either vocabulary works, and so do `with_fallbacks`, `ModelRetryMiddleware` and
`SummarizationMiddleware`. The tree is the core's own (drawn in `openrouter_core.errors`), rooted in
`OpenRouterError`, which is a `ModelError`. Nothing here decides what happened: the core did.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, NoReturn

from langchain_core import exceptions as langchain
from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelError,
    ModelInvalidRequestError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ModelRateLimitError,
    ModelTimeoutError,
)

import openrouter_core.errors as core
from langchain_openrouter._other_distribution import warn_of_foreign_init

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
    "RefusalError",
    "RequestTimeoutError",
    "ResponseShapeError",
    "ServerError",
    "StreamError",
    "StreamInterruptedError",
    "TransportError",
    "UnprocessableError",
]

warn_of_foreign_init()

_refusal: Any = getattr(langchain, "ModelRefusalError", ModelError)
"""LangChain's class for refusals, in versions that have one."""


@dataclass(frozen=True, slots=True)
class TracedResponse:
    """What LangChain copies into the trace of a failed run."""

    status_code: int | None
    body: Any = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def json(self) -> Any:
        """The error body as received."""
        return self.body


class OpenRouterError(core.OpenRouterError, ModelError):
    """The parent of every error that this package raises."""

    @property
    def request_id(self) -> str | None:
        """The generation id, under the name that LangChain's tracers look for."""
        return self.generation_id


class ConfigurationError(OpenRouterError, core.ConfigurationError, ModelInvalidRequestError):
    """A setting or an argument is wrong. Nothing was sent."""


class MissingApiKeyError(ConfigurationError, core.MissingApiKeyError, ModelAuthenticationError):
    """No API key was given and none is in the environment."""


class TransportError(OpenRouterError, core.TransportError):
    """No complete answer arrived."""


class RequestTimeoutError(TransportError, core.RequestTimeoutError, ModelTimeoutError):
    """The answer, or its next part, did not come in time."""


class ConnectionFailedError(TransportError, core.ConnectionFailedError, ModelConnectionError):
    """The connection could not be made, or broke."""


class IncompleteBodyError(ConnectionFailedError, core.IncompleteBodyError):
    """The body of the answer was empty or cut off."""


class ApiStatusError(OpenRouterError, core.ApiStatusError):
    """OpenRouter or a provider refused the call."""

    @property
    def response(self) -> TracedResponse:
        """Status and body, for LangChain's tracers."""
        return TracedResponse(self.status_code, self.raw)


class BadRequestError(ApiStatusError, core.BadRequestError, ModelInvalidRequestError):
    """400: the request is wrong."""


class ContextLengthError(BadRequestError, core.ContextLengthError, ContextOverflowError):
    """The conversation does not fit into the model's context window."""


class AuthenticationError(ApiStatusError, core.AuthenticationError, ModelAuthenticationError):
    """401: the key is missing, wrong, disabled or expired."""


class PaymentRequiredError(ApiStatusError, core.PaymentRequiredError):
    """402: credit or the key's limit does not cover the call. LangChain has no class for it."""


class PermissionDeniedError(ApiStatusError, core.PermissionDeniedError, ModelPermissionDeniedError):
    """403: the key may not do this, or a guardrail or budget forbids it."""


class ModerationError(PermissionDeniedError, core.ModerationError):
    """The input was flagged."""


class NotFoundError(ApiStatusError, core.NotFoundError, ModelNotFoundError):
    """404 or 410: there is no such thing, or not any more."""


class NoEndpointsError(NotFoundError, core.NoEndpointsError):
    """No provider meets what the request demands."""


class ConflictError(ApiStatusError, core.ConflictError, ModelInvalidRequestError):
    """409 or 412: the thing exists already or has changed."""


class PayloadTooLargeError(ApiStatusError, core.PayloadTooLargeError, ModelInvalidRequestError):
    """413: the body is too large."""


class UnprocessableError(ApiStatusError, core.UnprocessableError, ModelInvalidRequestError):
    """422 or 415: well formed, but it makes no sense, or not in this form."""


class RateLimitError(ApiStatusError, core.RateLimitError, ModelRateLimitError):
    """429: too many requests, at OpenRouter or at the provider."""


class ServerError(ApiStatusError, core.ServerError, ModelAPIError):
    """5xx: OpenRouter or the provider failed."""


class ProviderOverloadedError(ServerError, core.ProviderOverloadedError):
    """503 or 529: nobody can take the call just now."""


class EdgeTimeoutError(ServerError, core.EdgeTimeoutError, ModelTimeoutError):
    """408, 499, 504 or 524: the server side, or somebody on the way, gave up waiting."""


class StreamError(OpenRouterError, core.StreamError):
    """A stream failed after it began; `partial_text` and `partial` hold what had arrived."""


class MidStreamError(StreamError, core.MidStreamError):
    """The server reported a failure inside the stream. Also of the class of its `cause_error`."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_mid_stream, (self.cause_error, self.message, dict(self.__dict__))


class StreamInterruptedError(StreamError, core.StreamInterruptedError, ModelConnectionError):
    """The stream ended, or went silent, before the answer was complete."""


class ResponseShapeError(OpenRouterError, core.ResponseShapeError):
    """The answer cannot be read. `raw` holds it."""


class BudgetExceededError(OpenRouterError, core.BudgetExceededError):
    """A budget refused the call before anything was sent."""


class RefusalError(OpenRouterError, _refusal):  # type: ignore[misc]  # depends on the version
    """The model refused to answer where structured output was asked for."""


class _Translated:
    """Without a state, so that one serves all calls."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, core.OpenRouterError):
            raise_as_langchain(error)


_TRANSLATED = _Translated()


def translated() -> AbstractContextManager[None]:
    """Raise the core's errors as the classes of this module."""
    return _TRANSLATED


def raise_as_langchain(error: core.OpenRouterError) -> NoReturn:
    """Raise an error of the core as its class of this module, in an `except` block: a `try` costs nothing."""
    if isinstance(error, OpenRouterError):
        raise error
    raise to_langchain(error) from error


def to_langchain(error: core.OpenRouterError) -> OpenRouterError:
    """Return the same error as a class of this module, with all its attributes."""
    if isinstance(error, OpenRouterError):
        return error
    details = {name: value for name, value in vars(error).items() if name != "message"}
    cause = details.get("cause_error")
    if isinstance(error, core.MidStreamError) and cause is not None:
        details["cause_error"] = cause = to_langchain(cause)
        kind = _mid_stream_type(type(cause))
    else:
        kind = _twin(type(error))
    twin = kind(error.message, **details)
    if error.retryable is not None:
        twin.is_retryable = error.retryable
    return twin


def _twin(kind: type[core.OpenRouterError]) -> type[OpenRouterError]:
    """The class here that stands for a core class, or for its nearest ancestor."""
    for base in kind.__mro__:
        twin = globals().get(base.__name__)
        if isinstance(twin, type) and base.__module__ == core.__name__:
            return twin
    raise AssertionError("unreachable: OpenRouterError is in every MRO")


_mid_stream_types: dict[str, type[OpenRouterError]] = {}


def _mid_stream_type(kind: type[OpenRouterError]) -> type[OpenRouterError]:
    """The class of a failure inside a stream whose cause is of `kind`: both at once."""
    name = f"MidStream{kind.__name__}"
    if name not in _mid_stream_types:
        bases = (MidStreamError, kind)
        _mid_stream_types[name] = type(name, bases, {"__module__": __name__})
    return _mid_stream_types[name]


def _rebuild_mid_stream(
    cause: OpenRouterError | None, message: str, state: dict[str, Any]
) -> OpenRouterError:
    kind = MidStreamError if cause is None else _mid_stream_type(type(cause))
    error = kind(message)
    error.__dict__.update(state)
    return error
