"""What the events of the Responses, Messages, image and completion streams add up to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openrouter_core import (
    AsyncOpenRouterClient,
    MidStreamError,
    OpenRouterClient,
    RateLimitError,
    StreamInterruptedError,
)
from openrouter_core.streaming.completions import CompletionSoFar
from openrouter_core.streaming.images import ImagesSoFar
from openrouter_core.streaming.messages import MessageSoFar
from openrouter_core.streaming.responses import ResponseSoFar
from openrouter_core.streaming.state import EventState
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
            ResponseSoFar(),
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
        state = _fed(ResponseSoFar(), TEXT, {"type": "response.completed", "response": final})

        state.finish()
        assert state.output == [{"type": "message"}]
        assert state.summary["usage"] == {"cost": 0.1}
        assert state.result()["id"] == "gen-1"

    def test_text_without_items_is_a_message(self):
        state = _fed(ResponseSoFar(), {k: v for k, v in TEXT.items() if k != "output_index"}, ENDED)

        assert state.result()["output"][0]["content"][0]["text"] == "Hel"

    def test_an_event_of_tomorrow_passes_through(self):
        assert _fed(ResponseSoFar(), {"type": "response.of_tomorrow", "x": [1]}).text == ""

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
        state = _fed(ResponseSoFar(), TEXT)

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
            MessageSoFar(),
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
            MessageSoFar(),
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
            MessageSoFar(),
            _block(0, {"type": "tool_use", "id": "t", "name": "f", "input": {}}),
            _delta(0, {"type": "input_json_delta", "partial_json": '{"a":'}),
        )

        assert state.content[0]["partial_json"] == '{"a":'

    def test_an_unknown_delta_is_kept_on_its_block(self):
        state = _fed(MessageSoFar(), _block(0, {"type": "x"}), _delta(0, {"type": "y", "z": 1}))

        assert state.content == [{"type": "x", "z": 1}]

    def test_a_failure_raises_with_the_text_so_far(self):
        state = _fed(
            MessageSoFar(),
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
            ImagesSoFar(),
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
            ImagesSoFar().feed(json.dumps(event).encode())


class TestCompletions:
    def test_texts_are_joined_by_choice(self):
        state = _fed(
            CompletionSoFar(),
            {"id": "gen-1", "choices": [{"index": 0, "text": "Hel"}, {"index": 1, "text": "x"}]},
            {"id": "gen-1", "choices": [{"index": 0, "text": "lo", "finish_reason": "stop"}]},
            {"id": "gen-1", "choices": [], "usage": {"cost": 0.1}},
        )

        state.finish()
        whole = state.result()
        assert [choice["text"] for choice in whole["choices"]] == ["Hello", "x"]
        assert whole["choices"][0]["finish_reason"] == "stop"
        assert state.summary == {"id": "gen-1", "usage": {"cost": 0.1}}


STATES: list[type[EventState]] = [ResponseSoFar, MessageSoFar, ImagesSoFar, CompletionSoFar]


@pytest.mark.parametrize("state", STATES)
def test_a_stream_never_ends_in_silence(state: type[EventState]):
    with pytest.raises(StreamInterruptedError, match="ended before"):
        state().finish()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("payload", [b"{broken", b"[1]"])
def test_an_event_that_cannot_be_read_is_an_error(state: type[EventState], payload: bytes):
    with pytest.raises(StreamInterruptedError, match="JSON"):
        state().feed(payload)


@pytest.mark.parametrize("state", STATES)
def test_an_event_of_tomorrow_changes_nothing(state: type[EventState]):
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
