"""Every streamed recording with `output_version="v1"`: what the chunks add up to is what `invoke` gives."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, message_chunk_to_message

from . import as_langchain
from .cases import one_loop, over_streamed_answers
from .recordings import Recording
from .replay_server import ReplayServer
from .test_langchain import chat_model, options

SYNC, ASYNC = "LangChain v1 sync", "LangChain v1 async"


def plain(block: Any) -> str:
    """A block without its place in a stream, comparable whatever the order of its keys."""
    return str(sorted((k, v) for k, v in block.items() if k != "index"))


def blocks(message: AIMessage) -> list[str]:
    return sorted(map(plain, message.content_blocks))


def added_up(chunks: list[AIMessageChunk]) -> AIMessage:
    """Chunk by chunk, as users add them."""
    total = chunks[0]
    for chunk in chunks[1:]:
        total = total + chunk
    message = message_chunk_to_message(total)
    assert isinstance(message, AIMessage)
    return message


def whole(server: ReplayServer, column: str, recording: Recording) -> AIMessage:
    """The same answer as one message, of LangChain's first version, and then its blocks."""
    model = chat_model(server, column, recording, streaming=True)
    return model.invoke(as_langchain.messages(recording.messages), **options(recording))


@over_streamed_answers
def test_a_v1_stream_holds_every_block_once(server: ReplayServer, recording: Recording) -> None:
    model = chat_model(server, SYNC, recording, output_version="v1")
    history = as_langchain.messages(recording.messages)

    message = added_up(list(model.stream(history, **options(recording))))

    assert message.response_metadata["output_version"] == "v1"
    assert blocks(message) == blocks(whole(server, SYNC, recording))


@over_streamed_answers
@one_loop
async def test_a_v1_stream_holds_every_block_once_async(
    server: ReplayServer, recording: Recording
) -> None:
    model = chat_model(server, ASYNC, recording, output_version="v1")
    history = as_langchain.messages(recording.messages)

    message = added_up([chunk async for chunk in model.astream(history, **options(recording))])

    assert blocks(message) == blocks(whole(server, ASYNC, recording))


@over_streamed_answers
def test_invoke_that_streams_gives_the_same_v1_message(
    server: ReplayServer, recording: Recording
) -> None:
    """As agents call it: LangChain adds the chunks up itself."""
    model = chat_model(server, SYNC, recording, output_version="v1", streaming=True)

    message = model.invoke(as_langchain.messages(recording.messages), **options(recording))

    assert blocks(message) == blocks(whole(server, SYNC, recording))
