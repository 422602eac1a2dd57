"""Which LangChain run a call is, for those who trace it: their spans are kept by run id, and rarely current.

Read from openinference-instrumentation-langchain 0.1.80, opentelemetry-instrumentation-langchain 0.62.4
(Traceloop) and langfuse 5.0.4. A handler that keeps its spans in another way is passed over.
Does nothing until a tracing exporter asks for runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any, Protocol
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler, CallbackManager, Callbacks
from langchain_core.runnables import RunnableConfig, ensure_config

from openrouter_core.observers import framework_runs
from openrouter_core.observers.framework_runs import FrameworkRun, kept_span


class Run(Protocol):
    """A run of a model, such as LangChain's run managers."""

    run_id: UUID

    @property
    def handlers(self) -> list[BaseCallbackHandler]:
        """Those who are notified of it."""
        ...


_current: ContextVar[Run | None] = ContextVar("openrouter_langchain_run", default=None)
_begun: ContextVar[Run | None] = ContextVar("openrouter_langchain_run_begun", default=None)
_TABLES = ("spans", "_runs", "runs")
"""Where handlers keep what they hold by run id: Traceloop's, Langfuse's, older Langfuse's."""
_SPANS = ("span", "_otel_span")
"""Where what they hold keeps the span itself."""

_NO_TRACERS = ("langchain_core", "langgraph", "langchain_openrouter")


class _InRun:
    """Calls inside belong to a run. No token, for an async generator may end in another context."""

    __slots__ = ("_before", "_run")

    def __init__(self, run: Run | None) -> None:
        self._run = run

    def __enter__(self) -> None:
        self._before = _current.get()
        _current.set(self._run)

    def __exit__(self, *_: object) -> None:
        _current.set(self._before)


def in_run(run_manager: Any) -> AbstractContextManager[None]:
    """Let calls inside belong to the run of `run_manager`, or where there is none to the one that has just begun.

    LangChain gives `_stream` no run manager where it streams for `stream`, `astream` or an agent.
    """
    return _InRun(run_manager or _begun.get())


def noted(config: RunnableConfig | None, model_callbacks: Callbacks) -> RunnableConfig | None:
    """Return a config with which the run notes that it began, if anybody asks for runs."""
    if not framework_runs.asked:
        return config
    from langchain_core.runnables.config import merge_configs

    whole = ensure_config(config)
    return merge_configs(whole, {"callbacks": [_Noting(whole.get("callbacks"), model_callbacks)]})


class _Noting(BaseCallbackHandler):
    """Notes in the context of the call which run began: inline, so that the call finds it there."""

    run_inline = True

    def __init__(self, callbacks: Callbacks, model_callbacks: Callbacks) -> None:
        self._callbacks = callbacks, model_callbacks

    @property
    def ignore_llm(self) -> bool:
        """Nothing else is noted, nor any token."""
        return True

    def on_chat_model_start(self, *_: Any, run_id: UUID, **_kwargs: Any) -> None:
        """Note the run."""
        _begun.set(_BegunRun(run_id, self._callbacks))


class _BegunRun:
    """A run whose handlers are known by the callbacks that it was configured with."""

    def __init__(self, run_id: UUID, callbacks: tuple[Callbacks, Callbacks]) -> None:
        self.run_id = run_id
        self._callbacks = callbacks

    @property
    def handlers(self) -> list[BaseCallbackHandler]:
        """Those who were notified. Instrumentations add theirs to every manager that is made."""
        return CallbackManager.configure(*self._callbacks).handlers


def _find() -> FrameworkRun | None:
    run, around = _current.get(), tuple(_spans_around())
    tracers = [handler for handler in run.handlers if _may_trace(handler)] if run else []
    if run is not None and tracers:
        return FrameworkRun(tuple(_spans_of(tracers, run.run_id)), around, is_call=True)
    return FrameworkRun(around=around) if around else None


def _may_trace(handler: object) -> bool:
    """Whether a handler may make spans: LangChain's own do not, nor ours."""
    return type(handler).__module__.partition(".")[0] not in _NO_TRACERS


def _spans_around() -> Iterator[object]:
    from langchain_core.runnables.config import var_child_runnable_config

    manager: Any = (var_child_runnable_config.get() or {}).get("callbacks")
    run_id = getattr(manager, "parent_run_id", None)
    if run_id is not None:
        yield from _spans_of(manager.handlers, run_id)


def _spans_of(handlers: Iterable[object], run_id: UUID) -> Iterator[object]:
    for handler in handlers:
        span = _span_of(handler, run_id)
        if span is not None:
            yield span


def _span_of(handler: Any, run_id: UUID) -> object | None:
    get_span: Callable[[UUID], object] | None = getattr(handler, "get_span", None)
    if callable(get_span):  # OpenInference's
        return get_span(run_id)
    return kept_span(handler, run_id, _TABLES, _SPANS)


framework_runs.add_finder(_find)
