"""Errors speak both vocabularies: the core's and LangChain's."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import pytest
from langchain_core import exceptions as langchain

from langchain_openrouter import errors
from langchain_openrouter.errors import to_langchain, translated
from openrouter_core import errors as core

CORE = [
    kind
    for _, kind in inspect.getmembers(core, inspect.isclass)
    if issubclass(kind, core.OpenRouterError)
]

COUNTERPARTS = {
    core.AuthenticationError: (langchain.ModelAuthenticationError, False),
    core.MissingApiKeyError: (langchain.ModelAuthenticationError, False),
    core.PermissionDeniedError: (langchain.ModelPermissionDeniedError, False),
    core.ModerationError: (langchain.ModelPermissionDeniedError, False),
    core.BadRequestError: (langchain.ModelInvalidRequestError, False),
    core.ConfigurationError: (langchain.ModelInvalidRequestError, False),
    core.PayloadTooLargeError: (langchain.ModelInvalidRequestError, False),
    core.UnprocessableError: (langchain.ModelInvalidRequestError, False),
    core.ContextLengthError: (langchain.ContextOverflowError, False),
    core.NotFoundError: (langchain.ModelNotFoundError, False),
    core.NoEndpointsError: (langchain.ModelNotFoundError, False),
    core.RateLimitError: (langchain.ModelRateLimitError, True),
    core.ServerError: (langchain.ModelAPIError, True),
    core.ProviderOverloadedError: (langchain.ModelAPIError, True),
    core.EdgeTimeoutError: (langchain.ModelTimeoutError, True),
    core.RequestTimeoutError: (langchain.ModelTimeoutError, True),
    core.ConnectionFailedError: (langchain.ModelConnectionError, True),
    core.IncompleteBodyError: (langchain.ModelConnectionError, True),
    core.StreamInterruptedError: (langchain.ModelConnectionError, True),
    core.PaymentRequiredError: (langchain.ModelError, False),
    core.BudgetExceededError: (langchain.ModelError, False),
}


@pytest.mark.parametrize("kind", CORE, ids=lambda k: k.__name__)
def test_row28_every_core_error_has_its_twin(kind: type[core.OpenRouterError]):
    """Gap row 28: the same name, the core's class and LangChain's `ModelError` at once."""
    twin = to_langchain(kind("Broken."))

    assert type(twin) is getattr(errors, kind.__name__)
    assert isinstance(twin, kind)
    assert isinstance(twin, langchain.ModelError)
    assert str(twin) == "Broken."


@pytest.mark.parametrize(
    ("kind", "counterpart", "retryable"),
    [(kind, *rest) for kind, rest in COUNTERPARTS.items()],
    ids=lambda v: getattr(v, "__name__", str(v)),
)
def test_c4_row27_row29_row30_twin_is_of_langchains_class(
    kind: Any, counterpart: type[Exception], retryable: bool
):
    """quirks.md C4; gap rows 27, 29 and 30: retried only where a retry can help."""
    twin = to_langchain(kind("Broken."))

    assert isinstance(twin, counterpart)
    assert twin.is_retryable is retryable


def test_parents_hold_for_twins_too():
    assert issubclass(errors.ContextLengthError, errors.BadRequestError)
    assert issubclass(errors.BadRequestError, errors.ApiStatusError)
    assert issubclass(errors.RequestTimeoutError, errors.TransportError)
    assert issubclass(errors.RequestTimeoutError, TimeoutError)


def test_attributes_are_kept():
    cause = core.PaymentRequiredError(
        "No credit.", status_code=402, affordable=5, raw={"error": {}}, generation_id="gen-1"
    )

    twin = to_langchain(cause)

    assert (twin.status_code, twin.affordable) == (402, 5)  # type: ignore[attr-defined]
    assert twin.request_id == "gen-1"
    assert twin.response.status_code == 402
    assert twin.response.json() == {"error": {}}


@pytest.mark.parametrize("retryable", [True, False])
def test_the_servers_own_word_on_retrying_counts(retryable: bool):
    assert (
        to_langchain(core.RateLimitError("Slow down.", retryable=retryable)).is_retryable
        is retryable
    )


def mid_stream(cause: core.ApiStatusError) -> Any:
    return to_langchain(core.mid_stream_error(cause, partial_text="Hel", generation_id="gen-1"))


@pytest.mark.parametrize(
    ("cause", "counterpart"),
    [
        (core.RateLimitError("Slow down."), langchain.ModelRateLimitError),
        (core.ServerError("Broken."), langchain.ModelAPIError),
        (core.ContextLengthError("Too long."), langchain.ContextOverflowError),
    ],
    ids=["rate-limit", "server", "context"],
)
def test_c3_failure_inside_a_stream_is_of_its_causes_class(
    cause: core.ApiStatusError, counterpart: type[Exception]
):
    """quirks.md C3."""
    error = mid_stream(cause)

    assert isinstance(error, errors.MidStreamError)
    assert isinstance(error, core.MidStreamError)
    assert isinstance(error, getattr(errors, type(cause).__name__))
    assert isinstance(error, counterpart)
    assert isinstance(error.cause_error, errors.OpenRouterError)
    assert error.partial_text == "Hel"


@pytest.mark.parametrize(
    "error",
    [
        errors.RateLimitError("Slow down.", status_code=429, retry_after=1.0),
        errors.ModerationError("Flagged.", reasons=["violence"]),
        mid_stream(core.RateLimitError("Slow down.")),
        to_langchain(core.MidStreamError("Broken.")),
    ],
    ids=lambda e: type(e).__name__,
)
@pytest.mark.parametrize("way", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy])
def test_errors_survive_processes_and_copies(error: Any, way: Any):
    again = way(error)

    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.partial_text == error.partial_text if hasattr(error, "partial_text") else True


def test_translated_raises_the_twin_from_the_core_error():
    cause = core.NotFoundError("Gone.")

    with pytest.raises(errors.NotFoundError) as raised, translated():
        raise cause

    assert raised.value.__cause__ is cause


def test_translated_leaves_twins_and_others_alone():
    twin = errors.NotFoundError("Gone.")

    with pytest.raises(errors.NotFoundError) as raised, translated():
        raise twin
    with pytest.raises(KeyError), translated():
        raise KeyError("x")

    assert raised.value is twin


def test_error_of_a_class_of_ones_own_keeps_its_nearest_twin():
    class HouseBudget(core.BudgetExceededError):
        """A budget that users write."""

    assert type(to_langchain(HouseBudget("Enough."))) is errors.BudgetExceededError
