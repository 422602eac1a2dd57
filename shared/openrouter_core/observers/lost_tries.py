"""Tries of a call that failed, may be billed, and were made again: for those who see only how the call ended.

Observers of a client are notified of each (`ObservedCall.attempt_failed`). A framework's callback is not: it finds
them here by the generation that was answered in the end, or by the error. Imported when a try has failed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from openrouter_core.observers.calls import is_refused, may_be_carried_out

_REMEMBERED = 2_000


@dataclass(frozen=True, slots=True)
class LostTry:
    """A try that was sent and brought no answer. Holds no exception, whose frames hold the prompt."""

    generation_id: str | None
    error: str
    """The class of the error that ended it."""
    is_refused: bool
    """Whether it was turned away before any work was done."""


_of_call: ContextVar[list[LostTry] | None] = ContextVar("openrouter_lost_tries", default=None)
_known: OrderedDict[str, tuple[LostTry, ...]] = OrderedDict()


@contextmanager
def collecting() -> Generator[None]:
    """Collect the tries of one call; an error that leaves it carries them."""
    tries = list[LostTry]()
    token = _of_call.set(tries)
    try:
        yield
    except BaseException as error:
        if tries:
            name_lost_tries(error, tries)
        raise
    finally:
        _of_call.reset(token)


def name_lost_tries(error: Any, tries: list[LostTry]) -> None:
    """Note on the error that ends a call which tries came before."""
    with suppress(AttributeError):
        error.lost_tries = tuple(tries)


def note(error: BaseException | None) -> None:
    """Note a try that is made again, if it may be billed."""
    tries, generation_id = _of_call.get(), getattr(error, "generation_id", None)
    if tries is None or (generation_id is None and not may_be_carried_out(error)):
        return
    tries.append(LostTry(generation_id, type(error).__name__, is_refused(error, generation_id)))


def remember(generation_id: str | None) -> None:
    """Note which generation the tries so far came before. The oldest notes go when there are too many."""
    tries = _of_call.get()
    if not tries or generation_id is None:
        return
    _known[generation_id] = tuple(tries)
    while len(_known) > _REMEMBERED:
        with suppress(KeyError):  # another thread took the last one
            _known.popitem(last=False)


def lost_tries_of(generation_id: str, error: BaseException | None = None) -> tuple[LostTry, ...]:
    """Return the tries that came before a generation of this process, or before the error that ended its call."""
    return getattr(error, "lost_tries", None) or _known.get(generation_id, ())
