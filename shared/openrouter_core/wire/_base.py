"""The lenient base of every response model, and the one function that reads an answer into it.

A response keeps unknown fields, unknown enum values and the JSON as it was received. A leaf of a type
that nobody expected is dropped and logged once (`openrouter.drift`); only a surprising *shape* raises.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, ClassVar, Generic, TypeVar, cast

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from openrouter_core._call import ReplyInfo
from openrouter_core.errors import ResponseShapeError

T = TypeVar("T")
drift = logging.getLogger("openrouter.drift")
_drift_seen: set[tuple[str, str]] = set()

JsonValue = Any
"""Any JSON value: a leaf that the API leaves open."""


_NOT_RECEIVED: dict[str, Any] = {"_raw": None, "_http": ReplyInfo()}
"""What an object says that is part of another, or that nobody sent."""


class WireModel(BaseModel):
    """A response object. Unknown fields are attributes too; `raw` is the JSON as received."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="allow",
        defer_build=True,
        populate_by_name=True,
        protected_namespaces=(),
        hide_input_in_errors=True,
    )

    @property
    def raw(self) -> Any:
        """The whole JSON body as received; on nested objects None."""
        return (self.__pydantic_private__ or _NOT_RECEIVED)["_raw"]

    @property
    def http(self) -> ReplyInfo:
        """Status, headers, attempts and time of the call that brought this object."""
        return cast("ReplyInfo", (self.__pydantic_private__ or _NOT_RECEIVED)["_http"])


class Page(WireModel, Generic[T]):
    """One page of a collection. Iterating it yields the items of this page and of those behind it.

    With the async client: `async for item in await client.keys.list()`. `data` is this page alone.
    """

    data: list[T]
    total_count: int | None = None
    """All records, over all pages, where the endpoint counts them."""

    def __iter__(self) -> Iterator[T]:  # type: ignore[override]  # pydantic's yields names and values
        """Yield the items, fetching a page when it is needed and no sooner."""
        yield from self.data
        if turning := self._turning():
            rest_of, _, *call = turning
            yield from rest_of(self, *call)

    async def __aiter__(self) -> AsyncIterator[T]:
        """Yield the items of an async client's list."""
        for item in self.data:
            yield item
        if turning := self._turning():
            _, arest_of, *call = turning
            async for item in arest_of(self, *call):
                yield item

    def _turning(self) -> Any:
        """`rest_of` and `arest_of` of `pagination`, the list method and its arguments; None: nothing follows."""
        return (self.__pydantic_private__ or {}).get("_turning")

    def __getstate__(self) -> dict[Any, Any]:
        """What a pickle holds: the page without its client."""
        state = super().__getstate__()
        private = dict(state["__pydantic_private__"] or {})
        private.pop("_turning", None)
        return {**state, "__pydantic_private__": private or None}


@lru_cache(maxsize=512)
def _reader(into: Any) -> Callable[[object], Any]:
    """The validator of a type, built when it is first needed."""
    if isinstance(into, type) and issubclass(into, BaseModel):
        return into.model_validate
    return TypeAdapter(into).validate_python


def read(into: type[T], data: object, http: ReplyInfo, *, envelope: str | None = None) -> T:
    """Read parsed JSON into `into`; keep the JSON and the HTTP side on it.

    Args:
        envelope: The key that wraps the value. An answer without it is read as it stands.

    Raises:
        ResponseShapeError: The JSON is not of the endpoint's shape. `raw` holds it.
    """
    inner: object = data
    if envelope is not None and isinstance(data, dict) and envelope in data:
        inner = cast("dict[str, object]", data)[envelope]
    value = _validate(into, inner, data)
    if isinstance(value, WireModel):
        # Not as private attributes: pydantic would set them up on every nested object, 3 µs each.
        object.__setattr__(value, "__pydantic_private__", {"_raw": data, "_http": http})
    return value


def _validate(into: type[T], inner: object, whole: object) -> T:
    first: str | None = None
    for _ in range(8):  # each round drops the leaves that the round before complained about
        try:
            return cast("T", _reader(cast("Any", into))(inner))
        except ValidationError as error:
            problems = list(error.errors(include_input=False, include_url=False))
            first = first or _first_problem(problems)
            bad = _bad_leaves(into, inner, problems)
            if not bad:
                break
            inner = _without(inner, bad)
    raise _shape_error(into, whole, first or "too many surprising fields")


def _bad_leaves(into: Any, value: object, problems: list[Any]) -> set[tuple[int | str, ...]]:
    """Return where to cut: the deepest key of each problem, logged once per model and path."""
    found: set[tuple[int | str, ...]] = set()
    for problem in problems:
        missing = problem["type"] == "missing"  # what lacks its identity is itself the bad leaf
        place = _place(value, problem["loc"][:-1] if missing else problem["loc"])
        if place:
            found.add(place)
            _log_drift(_name(into), _dotted(place), problem["type"])
    return found


def _place(value: object, steps: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return the path of the deepest mapping key that `steps` names; they hold union tags too."""
    walked: tuple[int | str, ...] = ()
    deepest: tuple[int | str, ...] = ()
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = cast("dict[object, object]", value)[step]
            walked = deepest = (*walked, step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):  # pyright: ignore[reportUnknownArgumentType]  # items of JSON
            value = cast("list[object]", value)[step]
            walked = (*walked, step)
    return deepest


def _without(value: object, places: Iterable[tuple[int | str, ...]]) -> object:
    """Return a copy without these paths; what they do not touch is shared with the original."""
    by_step: dict[int | str, list[tuple[int | str, ...]]] = {}
    for place in places:
        by_step.setdefault(place[0], []).append(place[1:])
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [_without(v, by_step[at]) if at in by_step else v for at, v in enumerate(items)]
    return {
        key: _without(inner, by_step[key]) if key in by_step else inner
        for key, inner in cast("dict[str, object]", value).items()
        if () not in by_step.get(key, ())
    }


def _dotted(place: tuple[int | str, ...]) -> str:
    return ".".join("[]" if isinstance(step, int) else step for step in place)


def _log_drift(model: str, path: str, why: str) -> None:
    if (model, path) not in _drift_seen:
        _drift_seen.add((model, path))
        drift.warning(
            "%s.%s has an unexpected type (%s) and was left out; see .raw", model, path, why
        )


def _name(into: Any) -> str:
    return getattr(into, "__name__", str(into))


def _first_problem(problems: list[Any]) -> str:
    first = problems[0]
    return f"{'.'.join(str(s) for s in first['loc']) or 'the body'}: {first['msg']}"


def _shape_error(into: Any, whole: object, why: str) -> ResponseShapeError:
    return ResponseShapeError(
        f"OpenRouter's answer could not be read as {_name(into)} ({why}). The body is in .raw.",
        raw=whole,
    )


def no_choices(raw: object, generation_id: str | None = None) -> ResponseShapeError:
    """Return the error of a reply whose list of choices is empty: several providers send such a 200."""
    return ResponseShapeError(
        "OpenRouter's reply holds no choices. The body is in .raw.",
        raw=raw,
        generation_id=generation_id,
    )
