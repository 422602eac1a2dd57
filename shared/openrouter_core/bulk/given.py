"""What callers of a job give, checked before anything is stored or sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, cast

from pydantic import BaseModel

from openrouter_core.bulk.item import ItemKey
from openrouter_core.errors import ConfigurationError

_NOT_MANY = (str, bytes, Mapping, BaseModel)
"""What can be iterated, and is one input all the same."""


def whole(value: object, name: str) -> int:
    """Return a whole number above 0.

    Raises:
        ConfigurationError: It is something else.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"{name} is a whole number above 0, not {value!r}.")
    return value


def pairs(rows: object) -> Iterator[tuple[ItemKey, Any]]:
    """Yield rows as pairs of a key and a prompt; each is checked when it is read.

    Raises:
        ConfigurationError: They are not pairs.
    """
    if not isinstance(rows, Iterable) or isinstance(rows, _NOT_MANY):
        raise _not_pairs(rows)
    return map(_pair, cast("Iterable[object]", rows))


def inputs(given: object) -> list[Any]:
    """Return several inputs as a list.

    Raises:
        ConfigurationError: It is one input, or none.
    """
    if not isinstance(given, Iterable) or isinstance(given, _NOT_MANY):
        raise ConfigurationError(
            f'inputs must be a list of inputs, e.g. ["Hi"], not {type(given).__name__}.'
        )
    return list(given)


def _pair(row: object) -> tuple[ItemKey, Any]:
    if isinstance(row, (*_NOT_MANY, AbstractSet)):
        raise _not_pairs(row)
    try:
        key, prompt = cast("tuple[ItemKey, Any]", row)
    except (TypeError, ValueError):
        raise _not_pairs(row) from None
    return key, prompt


def _not_pairs(value: object) -> ConfigurationError:
    return ConfigurationError(
        f'The rows of a job are pairs of a key and a prompt, e.g. [("r1", "Hi")]; got {type(value).__name__}.'
    )
