"""Recordings of every endpoint but chat, through the resource that declares the same route.

A recording finds its method by the route table, and its path, query and body become that method's
arguments by name. The answer must be typed, verbatim in `.raw`, and show every field of the wire.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from typing import Any

from openrouter_core import ApiStatusError, AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.resources import RESOURCES

from . import expected_answers, expected_events
from .cases import one_loop, over
from .reachable import lost
from .recordings import Recording
from .replay_server import ReplayServer, body_of
from .scoreboard import counts

SYNC, ASYNC = "core sync", "core async"
FEATURE = "other endpoints"
over_others = over(lambda r: not r.is_chat)


def methods(client: Any) -> Iterator[tuple[Any, Any]]:
    """Every method of every resource, with its route."""
    for resource in (getattr(client, group) for group in RESOURCES):
        for name in dir(type(resource)):
            route = getattr(getattr(type(resource), name, None), "route", None)
            if route is not None:
                yield route, getattr(resource, name)


def call(client: Any, recording: Recording) -> Any:
    """Call the method that declares the recording's route, with the recorded arguments."""
    for route, method in methods(client):
        found = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", route.path), recording.path)
        streams = route.answers == "sse"
        if found and route.method == recording.method and streams == recording.wants_stream:
            return method(*found.groups(), **arguments(recording, method, given=found.groups()))
    raise AssertionError(f"no resource declares {recording.method} {recording.path}")


def arguments(recording: Recording, method: Any, *, given: Sequence[str]) -> dict[str, Any]:
    """Query and body as keyword arguments; what an excerpt left out is made up."""
    body = {k: v for k, v in recording.request.items() if k != "stream"}
    named = list(inspect.signature(method).parameters.values())[len(given) :]
    required = {
        p.name: "made up" for p in named if p.default is p.empty and p.kind is not p.VAR_KEYWORD
    }
    return {**required, **recording.query, **body}


def _settings(server: ReplayServer, column: str, recording: Recording) -> dict[str, Any]:
    base_url = server.base_url(column, recording)
    return {"api_key": "sk-or-test", "base_url": base_url, "max_retries": 0}


@over_others
@counts(SYNC, FEATURE)
def test_other_endpoint_is_typed_and_complete(server: ReplayServer, recording: Recording) -> None:
    client = OpenRouterClient(**_settings(server, SYNC, recording))
    try:
        answer = call(client, recording)
        if recording.is_streamed:
            answer = (list(answer), answer.so_far.result())
    except ApiStatusError as error:
        answer = error

    problems = judge(recording, answer)
    assert not problems, "\n".join(problems)


@over_others
@counts(ASYNC, FEATURE)
@one_loop
async def test_other_endpoint_is_typed_and_complete_async(
    server: ReplayServer, recording: Recording
) -> None:
    client = AsyncOpenRouterClient(**_settings(server, ASYNC, recording))
    try:
        answer = call(client, recording)
        if recording.is_streamed:
            answer = ([event async for event in answer], answer.so_far.result())
        else:
            answer = await answer
    except ApiStatusError as error:
        answer = error

    problems = judge(recording, answer)
    assert not problems, "\n".join(problems)


def judge(recording: Recording, answer: Any) -> list[str]:
    if recording.status >= 400:
        same = isinstance(answer, ApiStatusError) and answer.raw == recording.body
        return [] if same else [f"  expected the typed error, got {answer!r}"]
    if isinstance(answer, ApiStatusError):
        return [f"  {answer!r}"]
    if recording.is_streamed:
        return _lost_events(expected_answers.events(recording.sse or ""), *answer)
    if "_binary_base64" in recording.body:
        return [] if _bytes_of(answer) == body_of(recording) else ["  the bytes differ"]
    return _lost_fields(recording.body, answer)


def _lost_events(wire: list[Any], shown: list[Any], added_up: dict[str, Any]) -> list[str]:
    return [f"  {p}" for p in lost(wire, shown)] + expected_events.problems_of(wire, added_up)


def _bytes_of(answer: Any) -> bytes:
    return answer if isinstance(answer, bytes) else answer.content


def _lost_fields(wire: Any, answer: Any) -> list[str]:
    raw = getattr(answer, "raw", answer)
    problems = [] if raw == wire else ["  .raw is not the JSON as received"]
    inner = wire["data"] if set(wire) == {"data"} and isinstance(wire["data"], dict) else wire
    return problems + [f"  {problem}" for problem in lost(inner, answer)]
