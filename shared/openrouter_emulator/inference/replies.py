"""The answer of a model, before it is cut into chunks or put into a body. Values only.

Tests script replies with these; `default_model` composes them otherwise.
"""

from __future__ import annotations

import inspect
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from openrouter_emulator.planned_response import JsonObject


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model makes."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict[str, Any])
    """A mapping is written as JSON; a string goes out byte for byte, valid or not."""
    id: str | None = None
    """None means an id in the style of the model's provider."""

    @property
    def text(self) -> str:
        """The argument string."""
        if isinstance(self.arguments, str):
            return self.arguments
        return json.dumps(self.arguments, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a model. What is None or empty does not appear."""

    text: str | None = None
    pieces: Sequence[str] | None = None
    """How `text` is cut when streamed; by default every few characters. Alone, they are the text."""
    reasoning: str | None = None
    """Reasoning text; the model's style turns it into `reasoning_details`."""
    reasoning_details: Sequence[JsonObject] | None = None
    """Exact details instead; when streamed, one entry a chunk, as given."""
    tool_calls: Sequence[ToolCall] = ()
    images: Sequence[str] = ()
    """URLs, mostly data URLs."""
    audio: bytes | None = None
    audio_transcript: str = ""
    annotations: Sequence[JsonObject] = ()
    refusal: str | None = None
    logprobs: Sequence[JsonObject] | None = None
    """One entry a token, as OpenAI writes them."""
    finish_reason: str | None = None
    """None means what fits; "null" is written as JSON null."""
    native_finish_reason: str | None = None
    model: str | None = None
    """The model named in the answer, instead of the one that was chosen."""
    provider: str | None = None
    usage: JsonObject = field(default_factory=dict[str, Any])
    """Keys of the usage object that replace the computed ones."""
    extra: JsonObject = field(default_factory=dict[str, Any])
    """Further top-level keys of the body, or of the last chunk."""
    message_extra: JsonObject = field(default_factory=dict[str, Any])
    """Further keys of the message, or of its last delta."""
    searches: int = 0
    """Web searches made; they are counted and charged."""
    first_token_s: float | None = None
    """Seconds until the answer begins; None means the setting `first_event_delay_s`."""
    tokens_per_s: float | None = None
    """How fast it is written; 0 for at once, None means the setting of that name."""

    @property
    def full_text(self) -> str | None:
        """The answer's text as a whole."""
        return "".join(self.pieces) if self.pieces is not None else self.text

    def replace(self, **changes: Any) -> Reply:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def but(self, **changes: Any) -> Reply:
        """The name of `replace` in 0.1."""
        warnings.warn("Reply.but is now called replace.", DeprecationWarning, stacklevel=2)
        return self.replace(**changes)


@dataclass(frozen=True, slots=True)
class Raw:
    """Exact chunks (or one exact body) to send, with nothing computed and nothing charged.

    On a stream every item is one event; `b"..."` items are sent as they are. `done` adds `[DONE]`.
    """

    chunks: Sequence[JsonObject | bytes]
    done: bool = True


Scripted = str | Reply | Raw | ToolCall | Sequence[ToolCall] | Callable[[JsonObject], Any]
"""What `Emulator.script` takes: a text, a reply, tool calls, exact chunks, or a function of the body."""


def check_scripted(item: Any) -> None:
    """Refuse what no script can hold, before a request meets it.

    Raises:
        TypeError: With what a script holds.
    """
    calls: Any = item if isinstance(item, list | tuple) else ()
    if inspect.iscoroutinefunction(item):
        raise TypeError("A function in a script is a plain one: the emulator calls it on a thread.")
    if not (isinstance(item, str | Reply | Raw | ToolCall) or callable(item) or calls) or any(
        not isinstance(call, ToolCall) for call in calls
    ):
        raise TypeError(_wrong(item))


def as_reply(item: Any, body: JsonObject) -> Reply | Raw | None:
    """Read one item of a script; None when a function leaves the answer to the model."""
    if isinstance(item, Reply | Raw):
        return item
    if isinstance(item, str):
        return Reply(item)
    if isinstance(item, ToolCall):
        return Reply(tool_calls=[item])
    return _composed(item, body)


def _composed(item: Any, body: JsonObject) -> Reply | Raw | None:
    if callable(item):
        made = item(body)
        return None if made is None else as_reply(made, body)
    if isinstance(item, Sequence):
        return Reply(tool_calls=list(item))
    raise TypeError(_wrong(item))


def _wrong(item: object) -> str:
    return (
        "A script holds texts, Reply, Raw, ToolCall, lists of ToolCall or functions, "
        f"not {type(item).__name__}."
    )
