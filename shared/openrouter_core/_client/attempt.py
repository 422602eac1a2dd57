"""One try of a call. A try that fails closes its response, and its failure leaves with its type.

Used by the two clients: `with Attempt(number) as attempt` and `async with AsyncAttempt(number) as attempt`.
"""

from __future__ import annotations

import time
from typing import Self

import httpx2

from openrouter_core._http.response import cause_of, to_openrouter_error
from openrouter_core.errors import OpenRouterError


class _AttemptBase:
    """What both kinds share: the number of the try, when it began, and the response once it is there."""

    __slots__ = ("number", "response", "start")

    def __init__(self, number: int) -> None:
        self.number = number
        self.start = time.perf_counter()
        self.response: httpx2.Response | None = None

    def _raise_typed(self, error: BaseException) -> None:
        if isinstance(error, (httpx2.HTTPError, OpenRouterError)):
            raise to_openrouter_error(error, self.number, self.response, self.start) from cause_of(
                error
            )


class Attempt(_AttemptBase):
    """One try of an `OpenRouterClient`."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            if self.response is not None:
                self.response.close()
            self._raise_typed(error)


class AsyncAttempt(_AttemptBase):
    """One try of an `AsyncOpenRouterClient`."""

    __slots__ = ()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            if self.response is not None:
                await self.response.aclose()
            self._raise_typed(error)
