"""From arguments to a `Call`: the parts that every resource method puts together alike.

Called by the modules of `resources/`. Pure; what the user gave is passed on unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from openrouter_core._call import SESSION_HEADER, Call, StreamCall, StreamState
from openrouter_core.config import has_key, refuse_key
from openrouter_core.wire._options import CACHE_HEADERS, option_headers

T = TypeVar("T")
S = TypeVar("S", bound="StreamState[Any]")
_AS_HEADERS = frozenset(CACHE_HEADERS)
_JSON = frozenset({str, int, float, bool, list, type(None)})
"""Types of values that go out as they are."""
_ONE_OFF = frozenset({"extra_body", "extra_headers", "extra_query", "timeout_s", *_AS_HEADERS})


def get_call(
    into: type[T],
    options: Mapping[str, Any],
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, object] | None = None,
    envelope: str | None = None,
) -> Call[T]:
    """Describe a call without a body. Options that are not one-off settings go into the query."""
    filters: Mapping[str, object] = options
    if options:
        filters = _without_keys(
            {name: value for name, value in options.items() if name not in _ONE_OFF}
        )
    return Call(
        into,
        path=path or {},
        query={**(query or {}), **filters, **options.get("extra_query", {})},
        headers=options.get("extra_headers", {}),
        timeout_s=options.get("timeout_s"),
        envelope=envelope,
    )


def json_call(
    into: type[T],
    body: Mapping[str, object],
    options: Mapping[str, Any],
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
    envelope: str | None = None,
) -> Call[T]:
    """Describe a call with a JSON body: `body` first, then the options in the order given."""
    if not _AS_HEADERS.isdisjoint(options):
        headers = {**option_headers(options), **(headers or {})}
    return Call(
        into,
        path=path or {},
        query={**(query or {}), **options.get("extra_query", {})},
        json=body_of(body, options),
        headers={**(headers or {}), **options.get("extra_headers", {})},
        timeout_s=options.get("timeout_s"),
        envelope=envelope,
    )


def stream_call(
    state: Callable[[], S],
    event: type[T],
    body: Mapping[str, object],
    options: Mapping[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
) -> StreamCall[T, S]:
    """Describe a call whose answer is a stream; `body` says that it is to be streamed."""
    if not _AS_HEADERS.isdisjoint(options):
        headers = {**option_headers(options), **(headers or {})}
    return StreamCall(
        state,
        event,
        query=options.get("extra_query", {}),
        json=body_of(body, options),
        headers={**(headers or {}), **options.get("extra_headers", {})},
        timeout_s=options.get("timeout_s"),
    )


def with_session_header(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options with `session_id` as a header.

    Chat, responses and messages read it from the body as well; the other endpoints know only the header
    (changelog of 2026-07-29, "cross-modality x-session-id").
    """
    if "session_id" not in options:
        return options
    rest = {name: value for name, value in options.items() if name != "session_id"}
    session, given = options["session_id"], rest.get("extra_headers", {})
    if session and not any(name.lower() == SESSION_HEADER for name in given):
        rest["extra_headers"] = {SESSION_HEADER: session, **given}
    return rest


def body_of(fields: Mapping[str, object], options: Mapping[str, Any]) -> dict[str, object]:
    """Return the JSON body: an option that was not given is absent, `None` is sent as null."""
    body = dict(fields)
    if not options.keys() <= _ONE_OFF:
        body |= _without_keys(
            {name: value for name, value in options.items() if name not in _ONE_OFF}
        )
    body |= options.get("extra_body", {})
    for name, value in body.items():
        if type(value) in _JSON:
            continue
        if not (type(value) is dict and _JSON.issuperset(map(type, value.values()))):
            body[name] = to_json(value)
    return body


def _without_keys(options: dict[str, object]) -> dict[str, object]:
    """Return options that go into a body or a URL.

    Raises:
        ConfigurationError: One of them holds a key, e.g. `token=`.
    """
    for name, value in options.items():
        if has_key(value):
            raise refuse_key(name, "the client")
    return options


def to_json(value: object) -> object:
    """Return amounts and points in time as JSON has them; anything else as it is.

    Settings nest in dicts, so those are searched; lists (messages, inputs) are not.
    """
    if isinstance(value, dict):
        return {name: to_json(inner) for name, inner in value.items()}
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def drop_none(**values: object) -> dict[str, object]:
    """Return the arguments that are not None: for defaults that mean "do not send"."""
    return {name: value for name, value in values.items() if value is not None}


def join_names(value: str | Sequence[str] | None) -> str | None:
    """Join names the way the API's list filters want them; a string is passed on as it is."""
    return value if value is None or isinstance(value, str) else ",".join(value)
