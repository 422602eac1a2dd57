"""A request as it arrived, and as a handler gets it. Values only."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from openrouter_core._call import Route
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.planned_response import JsonObject

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from openrouter_emulator.state.records import KeyRecord
    from openrouter_emulator.state.state import State


@dataclass(slots=True)
class RecordedRequest:
    """A request as it arrived."""

    method: str
    path: str
    """Without the base, e.g. "/chat/completions"."""
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    content: bytes = field(repr=False)
    json: Any = None
    """The parsed body; None when there was none or it is not JSON."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __reduce__(self) -> tuple[Any, ...]:
        """What a pickle holds: no headers, for the key is among them."""
        values = {f.name: getattr(self, f.name) for f in fields(self)} | {"headers": {}}
        return type(self), tuple(values.values())


@dataclass(slots=True)
class HandlerRequest:
    """One request on its way to a handler."""

    state: State
    route: Route
    received: RecordedRequest
    path: Mapping[str, str]
    """Path parameters."""
    key: KeyRecord | None
    """The key that asks; None on public endpoints."""
    form: FormData | None = None
    """The fields and files of a form."""
    in_batch: bool = False
    """Whether this is one request of a batch."""

    @property
    def request(self) -> RecordedRequest:
        """The name of `received` in 0.1."""
        message = "HandlerRequest.request is now called received."
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return self.received

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; names in lower case."""
        return self.received.headers

    @property
    def query(self) -> Mapping[str, str]:
        return self.received.query

    @property
    def body(self) -> JsonObject:
        """The JSON object that was sent; 400 when it is missing or something else."""
        if not isinstance(self.received.json, dict):
            raise ApiError(400, "The request body must be a JSON object.")
        return self.received.json

    @property
    def origin(self) -> str:
        """The address that the client called, e.g. "http://127.0.0.1:8642"."""
        return f"http://{self.received.headers.get('host', '127.0.0.1')}"

    @property
    def caller(self) -> KeyRecord:
        """The key that asks, where the endpoint demands one."""
        assert self.key is not None
        return self.key
