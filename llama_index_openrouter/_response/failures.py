"""The event that LlamaIndex leaves out: a call that fails before its answer begins fires no ExceptionEvent.

Wraps the methods of `llm` inside LlamaIndex's own callbacks, which see to failures later in a stream.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from inspect import iscoroutinefunction
from typing import Any, TypeVar, cast

from llama_index.core.instrumentation.events.exception import ExceptionEvent
from llama_index_instrumentation import get_dispatcher

F = TypeVar("F", bound=Callable[..., Any])
dispatcher = get_dispatcher(__name__)


class _FailureEvents:
    """Fires an ExceptionEvent for what is raised inside, and lets it pass."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            dispatcher.event(ExceptionEvent(exception=error))


failure_events = _FailureEvents()
"""Without a state, so that one serves all calls."""


def with_failure_events(method: F) -> F:
    """Wrap a method, awaited or not, in `failure_events`."""

    async def awaited(*args: Any, **kwargs: Any) -> Any:
        with failure_events:
            return await method(*args, **kwargs)

    def called(*args: Any, **kwargs: Any) -> Any:
        with failure_events:
            return method(*args, **kwargs)

    wrapper = update_wrapper(awaited if iscoroutinefunction(method) else called, method)
    del wrapper.__wrapped__  # LlamaIndex's decorators take it for a sign of their own work
    return cast("F", wrapper)
