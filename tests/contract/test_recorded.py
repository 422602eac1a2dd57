"""Recorded answers of every endpoint but chat come through typed and without loss."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import BaseModel

from openrouter_core import ReplyInfo
from openrouter_core.streaming.messages import MessageAccumulator
from openrouter_core.streaming.reader import SseDecoder
from openrouter_core.streaming.responses import ResponseAccumulator
from openrouter_core.wire._base import read
from tests.traffic.recordings import ABSENT, Recording, load_all

from . import samples
from .declared import Declared, declared

_BASES = {"v1": "/api/v1", "root": ""}


def _endpoint(recording: Recording) -> Declared | None:
    path = urlsplit(recording.url).path
    fitting = [
        one
        for one in declared()
        if one.route.method == recording.method
        and not one.streams
        and re.fullmatch(_BASES[one.route.base] + re.sub(r"\{\w+\}", "[^/]+", one.route.path), path)
    ]
    return min(fitting, key=lambda one: one.route.path.count("{"), default=None)


OTHERS = [one for one in load_all() if not one.is_chat]
ANSWERS = [
    one
    for one in OTHERS
    if one.status < 300 and isinstance(one.body, dict) and "_binary_base64" not in one.body
]
STREAMS = [one for one in OTHERS if one.sse is not None]
needs_recordings = pytest.mark.skipif(not OTHERS, reason=ABSENT)


@needs_recordings
@pytest.mark.parametrize("recording", OTHERS, ids=lambda recording: recording.id)
def test_a_recorded_call_has_an_endpoint(recording: Recording):
    assert _endpoint(recording) is not None


def _lost(value: Any, wire: Any, path: str = "") -> list[str]:
    """What the JSON says and the object does not."""
    if isinstance(value, BaseModel) and isinstance(wire, dict):
        names = {item.alias or name: name for name, item in type(value).model_fields.items()}
        return [
            lost
            for key, inner in wire.items()
            for lost in _lost(getattr(value, names.get(key, key), None), inner, f"{path}.{key}")
        ]
    if isinstance(value, list) and isinstance(wire, list) and len(value) == len(wire):
        pairs = enumerate(zip(value, wire, strict=True))
        return [lost for at, (a, b) in pairs for lost in _lost(a, b, f"{path}[{at}]")]
    return [path] if value is None and wire is not None else []


@needs_recordings
@pytest.mark.parametrize("recording", ANSWERS, ids=lambda recording: recording.id)
def test_a_recorded_answer_is_read_without_loss(recording: Recording):
    one = _endpoint(recording)
    assert one is not None
    call = one.endpoint.describe(None, **samples.arguments(one))

    value = read(call.into, recording.body, ReplyInfo(), envelope=call.envelope)

    inner = recording.body[call.envelope] if call.envelope else recording.body
    assert _lost(value, inner) == []
    assert value.raw == recording.body


@needs_recordings
@pytest.mark.parametrize("recording", STREAMS, ids=lambda recording: recording.id)
def test_a_recorded_stream_is_read_to_its_end(recording: Recording):
    state = MessageAccumulator() if recording.path == "/messages" else ResponseAccumulator()
    decoder = SseDecoder()
    payloads = [*decoder.feed((recording.sse or "").encode()), *decoder.flush()]

    events = [state.feed(payload) for payload in payloads]

    assert events == [json.loads(payload) for payload in payloads]
    state.finish()
    assert state.summary["id"]
    assert state.summary["usage"]
    assert state.result().get("output") or state.result().get("content")


@needs_recordings
def test_the_text_of_a_recorded_responses_stream_is_that_of_its_final_snapshot():
    compared = 0
    for recording in STREAMS:
        state, decoder = ResponseAccumulator(), SseDecoder()
        for payload in [*decoder.feed((recording.sse or "").encode()), *decoder.flush()]:
            state.feed(payload)
        parts = [
            part["text"]
            for item in state.response.get("output") or ()
            if item.get("type") == "message"
            for part in item["content"]
            if part.get("type") == "output_text"
        ]
        if parts:
            compared += 1
            assert state.text == "".join(parts), recording.id

    assert compared > 3
