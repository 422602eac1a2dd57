"""What the events of the Responses, Messages, image and completion streams add up to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from openrouter_core import (
    AsyncOpenRouterClient,
    MidStreamError,
    OpenRouterClient,
    RateLimitError,
    StreamInterruptedError,
)
from openrouter_core.streaming.accumulator import Accumulator
from openrouter_core.streaming.completions import CompletionAccumulator
from openrouter_core.streaming.images import ImageAccumulator
from openrouter_core.streaming.messages import MessageAccumulator
from openrouter_core.streaming.raw import RawAccumulator
from openrouter_core.streaming.responses import ResponseAccumulator
from tests.openrouter_core.wire_server import reply, sse


def _fed(state: Any, *events: dict[str, Any]) -> Any:
    for event in events:
        assert state.feed(json.dumps(event).encode()) == event
    return state


TEXT = {"type": "response.output_text.delta", "output_index": 1, "item_id": "m", "delta": "Hel"}
ENDED = {
    "type": "response.completed",
    "response": {"id": "gen-1", "status": "completed", "usage": {"cost": 0.1}},
}


class TestResponses:
    def test_text_and_items_come_together_in_the_order_of_the_output(self):
        message = {"type": "message", "id": "m", "content": []}
        state = _fed(
            ResponseAccumulator(),
            {"type": "response.created", "response": {"id": "gen-1", "model": "a/b"}},
            {"type": "response.output_item.added", "output_index": 1, "item": message},
            TEXT,
            {"type": "response.output_item.done", "output_index": 0, "item": {"type": "reasoning"}},
            {**TEXT, "delta": "lo"},
        )

        assert state.text == "Hello"
        assert [item["type"] for item in state.output] == ["reasoning", "message"]
        assert state.output[1]["content"][0]["text"] == "Hello"
        assert not state.is_complete

    def test_the_final_snapshot_has_the_last_word(self):
        final = {"id": "gen-1", "output": [{"type": "message"}], "usage": {"cost": 0.1}}
        state = _fed(ResponseAccumulator(), TEXT, {"type": "response.completed", "response": final})

        state.finish()
        assert state.output == [{"type": "message"}]
        assert state.summary["usage"] == {"cost": 0.1}
        assert state.result()["id"] == "gen-1"

    def test_text_without_items_is_a_message(self):
        state = _fed(
            ResponseAccumulator(), {k: v for k, v in TEXT.items() if k != "output_index"}, ENDED
        )

        assert state.result()["output"][0]["content"][0]["text"] == "Hel"

    def test_an_event_of_tomorrow_passes_through(self):
        assert _fed(ResponseAccumulator(), {"type": "response.of_tomorrow", "x": [1]}).text == ""

    @pytest.mark.parametrize(
        "event",
        [
            {"type": "error", "code": "rate_limit_exceeded", "message": "slow", "param": None},
            {"type": "error", "error": {"code": 429, "message": "slow"}},
            {"type": "response.error", "error": {"code": 429, "message": "slow"}},
            {"error": {"code": 429, "message": "slow"}},
            {
                "type": "response.failed",
                "response": {"error": {"code": "rate_limit_exceeded", "message": "slow"}},
            },
        ],
        ids=["flat", "nested", "documented", "bare", "failed"],
    )
    def test_a_failure_raises_with_the_text_so_far(self, event: dict[str, Any]):
        state = _fed(ResponseAccumulator(), TEXT)

        with pytest.raises(MidStreamError) as caught:
            state.feed(json.dumps(event).encode())

        assert isinstance(caught.value.cause_error, RateLimitError)
        assert caught.value.partial_text == "Hel"

    def test_a_reply_that_was_not_streamed_is_the_last_event(self, serve):
        whole = {"id": "gen-1", "output": [], "status": "completed"}
        server = serve(reply(whole))
        client = OpenRouterClient("k", base_url=server.base_url)

        events = list(client.responses.stream("Hi", model="a/b"))

        assert events == [{"type": "response.completed", "response": whole}]


class TestMessages:
    START = {"type": "message_start", "message": {"id": "gen-1", "model": "a/b", "usage": {}}}

    def test_blocks_are_put_together_by_index(self):
        state = _fed(
            MessageAccumulator(),
            self.START,
            _block(0, {"type": "thinking", "thinking": "", "signature": ""}),
            _delta(0, {"type": "thinking_delta", "thinking": "Hm"}),
            _delta(0, {"type": "signature_delta", "signature": "sig"}),
            _block(1, {"type": "text", "text": "", "citations": None}),
            _delta(1, {"type": "text_delta", "text": "Hello"}),
            _delta(1, {"type": "citations_delta", "citation": {"url": "u"}}),
            _block(2, {"type": "tool_use", "id": "t", "name": "f", "input": {}}),
            _delta(2, {"type": "input_json_delta", "partial_json": '{"a":'}),
            _delta(2, {"type": "input_json_delta", "partial_json": " 1}"}),
        )

        assert state.content == [
            {"type": "thinking", "thinking": "Hm", "signature": "sig"},
            {"type": "text", "text": "Hello", "citations": [{"url": "u"}]},
            {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
        ]
        assert state.text == "Hello"

    def test_the_end_brings_the_stop_reason_and_the_cost(self):
        state = _fed(
            MessageAccumulator(),
            {**self.START, "message": {"id": "gen-1", "usage": {"input_tokens": 5}}},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn"},
                "usage": {"input_tokens": None, "output_tokens": 7, "cost": 0.1},
            },
            {"type": "message_stop", "openrouter_metadata": {"x": 1}},
        )

        state.finish()
        whole = state.result()
        assert whole["stop_reason"] == "end_turn"
        assert whole["usage"] == {"input_tokens": 5, "output_tokens": 7, "cost": 0.1}
        assert whole["openrouter_metadata"] == {"x": 1}

    def test_arguments_that_were_cut_off_stay_text(self):
        state = _fed(
            MessageAccumulator(),
            _block(0, {"type": "tool_use", "id": "t", "name": "f", "input": {}}),
            _delta(0, {"type": "input_json_delta", "partial_json": '{"a":'}),
        )

        assert state.content[0]["partial_json"] == '{"a":'

    def test_an_unknown_delta_is_kept_on_its_block(self):
        state = _fed(
            MessageAccumulator(), _block(0, {"type": "x"}), _delta(0, {"type": "y", "z": 1})
        )

        assert state.content == [{"type": "x", "z": 1}]

    def test_a_failure_raises_with_the_text_so_far(self):
        state = _fed(
            MessageAccumulator(),
            self.START,
            _block(0, {"type": "text", "text": ""}),
            _delta(0, {"type": "text_delta", "text": "Hel"}),
        )
        error = {"type": "overloaded_error", "message": "busy"}

        with pytest.raises(MidStreamError, match="busy") as caught:
            state.feed(json.dumps({"type": "error", "error": error}).encode())

        assert (caught.value.partial_text, caught.value.generation_id) == ("Hel", "gen-1")

    def test_a_reply_that_was_not_streamed_is_the_last_event(self, serve):
        whole = {"id": "gen-1", "type": "message", "content": [{"type": "text", "text": "Hi"}]}
        server = serve(reply(whole))
        client = OpenRouterClient("k", base_url=server.base_url)

        stream = client.messages.stream([{"role": "user", "content": "Hi"}], model="a/b")

        assert list(stream) == [whole]
        assert stream.so_far.text == "Hi"


def _block(index: int, block: dict[str, Any]) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def _delta(index: int, delta: dict[str, Any]) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


class TestImages:
    DONE = {"type": "image_generation.completed", "b64_json": "AAAA", "media_type": "image/png"}

    def test_previews_texts_and_images_are_kept_apart(self):
        preview = {"type": "image_generation.partial_image", "b64_json": "BBBB"}
        text = {"type": "image_generation.text_chunk", "phase": "content", "text": "Look"}
        state = _fed(
            ImageAccumulator(),
            preview,
            text,
            {**text, "phase": "reasoning", "text": "hm"},
            {**self.DONE, "created": 5, "usage": {"cost": 0.1}},
        )

        state.finish()
        assert state.partial_image == "BBBB"
        assert state.text == "Look"
        assert state.result() == {
            "created": 5,
            "data": [{"b64_json": "AAAA", "media_type": "image/png"}],
            "usage": {"cost": 0.1},
        }

    def test_a_provider_that_does_not_stream_answers_once(self, serve):
        whole = {"created": 1, "data": [{"b64_json": "AAAA"}], "usage": {"cost": 0.1}}
        server = serve(reply(whole))
        client = OpenRouterClient("k", base_url=server.base_url)

        stream = client.images.stream("A cat", model="a/b")

        assert list(stream) == [{"type": "image_generation.whole_reply", **whole}]
        assert stream.so_far.images == whole["data"]

    def test_a_failure_raises(self):
        event = {"type": "error", "error": {"message": "no cat", "code": "x"}}

        with pytest.raises(MidStreamError, match="no cat"):
            ImageAccumulator().feed(json.dumps(event).encode())


class TestCompletions:
    def test_texts_are_joined_by_choice(self):
        state = _fed(
            CompletionAccumulator(),
            {"id": "gen-1", "choices": [{"index": 0, "text": "Hel"}, {"index": 1, "text": "x"}]},
            {"id": "gen-1", "choices": [{"index": 0, "text": "lo", "finish_reason": "stop"}]},
            {"id": "gen-1", "choices": [], "usage": {"cost": 0.1}},
        )

        state.finish()
        whole = state.result()
        assert [choice["text"] for choice in whole["choices"]] == ["Hello", "x"]
        assert whole["choices"][0]["finish_reason"] == "stop"
        ends = [{"index": 0, "finish_reason": "stop"}]
        assert state.summary == {"id": "gen-1", "usage": {"cost": 0.1}, "choices": ends}


STATES: list[type[Accumulator]] = [
    ResponseAccumulator,
    MessageAccumulator,
    ImageAccumulator,
    CompletionAccumulator,
]


@pytest.mark.parametrize("state", STATES)
def test_a_stream_never_ends_in_silence(state: type[Accumulator]):
    with pytest.raises(StreamInterruptedError, match="ended before"):
        state().finish()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("payload", [b"{broken", b"[1]"])
def test_an_event_that_cannot_be_read_is_an_error(state: type[Accumulator], payload: bytes):
    with pytest.raises(StreamInterruptedError, match="JSON"):
        state().feed(payload)


@pytest.mark.parametrize("state", STATES)
def test_an_event_of_tomorrow_changes_nothing(state: type[Accumulator]):
    event = {"type": "of.tomorrow", "deep": {"a": [None]}}

    assert state().feed(json.dumps(event).encode()) == event


async def test_an_async_stream_is_typed_and_complete(serve):
    server = serve(sse(TEXT, ENDED, "data: [DONE]\n\n"))
    async with AsyncOpenRouterClient("k", base_url=server.base_url) as client:
        stream = client.responses.stream("Hi", model="a/b")
        kinds = [event["type"] async for event in stream]

    assert kinds == ["response.output_text.delta", "response.completed"]
    assert stream.so_far.text == "Hel"
    assert stream.so_far.usage == {"cost": 0.1}


# ---------------------------------------------------------------------------- one guard, one reader

_HALVES = [
    (ResponseAccumulator, [{**TEXT, "delta": "\ud83d"}, {**TEXT, "delta": "\ude00"}]),
    (
        MessageAccumulator,
        [
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}},
            *(
                {
                    "type": "content_block_delta",
                    "index": 0,
                    "delta": {"type": "text_delta", "text": t},
                }
                for t in ("\ud83d", "\ude00")
            ),
        ],
    ),
    (CompletionAccumulator, [{"choices": [{"text": t}]} for t in ("\ud83d", "\ude00")]),
    (
        ImageAccumulator,
        [{"type": "image_generation.text_chunk", "text": t} for t in ("\ud83d", "\ude00")],
    ),
]


@pytest.mark.parametrize(("kind", "events"), _HALVES)
def test_a_character_cut_in_two_is_joined(kind: type[Accumulator], events: list[dict[str, Any]]):
    state = _fed(kind(), *events)

    assert state.partial_text == "\U0001f600"
    json.dumps(state.result(), ensure_ascii=False).encode()


def test_half_a_character_does_not_end_a_raw_stream():
    assert RawAccumulator().feed(b'{"x": "\\ud83d"}') == {"x": "\ud83d"}


_EVENTS = {
    ResponseAccumulator: [
        {"type": "response.output_item.added", "output_index": 0, "item": {"type": "message"}},
        TEXT,
        {**ENDED, "error": None},
    ],
    MessageAccumulator: [
        {"type": "message_start", "message": {"id": "gen-1", "usage": {}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"cost": 0.1}},
        {"type": "message_stop"},
    ],
    CompletionAccumulator: [{"id": "gen-1", "choices": [{"index": 0, "text": "a"}]}],
    ImageAccumulator: [
        {"type": "image_generation.text_chunk", "text": "a", "phase": "content"},
        {"type": "image_generation.completed", "b64_json": "x", "usage": {"cost": 0.1}},
    ],
}
_JUNK = [None, 5, True, "x", [], [1], {}, {"a": [None]}]


def _surprising(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The event with each of its leaves as something that nobody expects."""
    for key, value in event.items():
        for junk in _JUNK:
            yield {**event, key: junk}
        if isinstance(value, dict):
            yield from ({**event, key: inner} for inner in _surprising(value))


@pytest.mark.parametrize(("kind", "events"), _EVENTS.items())
def test_a_surprising_leaf_never_costs_the_answer(
    kind: type[Accumulator], events: list[dict[str, Any]]
):
    """Only what says that it is a failure raises; all that is asked of the answer can be told."""
    for at, event in enumerate(events):
        for strange in _surprising(event):
            state = kind()
            for one in [*events[:at], strange, *events[at + 1 :]]:
                if not one.get("error"):
                    state.feed(json.dumps(one).encode())
            assert isinstance(state.partial_text, str)
            assert isinstance(state.result(), dict)
            assert isinstance(state.summary, dict)


# ---------------------------------------------------------------------------- a cut Responses stream

_CUT = {
    "reasoning_text": ("reasoning", {"content": [{"type": "reasoning_text", "text": "Hello"}]}),
    "reasoning_summary_text": (
        "reasoning",
        {"summary": [{"type": "summary_text", "text": "Hello"}]},
    ),
    "function_call_arguments": ("function_call", {"arguments": "Hello"}),
    "custom_tool_call_input": ("custom_tool_call", {"input": "Hello"}),
    "code_interpreter_call_code": ("code_interpreter_call", {"code": "Hello"}),
    "refusal": ("message", {"content": [{"type": "refusal", "refusal": "Hello"}]}),
    "output_text": (
        "message",
        {"content": [{"type": "output_text", "text": "Hello", "annotations": []}]},
    ),
}


@pytest.mark.parametrize("is_announced", [True, False])
@pytest.mark.parametrize(("name", "expected"), _CUT.items())
def test_a_cut_stream_keeps_what_had_come_of_every_kind(
    name: str, expected: tuple[str, dict[str, Any]], is_announced: bool
):
    kind, fields = expected
    state = ResponseAccumulator()
    if is_announced:
        item = {"type": kind, "id": "i", "name": "f", "content": [], "arguments": ""}
        _fed(state, {"type": "response.output_item.added", "output_index": 0, "item": item})
    for piece in ("Hel", "lo"):
        _fed(state, {"type": f"response.{name}.delta", "output_index": 0, "delta": piece})

    (item,) = state.interrupted("cut").partial["output"]

    assert item["type"] == kind
    assert {key: item[key] for key in fields} == fields
    assert item.get("name") == ("f" if is_announced else None)


@pytest.mark.parametrize("is_streamed", [True, False])
def test_text_that_came_whole_is_the_text(is_streamed: bool):
    content = [{"type": "output_text", "text": "Hello"}, {"type": "refusal", "refusal": "no"}]
    output = [{"type": "reasoning"}, {"type": "message", "content": content}]
    whole = {"id": "gen-1", "output": output, "status": "completed"}
    event = {"type": "response.completed", "response": whole} if is_streamed else whole

    state = ResponseAccumulator()
    state.feed(json.dumps(event).encode())

    assert state.text == state.partial_text == "Hello"


def test_a_whole_item_is_not_filled_twice():
    item = {"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}
    done = {"type": "response.output_item.done", "output_index": 1, "item": item}

    assert _fed(ResponseAccumulator(), TEXT, done).text == "Hello"


# ---------------------------------------------------------------------------- several images

IMAGE = {"type": "image_generation.completed", "b64_json": "x"}


def test_fewer_images_than_asked_for_are_an_interruption():
    state = _fed(ImageAccumulator(3), IMAGE)

    assert not state.is_complete
    with pytest.raises(StreamInterruptedError) as caught:
        state.finish()
    assert len(caught.value.partial["data"]) == 1


def test_the_end_mark_says_that_no_more_images_come():
    state = _fed(ImageAccumulator(3), IMAGE)

    state.finish(is_marked=True)

    assert state.is_complete


@pytest.mark.parametrize("options", [{"n": 3}, {"extra_body": {"n": 3}}])
def test_an_image_stream_that_is_cut_after_the_first_is_an_error(serve, options):
    server = serve(sse(IMAGE))
    client = OpenRouterClient("k", base_url=server.base_url)

    with pytest.raises(StreamInterruptedError):
        list(client.images.stream("A cat", model="a/b", **options))


def test_an_image_stream_with_its_end_mark_is_whole(serve):
    server = serve(sse(IMAGE, "data: [DONE]\n\n"))
    client = OpenRouterClient("k", base_url=server.base_url)

    assert len(list(client.images.stream("A cat", model="a/b", n=3))) == 1
