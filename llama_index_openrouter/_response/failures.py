"""The event that LlamaIndex leaves out: a call that fails before its answer begins fires no ExceptionEvent.

Wraps the methods of `llm` inside LlamaIndex's own callbacks, which see to failures later in a stream.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import update_wrapper
from inspect import iscoroutinefunction
from typing import Any, TypeVar, cast

from llama_index.core.instrumentation.events.exception import ExceptionEvent
from llama_index_instrumentation import get_dispatcher

F = TypeVar("F", bound=Callable[..., Any])
dispatcher = get_dispatcher(__name__)


@contextmanager
def failures_told() -> Generator[None]:
    """Fire an ExceptionEvent for what is raised inside, and let it pass."""
    try:
        yield
    except BaseException as error:
        dispatcher.event(ExceptionEvent(exception=error))
        raise


def telling_failures(method: F) -> F:
    """Wrap a method, awaited or not, in `failures_told`."""

    async def awaited(*args: Any, **kwargs: Any) -> Any:
        with failures_told():
            return await method(*args, **kwargs)

    def called(*args: Any, **kwargs: Any) -> Any:
        with failures_told():
            return method(*args, **kwargs)

    wrapper = update_wrapper(awaited if iscoroutinefunction(method) else called, method)
    del wrapper.__wrapped__  # LlamaIndex's decorators take it for a sign of their own work
    return cast("F", wrapper)
