"""What chunks of a stream add up to where LangChain's own sum says less than `invoke`: broken calls.

LangChain parses the arguments of a sum anew, repairs what was cut off, and files what it cannot repair
without a reason. The last chunk holds the calls as they came, so a sum with it can say what is wrong.
"""

from __future__ import annotations

from typing import Any, Self, cast

from langchain_core.messages import AIMessageChunk, BaseMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from typing_extensions import override

from langchain_openrouter._response.message import invalid_call_block, parse_calls


class BrokenCallChunk(AIMessageChunk):
    """The last chunk of a stream with a call that must not be run. A sum with it is a plain chunk.

    Python asks the right operand first when its class derives from the left one's and has `__radd__`.
    """

    @classmethod
    def lc_id(cls) -> list[str]:
        """The id under which LangChain stores and loads the plain class."""
        return AIMessageChunk.lc_id()

    def __radd__(self, left: AIMessageChunk) -> BaseMessageChunk:  # type: ignore[misc]  # is meant to win
        whole = left.__add__(self)
        complete_invalid_calls(whole)
        return whole


class StreamedGeneration(ChatGenerationChunk):
    """A chunk as LangChain's `stream` and `invoke` add them up."""

    @override
    def __add__(self, other: ChatGenerationChunk | list[ChatGenerationChunk]) -> Self:
        whole = ChatGenerationChunk.__add__(self, other)
        complete_invalid_calls(whole.message)
        return type(self)(message=whole.message, generation_info=whole.generation_info)


def complete_invalid_calls(message: BaseMessageChunk) -> None:
    """Put the reasons and the original arguments into the invalid calls of a sum."""
    raw_calls = message.additional_kwargs.get("raw_tool_calls")
    if not raw_calls or not isinstance(message, AIMessageChunk) or not message.invalid_tool_calls:
        return
    message.invalid_tool_calls = parse_calls(raw_calls)[1]
    if isinstance(message.content, list):
        blocks = {call["id"]: invalid_call_block(call) for call in message.invalid_tool_calls}
        content = cast("list[Any]", message.content)
        message.content = [_completed(block, blocks) for block in content]


def _completed(block: Any, blocks: dict[str | None, dict[str, Any]]) -> Any:
    is_piece = isinstance(block, dict) and block.get("type") == "tool_call_chunk"
    return blocks.get(cast("dict[str, Any]", block).get("id"), block) if is_piece else block
