"""Chunks of a stream to LangChain chunks. Pure but for what it remembers of one stream.

Each chunk gives only what grows: text, reasoning text, pieces of tool calls. Everything else comes on
the last chunk, from the reply that the stream adds up to, for LangChain joins strings and fails on
numbers that come twice. So the sum of the chunks equals the message of a call that is not streamed.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from langchain_core.messages import AIMessageChunk, InvalidToolCall
from langchain_core.messages.tool import ToolCallChunk, invalid_tool_call
from langchain_core.messages.tool import tool_call_chunk as call_piece
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.utils.json import parse_partial_json

from langchain_openrouter._response.message import PROVIDER, Reply, read
from langchain_openrouter._response.stream_sums import BrokenCallChunk, StreamedGeneration
from openrouter_core import ChatAccumulator, ReplyInfo
from openrouter_core._fast import copy_unchecked
from openrouter_core.chat.reply import ReplyReader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openrouter_core.streaming.choice import Choice
    from openrouter_core.streaming.tool_calls import CallPiece

_TEMPLATE = AIMessageChunk(content="")


class ChunkConverter:
    """Converts one stream. It reads what the stream's accumulator says is new."""

    _constant: ClassVar[dict[str, Any]] = {"model_provider": PROVIDER}
    """Metadata of every chunk; LangChain keeps equal values of these names once."""

    _shows_details: ClassVar[bool] = False
    """Whether a chunk that only carries reasoning details is shown at once."""
    _marks_broken: ClassVar[bool] = True
    """Whether arguments that are no JSON must be kept from being repaired."""

    chunk_type: type[ChatGenerationChunk] = StreamedGeneration
    """What the chunks are; another type may add up to more."""

    shows_usage: bool = True
    """Whether the last chunk carries the usage."""

    def __init__(self) -> None:
        self._id: str | None = None
        self._generation_id: str | None = None
        self._first = True
        self._reasoned = False

    def open(self, so_far: ChatAccumulator, http: ReplyInfo, reader: ReplyReader) -> None:
        """Learn what is to be converted, before the first chunk."""
        self._so_far = so_far
        self._new = so_far.first
        self._http = http
        self._reader = reader
        self._filter = reader.text_filter() if reader.parse_text_tool_calls else None
        self._id = self._generation_id = http.generation_id

    def read(self) -> ChatGenerationChunk | None:
        """Return what the latest chunk adds; None when it adds nothing that is shown at once."""
        new = self._new
        text = new.new_text
        if self._filter is not None and text:
            text = self._filter.show(text)
        calls = new.new_calls
        if not (text or new.new_reasoning or calls or (self._shows_details and new.new_details)):
            return None
        if self._first:
            self._id = self._so_far.id or self._id
        message = self._message(text, new, _pieces(calls) if calls else [])
        if self._first or not isinstance(message.content, str):
            self._first = False
            return self.chunk_type(message=message)
        return copy_unchecked(
            _blank(self.chunk_type), {"message": message, "text": message.content}
        )

    def last(self) -> ChatGenerationChunk:
        """Return the chunk that ends the stream, with everything that was held back."""
        body = self._reader.read(self._so_far.result(), generation_id=self._generation_id)
        reply = read(
            body,
            body["choices"][0],
            generation_id=self._generation_id,
            attempts=self._http.attempts,
            headers=self._http.headers,
        )
        extra = dict(reply.additional_kwargs)
        if self._reasoned:
            extra.pop("reasoning_content", None)
            if self._new.new_reasoning:
                extra["reasoning_content"] = self._new.new_reasoning
        metadata = dict(reply.response_metadata)
        if not self._first:
            metadata = {k: v for k, v in metadata.items() if k not in {"id", "generation_id"}}
        pieces = self._held_calls(reply)
        is_broken = reply.invalid_tool_calls and self._marks_broken
        message = (BrokenCallChunk if is_broken else AIMessageChunk)(
            content=self._closing(reply, pieces),
            additional_kwargs=extra,
            response_metadata={**metadata, **self._constant},
            usage_metadata=reply.usage_metadata if self.shows_usage else None,
            tool_call_chunks=pieces,
            id=self._id or reply.id,
            chunk_position="last" if self._first and self._marks_broken else None,
        )
        # Where it is not all there is, LangChain would take its pieces for whole calls above.
        message.chunk_position = "last"
        info = {"finish_reason": reply.finish_reason}
        return self.chunk_type(message=message, generation_info=info)

    # ------------------------------------------------------------------------ messages

    def _message(self, text: str, new: Choice, pieces: list[ToolCallChunk]) -> AIMessageChunk:
        """Make the chunk. Behind the first, where there is nothing to parse, without the constructor, which would parse."""
        extra: dict[str, Any] = {}
        if new.new_reasoning:
            self._reasoned = True
            extra["reasoning_content"] = new.new_reasoning
        metadata = dict(self._constant)
        if self._first and self._id:
            metadata["id"] = self._id
            metadata["generation_id"] = self._generation_id or self._id
        fields: dict[str, Any] = {
            "content": self._content(text, new, pieces),
            "additional_kwargs": extra,
            "response_metadata": metadata,
            "tool_call_chunks": pieces,
            "id": self._id,
        }
        invalid = _as_invalid(pieces) if pieces else []
        if self._first or len(invalid) < len(pieces):
            return AIMessageChunk(**fields)
        fields["invalid_tool_calls"] = invalid
        fields["tool_calls"] = []
        return copy_unchecked(_TEMPLATE, fields)

    def _content(self, text: str, new: Choice, pieces: list[ToolCallChunk]) -> Any:  # noqa: ARG002  # for blocks
        """The content of a chunk: its text."""
        return text

    def _closing(self, reply: Reply, pieces: list[ToolCallChunk]) -> Any:  # noqa: ARG002  # for blocks
        """The content of the last chunk: what was held back, and parts that are not text."""
        held = self._held_text()
        if isinstance(reply.content, str):
            return held
        parts = [p for p in reply.content if isinstance(p, str) or p.get("type") != "text"]
        return [held, *parts] if held else parts

    def _held_text(self) -> str:
        """Text that was not shown: half a character at the end, or what might have been a call."""
        text = self._new.new_text
        if self._filter is None:
            return text
        return self._filter.show(text) + self._filter.rest(self._reader.tools)

    # ------------------------------------------------------------------------ tool calls

    def _held_calls(self, reply: Reply) -> list[ToolCallChunk]:
        """What the chunks have not shown of the calls, and an end for arguments that are broken.

        LangChain repairs cut-off arguments and would call the tool with them; a closing bracket that
        does not match makes it file the call under `invalid_tool_calls`, as it is for `invoke`.
        """
        raw_calls: list[dict[str, Any]] = reply.additional_kwargs.get("raw_tool_calls", [])
        held = {piece.position: piece for piece in self._new.tool_calls.rest(self._so_far.id)}
        if len(self._new.tool_calls) < len(raw_calls):
            return [_whole_piece(at, call) for at, call in enumerate(raw_calls)]
        broken = {call["id"] for call in reply.invalid_tool_calls} if self._marks_broken else set()
        pieces: list[ToolCallChunk] = []
        for at, call in enumerate(raw_calls):
            piece = held.get(at)
            identity, shown = (piece.id, piece.arguments) if piece else (None, "")
            if call["id"] in broken:
                shown += _unrepairable(call["function"].get("arguments") or "")
            if identity or shown:
                pieces.append(call_piece(args=shown, id=identity, index=at))
        return pieces


def _pieces(calls: Iterable[CallPiece]) -> list[ToolCallChunk]:
    pieces: list[ToolCallChunk] = []
    for position, identity, name, text in calls:
        pieces.append(call_piece(name=name, args=text, id=identity, index=position))
    return pieces


def _whole_piece(at: int, call: dict[str, Any]) -> ToolCallChunk:
    """A call that was read out of the text, of which nothing was shown."""
    function = call["function"]
    return call_piece(name=function["name"], args=function["arguments"], id=call["id"], index=at)


@cache
def _blank(kind: type[ChatGenerationChunk]) -> ChatGenerationChunk:
    return kind(message=_TEMPLATE)


def _as_invalid(pieces: list[ToolCallChunk]) -> list[InvalidToolCall]:
    """What LangChain makes of middle pieces, without its 100 µs of JSON repair each.

    A middle piece is text that begins no object: LangChain can only take it for invalid. The others are
    left out.
    """
    invalid: list[InvalidToolCall] = []
    for piece in pieces:
        args = piece["args"]
        if args and args.lstrip()[:1] != "{":
            invalid.append(invalid_tool_call(name=piece["name"], args=args, id=piece["id"]))
    return invalid


def _unrepairable(arguments: str) -> str:
    """The shortest ending with which LangChain's JSON repair gives up."""
    return next(e for e in ("", "]", '"]', '""]') if not _is_repaired(arguments + e))


def _is_repaired(arguments: str) -> bool:
    try:
        return isinstance(parse_partial_json(arguments), dict)
    except ValueError:
        return False
