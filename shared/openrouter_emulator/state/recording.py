"""Recorded exchanges and which of them answers a request. Values only; `recording_files` reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from openrouter_emulator.planned_response import PlannedResponse
from openrouter_emulator.requests import RecordedRequest


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as they were recorded."""

    method: str
    path: str
    """Without the base, e.g. "/chat/completions"."""
    body: Any
    """The JSON of the request; None where it had none."""
    status: int
    content: bytes = field(repr=False)
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def is_streamed(self) -> bool:
        """Whether the answer was, or would have been, a stream of events."""
        wants_stream = isinstance(self.body, dict) and self.body.get("stream") is True
        return wants_stream or self.content_type.startswith("text/event-stream")

    def planned(self, *, gap_s: float, tokens_per_s: float) -> PlannedResponse:
        """The answer once more."""
        streamed = self.content_type.startswith("text/event-stream")
        parts = [self.content]
        if streamed:
            parts = [frame + b"\n\n" for frame in self.content.split(b"\n\n") if frame.strip()]
        return PlannedResponse(
            parts,
            self.status,
            self.headers,
            streamed=streamed,
            content_type=self.content_type,
            gap_s=gap_s if streamed else 0.0,
            tokens_per_s=tokens_per_s if streamed else 0.0,
        )


class Recording:
    """The exchanges of a file.

    Args:
        match: "order" for the next of its method and path, "body" for equal bodies only.
        times: How often each is played; None for ever, in turn.
    """

    def __init__(
        self,
        exchanges: Sequence[Exchange],
        match: Literal["order", "body"] = "order",
        times: int | None = 1,
    ) -> None:
        self.exchanges = exchanges
        self._match = match
        self._times = times
        self._played = [0] * len(exchanges)

    @property
    def unused(self) -> list[Exchange]:
        """What nothing has asked for yet."""
        return [e for e, played in zip(self.exchanges, self._played, strict=True) if not played]

    def take(self, request: RecordedRequest) -> Exchange | None:
        """The exchange that answers a request: of those that fit the first of the least played."""
        fitting = [
            (self._played[at], at)
            for at, exchange in enumerate(self.exchanges)
            if self._times is None or self._played[at] < self._times
            if self._fits(exchange, request)
        ]
        if not fitting:
            return None
        _, at = min(fitting)
        self._played[at] += 1
        return self.exchanges[at]

    def _fits(self, exchange: Exchange, request: RecordedRequest) -> bool:
        if (exchange.method, exchange.path) != (request.method, request.path):
            return False
        if self._match == "body":
            return bool(exchange.body == request.json)
        streams = isinstance(request.json, dict) and request.json.get("stream") is True
        return exchange.is_streamed == streams
