"""The thread of a conversation as OpenRouter's session, for those who ask for it.

LangGraph names the thread in the run's config. Inside a graph the config is found by itself; the methods
here carry it over from a direct call. They also let tracers find the run of the call.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.runnables import RunnableConfig, ensure_config

from langchain_openrouter._runs import noted

if TYPE_CHECKING:
    from langchain_openrouter._settings.chat import ChatSettings as _Model
else:
    _Model = object  # a pydantic class in between would copy 85 fields: 2 ms of the import


class ThreadSession(_Model):
    """A model whose calls belong to the session of their thread, if `session_from_thread` is set."""

    def invoke(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """Ask the model and return its answer."""
        return super().invoke(
            input, noted(config, self.callbacks), stop=stop, **self._in_session(config, kwargs)
        )

    async def ainvoke(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """Ask the model and return its answer."""
        return await super().ainvoke(
            input, noted(config, self.callbacks), stop=stop, **self._in_session(config, kwargs)
        )

    def stream(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> Iterator[AIMessageChunk]:
        """Ask the model and return its answer piece by piece."""
        return super().stream(
            input, noted(config, self.callbacks), stop=stop, **self._in_session(config, kwargs)
        )

    def astream(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[AIMessageChunk]:
        """Ask the model and return its answer piece by piece."""
        return super().astream(
            input, noted(config, self.callbacks), stop=stop, **self._in_session(config, kwargs)
        )

    if not TYPE_CHECKING:  # which keeps LangChain's overloads: the version decides what is returned

        def stream_events(
            self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
        ) -> Any:
            """Ask the model and return events of its answer; see LangChain's `stream_events`."""
            return super().stream_events(input, config, **self._in_session(config, kwargs))

        def astream_events(
            self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
        ) -> Any:
            """Ask the model and return events of its answer; see LangChain's `astream_events`."""
            return super().astream_events(input, config, **self._in_session(config, kwargs))

    def _in_session(self, config: RunnableConfig | None, kwargs: dict[str, Any]) -> dict[str, Any]:
        if not self.session_from_thread or self.session_id or "session_id" in kwargs:
            return kwargs
        thread = thread_of(config)
        return {**kwargs, "session_id": thread} if thread else kwargs


def thread_of(config: RunnableConfig | None = None) -> str | None:
    """Return the thread that a config, or the run around this call, names."""
    thread = ensure_config(config).get("configurable", {}).get("thread_id")
    return None if thread is None else str(thread)
