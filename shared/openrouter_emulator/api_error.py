"""A refusal in the envelope of the API. Handlers and checks raise it; `app` turns it into an answer."""

from __future__ import annotations

from collections.abc import Mapping

from openrouter_emulator.planned_response import JsonObject, PlannedResponse


class ApiError(Exception):
    """A refusal, in the API's own envelope.

    Args:
        metadata: `error.metadata`; None leaves the key out.
        extra: Further keys of the `error` object.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        metadata: JsonObject | None = None,
        headers: Mapping[str, str] | None = None,
        extra: JsonObject | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.metadata = metadata
        self.headers = headers or {}
        self.extra = extra or {}

    def response(self) -> PlannedResponse:
        """The answer that carries the refusal."""
        error: JsonObject = {"message": self.message, "code": self.status, **self.extra}
        if self.metadata is not None:
            error["metadata"] = self.metadata
        return PlannedResponse([{"error": error}], self.status, self.headers)
