"""Small checks of JSON values, put together by `validation`. Each raises a 400 that names what is wrong.

A `Check` takes the value and the place where it stands ("messages.0.role"). Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from openrouter_emulator.api_error import ApiError

Check = Callable[[Any, str], None]


def refuse(where: str, what: str) -> NoReturn:
    """Raise the API's 400 for a bad value."""
    raise ApiError(400, f"{where}: {what}" if where else what, metadata={"provider_name": None})


def shown(value: object) -> str:
    """A value's JSON type, for messages (never the value: it may be a prompt)."""
    names: dict[type, str] = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        list: "array",
        type(None): "null",
    }
    return names.get(type(value), "object")


def number(low: float | None = None, high: float | None = None, *, above: bool = False) -> Check:
    """A number in [low, high]; with `above`, low itself is out."""

    def check(value: Any, where: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            refuse(where, f"Expected number, received {shown(value)}")
        _in_range(value, where, low, high, above=above)

    return check


def integer(low: int | None = None, high: int | None = None) -> Check:
    """A whole number in [low, high]."""

    def check(value: Any, where: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            refuse(where, f"Expected integer, received {shown(value)}")
        _in_range(value, where, low, high, above=False)

    return check


def _in_range(
    value: float, where: str, low: float | None, high: float | None, *, above: bool
) -> None:
    if low is not None and (value <= low if above else value < low):
        refuse(where, f"Number must be {'greater than' if above else 'at least'} {low}")
    if high is not None and value > high:
        refuse(where, f"Number must be at most {high}")


def boolean(value: Any, where: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        refuse(where, f"Expected boolean, received {shown(value)}")


def string(most: int | None = None, least: int = 0) -> Check:
    """A string of `least` to `most` characters."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, str):
            refuse(where, f"Expected string, received {shown(value)}")
        if len(value) < least:
            refuse(where, f"String must contain at least {least} character(s)")
        if most is not None and len(value) > most:
            refuse(where, f"String must contain at most {most} character(s)")

    return check


def one_of(*allowed: str) -> Check:
    """One of some strings."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, str) or value not in allowed:
            received = f"'{value[:40]}'" if isinstance(value, str) else shown(value)
            refuse(where, f"Invalid value {received}. Expected one of: {', '.join(allowed)}")

    return check


def open_to(*_known: str) -> Check:
    """A string: one that is known, or one that the API may know tomorrow.

    The API's document leaves most of its enums open, and so a value that is not in them passes.
    """
    return string(least=1)


def array(item: Check, *, least: int = 0, most: int | None = None) -> Check:
    """An array whose items pass a check."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, list):
            refuse(where, f"Expected array, received {shown(value)}")
        if len(value) < least:
            refuse(where, f"Array must contain at least {least} element(s)")
        if most is not None and len(value) > most:
            refuse(where, f"Array must contain at most {most} element(s)")
        for at, entry in enumerate(value):
            item(entry, f"{where}.{at}")

    return check


def anything(value: Any, where: str) -> None:
    """Any JSON value."""


def mapping(value: Any, where: str) -> None:
    """An object with free keys."""
    if not isinstance(value, dict):
        refuse(where, f"Expected object, received {shown(value)}")


def mapping_of(
    item: Check, *, least: int = 0, most: int | None = None, key_most: int | None = None
) -> Check:
    """An object with free keys whose values pass a check."""

    def check(value: Any, where: str) -> None:
        mapping(value, where)
        if len(value) < least:
            refuse(where, f"Object must have at least {least} key(s)")
        if most is not None and len(value) > most:
            refuse(where, f"Object must have at most {most} keys")
        for key, entry in value.items():
            if key_most is not None and len(key) > key_most:
                refuse(where, f"Keys must have at most {key_most} characters")
            item(entry, f"{where}.{key}")

    return check


def nullable(inner: Check) -> Check:
    """What passes `inner`, or null."""

    def check(value: Any, where: str) -> None:
        if value is not None:
            inner(value, where)

    return check


def either(*options: Check) -> Check:
    """What passes one of several checks; the last one words the refusal."""

    def check(value: Any, where: str) -> None:
        for option in options[:-1]:
            try:
                option(value, where)
            except ApiError:
                continue
            return
        options[-1](value, where)

    return check


def fields(
    known: Mapping[str, Check], *, required: Sequence[str] = (), closed: bool = False
) -> Check:
    """An object: known keys are checked, others pass unless `closed`."""

    def check(value: Any, where: str) -> None:
        mapping(value, where)
        for name in required:
            if name not in value:
                refuse(f"{where}.{name}".lstrip("."), "Required")
        for name, entry in value.items():
            if name in known:
                known[name](entry, f"{where}.{name}".lstrip("."))
            elif closed:
                refuse(where, f"Unrecognized key: '{name[:40]}'")

    return check


def tagged(options: Mapping[str, Check], *, key: str = "type") -> Check:
    """An object whose `type` chooses its check; an unknown type is refused."""

    def check(value: Any, where: str) -> None:
        mapping(value, where)
        one_of(*options)(value.get(key), f"{where}.{key}")
        options[value[key]](value, where)

    return check
