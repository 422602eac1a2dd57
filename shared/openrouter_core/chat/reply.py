"""A whole reply as adapters read it: cleaned, with calls out of the text if asked for, oddities logged.

Called by both adapters for each whole reply, and for what a stream added up to. Pure but for the log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from openrouter_core._json import as_dict
from openrouter_core.chat.answer import is_empty_answer, text_of
from openrouter_core.chat.clean import clean_reply
from openrouter_core.wire._base import no_choices

if TYPE_CHECKING:
    from openrouter_core.chat.text_calls import TextCallFilter

JsonObject = dict[str, Any]

_log = logging.getLogger("openrouter")


@dataclass(slots=True, eq=False)
class ReplyReader:
    """Reads the replies to one request."""

    request: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The body that was sent: its tools, and its stop sequences, which explain an empty answer."""
    parse_text_tool_calls: bool = False
    """Whether tool calls that a provider left in the text are read."""
    finish: Callable[[JsonObject], JsonObject] | None = None
    """Makes of a reply what was asked for."""

    @property
    def tools(self) -> list[JsonObject]:
        """The tools of the request in wire shape."""
        return [tool for tool in self.request.get("tools") or () if isinstance(tool, dict)]

    def read(self, reply: JsonObject, *, generation_id: str | None = None) -> JsonObject:
        """Return the reply as an adapter reads it; the reply itself where nothing is odd.

        Raises:
            ResponseShapeError: It holds no choice.
        """
        cleaned = clean_reply(reply)
        choices = cleaned.get("choices")
        if not choices:
            raise no_choices(reply, generation_id)
        if self.parse_text_tool_calls:
            choices = [self._with_calls(choice) for choice in choices]
            cleaned = {**cleaned, "choices": choices}
        if self.finish is not None:
            cleaned = self.finish(cleaned)
        self._log_oddities(cleaned, choices[0], generation_id or cleaned.get("id"))
        return cleaned

    def text_filter(self) -> TextCallFilter | None:
        """What keeps calls out of the text of a stream; None when they are left there."""
        if not self.parse_text_tool_calls:
            return None
        from openrouter_core.chat.text_calls import TextCallFilter

        return TextCallFilter()

    def _with_calls(self, choice: JsonObject) -> JsonObject:
        message = as_dict(choice.get("message"))
        content = message.get("content")
        if message.get("tool_calls") or not isinstance(content, str) or "<" not in content:
            return choice
        from openrouter_core.chat.text_calls import read_text_calls

        found = read_text_calls(content, self.tools)
        if found is None or not found.calls:
            return choice
        read = {**message, "content": found.text or None, "tool_calls": found.calls}
        return {**choice, "message": read}

    def _log_oddities(self, reply: JsonObject, choice: JsonObject, identity: object) -> None:
        message = as_dict(choice.get("message"))
        if message.get("tool_calls"):
            return
        text = text_of(message.get("content"))
        if choice.get("finish_reason") == "length" and not (text or choice.get("text")):
            _log.warning(_CUT_BEFORE_TEXT, identity)
        elif not text and is_empty_answer(reply, stop=self.request.get("stop")):
            _log.warning(_EMPTY, identity, choice.get("finish_reason"))
        elif "<" in text and self.tools and (form := _form_of_calls_in(text)):
            _log.warning(_UNREAD if self.parse_text_tool_calls else _AS_TEXT, identity, form)


def _form_of_calls_in(text: str) -> str | None:
    from openrouter_core.chat.text_calls import form_of_calls_in  # most programs never need it

    return form_of_calls_in(text)


_CUT_BEFORE_TEXT = (
    "The answer %s is empty because it reached its token limit before any text, most likely "
    "while reasoning. Raise max_tokens or lower the reasoning effort."
)
_EMPTY = (
    "The answer %s is empty: the provider ended it with %r before any text, tool call, reasoning or "
    "refusal. Ask again."
)
_AS_TEXT = (
    "The answer %s holds a tool call as text, in %s's markup, so no tool was called. "
    "parse_text_tool_calls=True reads it; another provider of the model may not leave it there."
)
_UNREAD = (
    "The answer %s holds a tool call as text, in %s's markup, that cannot be read or names no tool "
    "of the request, so no tool was called."
)
