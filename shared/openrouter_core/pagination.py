"""Whole collections, page after page: `for key in client.keys.list(): ...`, or `iterate(client.keys.list)`.

Works on every list method, in the style that its route declares. Fetches a page when it is needed and no
sooner; calls nothing but the method it was given.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import iscoroutinefunction
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from openrouter_core._call import Route
from openrouter_core._json import as_dict, as_mapping
from openrouter_core.errors import ConfigurationError, ResponseShapeError
from openrouter_core.wire._base import Page

__all__ = [
    "aiterate",
    "iterate",
]

T = TypeVar("T")


def iterate(
    list_method: Callable[..., Page[T]], /, *args: object, **filters: object
) -> Iterator[T]:
    """Yield every item of a collection, crossing pages.

    Args:
        list_method: A list method of a client, e.g. `client.guardrails.list`.
        args: What the method takes by position, e.g. an id.
        filters: What else it takes. `limit` is the size of a page, not of the whole.

    Raises:
        ConfigurationError: The method does not list anything.
    """
    start(list_method, filters)
    page = list_method(*args, **filters)
    yield from page.data
    yield from rest_of(page, list_method, args, filters)


async def aiterate(
    list_method: Callable[..., Awaitable[Page[T]]], /, *args: object, **filters: object
) -> AsyncIterator[T]:
    """Yield every item of a collection of an async client, crossing pages.

    Args:
        list_method: A list method of an async client.
        args: What the method takes by position, e.g. an id.
        filters: What else it takes. `limit` is the size of a page, not of the whole.

    Raises:
        ConfigurationError: The method does not list anything.
    """
    start(list_method, filters)
    page = await list_method(*args, **filters)
    for item in page.data:
        yield item
    async for item in arest_of(page, list_method, args, filters):
        yield item


def rest_of(
    page: Page[T],
    list_method: Callable[..., Page[T]],
    args: Sequence[object],
    filters: Mapping[str, object],
) -> Iterator[T]:
    """Yield the items of the pages behind one. Pages call it when they are iterated.

    Raises:
        ConfigurationError: The page came from an async client, which can only be awaited.
    """
    cursor = start(list_method, filters).after(page)
    if cursor is not None and iscoroutinefunction(list_method):
        raise ConfigurationError("This page of an async client has more: cross it by `async for`.")
    while cursor is not None:
        page = list_method(*args, **cursor.query)
        yield from page.data
        cursor = cursor.after(page)


async def arest_of(
    page: Page[T],
    list_method: Callable[..., Awaitable[Page[T]]],
    args: Sequence[object],
    filters: Mapping[str, object],
) -> AsyncIterator[T]:
    """`rest_of` for an async client.

    Raises:
        ConfigurationError: The page came from a client that cannot be awaited.
    """
    cursor = start(list_method, filters).after(page)
    if cursor is not None and not iscoroutinefunction(list_method):
        raise ConfigurationError("This page of a sync client has more: cross it by `for`.")
    while cursor is not None:
        page = await list_method(*args, **cursor.query)
        for item in page.data:
            yield item
        cursor = cursor.after(page)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where in a collection we are: what to ask for next. Immutable; knows no client."""

    style: str
    query: Mapping[str, Any]
    seen: int = 0
    asked: frozenset[int] = frozenset()
    """Hashes of the queries so far."""

    def after(self, page: Page[Any]) -> Cursor | None:
        """Return where to go on after `page`; None at the end.

        Raises:
            ResponseShapeError: The page leads back to itself or to an earlier one.
        """
        following = _STYLES[self.style](self, page)
        if following is None:
            return None
        query = {**self.query, **following}
        asked = self.asked | {_hash_of(self.query)}
        if _hash_of(query) in asked:
            raise ResponseShapeError(
                f"The list does not advance: a page was asked for by the same {following} before.",
                raw=page.raw,
            )
        return replace(self, query=query, seen=self.seen + len(page.data), asked=asked)


def _hash_of(query: Mapping[str, Any]) -> int:
    return hash(tuple(sorted((name, repr(value)) for name, value in query.items())))


def start(list_method: Callable[..., Any], filters: Mapping[str, Any]) -> Cursor:
    """Return where a collection begins, as a list method's route declares it."""
    route: Route | None = getattr(list_method, "route", None)
    if route is None or route.method != "GET":
        raise ConfigurationError(
            "iterate() takes a list method of a client, e.g. iterate(client.keys.list)."
        )
    return Cursor(route.pages, filters)


def _by_offset(cursor: Cursor, page: Page[Any]) -> dict[str, Any] | None:
    """Pages by offset: go on by the link, by the total, or until a page comes back empty."""
    links = as_mapping(
        as_dict(page.raw).get("links")
    )  # any list may grow them: they are not declared
    if links is not None and "next" in links:
        return _by_link(links["next"])
    if not page.data or getattr(page, "has_more", None) is False:
        return None
    reached = (cursor.query.get("offset") or 0) + len(page.data)
    if page.total_count is not None and reached >= page.total_count:
        return None
    return {"offset": reached}


def _by_link(link: object) -> dict[str, Any] | None:
    """The query of a link, which may be relative. What it does not repeat stays as it was."""
    if not link or not isinstance(link, str):
        return None
    try:
        query = parse_qs(urlsplit(link).query)
    except ValueError:  # not a valid address; the page then leads to itself
        return {}
    known = {name: query[name][0] for name in ("offset", "limit") if name in query}
    return {name: int(value) for name, value in known.items() if value.isdecimal()}


def _by_cursor(_: Cursor, page: Page[Any]) -> dict[str, Any] | None:
    """Pages by cursor; storage of OpenAI or Anthropic goes on after the last id."""
    if cursor := getattr(page, "cursor", None):
        return {"cursor": cursor}
    name = {"openai": "after", "anthropic": "after_id"}.get(getattr(page, "shape", None) or "")
    return _by_last_id(page, name) if name else None


def _by_after(_: Cursor, page: Page[Any]) -> dict[str, Any] | None:
    return _by_last_id(page, "after")


def _by_last_id(page: Page[Any], name: str) -> dict[str, Any] | None:
    last_id = getattr(page, "last_id", None)
    return {name: last_id} if last_id and getattr(page, "has_more", False) else None


def _once(_: Cursor, __: Page[Any]) -> None:
    return None


_STYLES: Mapping[str, Callable[[Cursor, Page[Any]], dict[str, Any] | None]] = {
    "none": _once,
    "offset": _by_offset,
    "cursor": _by_cursor,
    "after": _by_after,
}
