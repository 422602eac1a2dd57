"""Chunks of a stream to LangChain chunks. Pure but for what it remembers of one stream.

Each chunk gives only what grows: text, reasoning text, pieces of tool calls. Everything else comes on
the last chunk, from the reply that the stream adds up to, for LangChain joins strings and fails on
numbers that come twice. So the sum of the chunks equals the message of a call that is not streamed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from langchain_core.messages import AIMessageChunk, InvalidToolCall
from langchain_core.messages.tool import ToolCallChunk, invalid_tool_call
from langchain_core.messages.tool import tool_call_chunk as call_piece
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.utils.json import parse_partial_json

from langchain_openrouter._response.message import PROVIDER, Reply, call_id, read
from openrouter_core import ChatAccumulator, ReplyInfo, ToolCalls
from openrouter_core._fast import copy_unchecked

if TYPE_CHECKING:
    from openrouter_core import ChatChunk

_TEMPLATE = AIMessageChunk(content="")
_DETAILS = "reasoning_details"
_FOR_NOTHING = frozenset({"null", "[]"})


class Said(NamedTuple):
    """What one chunk adds that is shown at once."""

    text: str
    reasoning: str | None
    delta: dict[str, Any]
    pieces: list[ToolCallChunk]


class Deltas:
    """What must be remembered while one stream is converted."""

    _constant: ClassVar[dict[str, Any]] = {"model_provider": PROVIDER}
    """Metadata of every chunk; LangChain keeps equal values of these names once."""

    _shows_details: ClassVar[bool] = False
    """Whether a chunk that only carries reasoning details is shown at once."""
    _marks_broken: ClassVar[bool] = True
    """Whether arguments that are no JSON must be kept from being repaired."""

    chunk_type: type[ChatGenerationChunk] = ChatGenerationChunk
    """What the chunks are; another type may add up to more."""

    def __init__(self, *, shows_usage: bool = True) -> None:
        self._shows_usage = shows_usage
        self._id: str | None = None
        self._first = True
        self._reasoned = False
        self._calls = ToolCalls()
        self._ids: list[str | None] = []
        self._named: list[bool] = []
        self._generation_id: str | None = None

    def open(self, http: ReplyInfo) -> None:
        """Learn what is known before the first chunk."""
        self._id = self._generation_id = http.generation_id

    def read(self, chunk: ChatChunk) -> ChatGenerationChunk | None:
        """Return what the chunk adds; None when it adds nothing that is shown at once."""
        choices = chunk.get("choices")
        if not choices or choices[0].get("index"):
            return None
        choice: Any = choices[0]
        delta: dict[str, Any] = choice.get("delta") or choice.get("message") or {}
        text = delta.get("content")
        reasoning = delta.get("reasoning") or delta.get("reasoning_content")
        calls = delta.get("tool_calls")
        if not (text or reasoning or calls or (self._shows_details and delta.get(_DETAILS))):
            return None
        if self._first:
            self._id = chunk.get("id") or self._id
        if isinstance(text, list):
            text = "".join(p.get("text") or "" for p in text if p.get("type") == "text")
        pieces = [self._piece(call) for call in calls] if calls else []
        message = self._message(Said(text or "", reasoning, delta, pieces))
        self._first = False
        if not isinstance(message.content, str):
            return self.chunk_type(message=message)
        return copy_unchecked(
            _blank(self.chunk_type), {"message": message, "text": message.content}
        )

    def last(
        self,
        so_far: ChatAccumulator,
        http: ReplyInfo,
        finished: Callable[[dict[str, Any]], dict[str, Any]] = dict,
    ) -> ChatGenerationChunk:
        """Return the chunk that ends the stream, with everything that was held back.

        Args:
            finished: Makes of a whole reply what was asked for.
        """
        body = finished(so_far.result())
        reply = read(
            body,
            body["choices"][0],
            generation_id=http.generation_id,
            attempts=http.attempts,
            headers=http.headers,
        )
        extra = dict(reply.additional_kwargs)
        if self._reasoned:
            extra.pop("reasoning_content", None)
        metadata = dict(reply.response_metadata)
        if not self._first:
            metadata = {k: v for k, v in metadata.items() if k not in {"id", "generation_id"}}
        pieces = self._corrections(reply)
        message = AIMessageChunk(
            content=self._closing(reply, pieces),
            additional_kwargs=extra,
            response_metadata=metadata,
            usage_metadata=reply.usage_metadata if self._shows_usage else None,
            tool_call_chunks=pieces,
            id=self._id or reply.id,
            chunk_position="last",
        )
        info = {"finish_reason": reply.finish_reason}
        return self.chunk_type(message=message, generation_info=info)

    # ------------------------------------------------------------------------ messages

    def _message(self, said: Said) -> AIMessageChunk:
        """Make the chunk; where there is nothing to parse, without the constructor, which would parse."""
        extra: dict[str, Any] = {}
        if said.reasoning:
            self._reasoned = True
            extra["reasoning_content"] = said.reasoning
        fields: dict[str, Any] = {
            "content": self._content(said),
            "additional_kwargs": extra,
            "response_metadata": self._metadata(),
            "tool_call_chunks": said.pieces,
            "id": self._id,
        }
        if not all(_is_middle(piece) for piece in said.pieces):
            return AIMessageChunk(**fields)
        fields["invalid_tool_calls"] = [_as_invalid(piece) for piece in said.pieces]
        fields["tool_calls"] = []
        return copy_unchecked(_TEMPLATE, fields)

    def _metadata(self) -> dict[str, Any]:
        if not self._first:
            return dict(self._constant)
        known = {"id": self._id, "generation_id": self._generation_id or self._id}
        return {**self._constant, **{k: v for k, v in known.items() if v}}

    def _content(self, said: Said) -> Any:
        """The content of a chunk: its text."""
        return said.text

    def _closing(self, reply: Reply, pieces: list[ToolCallChunk]) -> Any:  # noqa: ARG002  # for blocks
        """The content of the last chunk: parts that are not text."""
        if isinstance(reply.content, str):
            return ""
        return [p for p in reply.content if isinstance(p, str) or p.get("type") != "text"]

    # ------------------------------------------------------------------------ tool calls

    def _piece(self, call: dict[str, Any]) -> ToolCallChunk:
        """One piece under the position of its call; id and name are said once."""
        at = self._calls.add(call)
        if at == len(self._ids):
            self._ids.append(None)
            self._named.append(False)
        function: dict[str, Any] = call.get("function") or {}
        name = None if self._named[at] else function.get("name") or None
        self._named[at] = self._named[at] or bool(name)
        arguments = function.get("arguments")
        if arguments is not None and not isinstance(arguments, str):
            arguments = json.dumps(arguments, ensure_ascii=False)
        if arguments and arguments.strip() in _FOR_NOTHING and name:
            arguments = ""
        return call_piece(name=name, args=arguments or "", id=self._new_id(call, at), index=at)

    def _new_id(self, call: dict[str, Any], at: int) -> str | None:
        if self._ids[at] or not call.get("id"):
            return None
        taken = {known for known in self._ids if known}
        self._ids[at] = call_id(call["id"], at, reply_id=self._id, taken=taken)
        return self._ids[at]

    def _corrections(self, reply: Reply) -> list[ToolCallChunk]:
        """Ids that never came, and an end for arguments that are broken.

        LangChain repairs cut-off arguments and would call the tool with them; a closing bracket that
        does not match makes it file the call under `invalid_tool_calls`, as it is for `invoke`.
        """
        broken = {call["id"] for call in reply.invalid_tool_calls}
        pieces: list[ToolCallChunk] = []
        for at, call in enumerate(reply.additional_kwargs.get("raw_tool_calls", ())):
            identity = None if self._ids[at] else call["id"]
            arguments = call["function"].get("arguments") or ""
            is_broken = call["id"] in broken and self._marks_broken
            ending = _unrepairable(arguments) if is_broken else ""
            if identity or ending:
                pieces.append(call_piece(args=ending, id=identity, index=at))
        return pieces


@cache
def _blank(kind: type[ChatGenerationChunk]) -> ChatGenerationChunk:
    return kind(message=_TEMPLATE)


def _is_middle(piece: ToolCallChunk) -> bool:
    """Whether LangChain can only take the piece for invalid: text that begins no object."""
    args = piece["args"] or ""
    return args != "" and args.lstrip()[:1] != "{"


def _as_invalid(piece: ToolCallChunk) -> InvalidToolCall:
    """What LangChain makes of a middle piece, without its 100 µs of JSON repair."""
    return invalid_tool_call(name=piece["name"], args=piece["args"], id=piece["id"])


def _unrepairable(arguments: str) -> str:
    """The shortest ending with which LangChain's JSON repair gives up."""
    return next(e for e in ("", "]", '"]', '""]') if not _is_repaired(arguments + e))


def _is_repaired(arguments: str) -> bool:
    try:
        return isinstance(parse_partial_json(arguments), dict)
    except ValueError:
        return False
