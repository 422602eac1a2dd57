"""From a described call to the bytes of a request, and from an answer's bytes to a value or an error."""

from __future__ import annotations

import json
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_core import (
    BadRequestError,
    ClientConfig,
    ConfigurationError,
    IncompleteBodyError,
    MissingApiKeyError,
    NoEndpointsError,
    RateLimitError,
    ReplyInfo,
    ResponseShapeError,
    ServerError,
)
from openrouter_core._call import Call, Route
from openrouter_core._http.exchange import _api_url, build_request, encode, result
from openrouter_core._http.response import reply_info

_POST = Route("POST", "/chat/completions", "op")
_SSE = Route("POST", "/chat/completions", "op", answers="sse")
_GET = Route("GET", "/models/{author}/{slug}", "op", key="none")


def _request(
    route: Route = _POST, config: dict[str, Any] | None = None, **call: Any
) -> httpx2.Request:
    settings = ClientConfig.of(**{"api_key": "sk-or-test", **(config or {})})
    return build_request(settings, route, Call(dict, **call), {})


def _values_of(request: httpx2.Request, name: str) -> list[str]:
    return [v.decode() for k, v in request.headers.raw if k.lower() == name.lower().encode()]


# ------------------------------------------------------------------------- headers


def test_h2_attribution_is_one_header_each() -> None:
    """quirks.md H2: the documented names, and nothing doubled."""
    app = {"app_url": "https://a.test", "app_title": "App", "app_categories": ["cli-agent", "ide"]}

    request = _request(config=app)

    assert _values_of(request, "HTTP-Referer") == ["https://a.test"]
    assert _values_of(request, "X-OpenRouter-Title") == ["App"]
    assert _values_of(request, "X-OpenRouter-Categories") == ["cli-agent,ide"]
    assert _values_of(request, "X-Title") == []


def test_h2_nothing_identifies_the_app_unless_set() -> None:
    """quirks.md H2: no default attribution."""
    names = {name.lower() for name, _ in _request().headers.raw}

    assert not {b"http-referer", b"x-title", b"x-openrouter-title", b"referer"} & names


@pytest.mark.parametrize("place", ["client", "call"])
@pytest.mark.parametrize(
    ("mine", "ours"),
    [
        ({"x-title": "Mine"}, "X-OpenRouter-Title"),
        ({"X-TITLE": "Mine"}, "X-OpenRouter-Title"),
        ({"x-openrouter-TITLE": "Mine"}, None),
        ({"http-referer": "Mine"}, None),
        ({"USER-AGENT": "Mine"}, None),
        ({"aCCept": "Mine"}, None),
        ({"accept-encoding": "Mine"}, None),
        ({"content-type": "Mine"}, None),
        ({"authorization": "Mine"}, None),
        ({"AUTHORIZATION": "Mine"}, None),
    ],
    ids=lambda v: next(iter(v)) if isinstance(v, dict) else "",
)
@pytest.mark.parametrize("route", [_POST, _SSE], ids=["json", "sse"])
def test_h2_h9_the_users_headers_win_whatever_their_case(
    route: Route, mine: dict[str, str], ours: str | None, place: str
) -> None:
    """quirks.md H2 and H9: exactly one header, with the user's value."""
    config: dict[str, Any] = {"app_title": "App", "app_url": "https://a.test"}
    (name,) = mine

    request = (
        _request(route, {**config, "headers": mine}, json={})
        if place == "client"
        else _request(route, config, json={}, headers=mine)
    )

    assert _values_of(request, name) == ["Mine"]
    assert ours is None or _values_of(request, ours) == []


def test_a_call_header_wins_over_a_client_header() -> None:
    request = _request(config={"headers": {"X-Team": "blue"}}, headers={"x-team": "red"})

    assert _values_of(request, "x-team") == ["red"]


def test_a_title_that_is_not_ascii_is_sent_as_utf8() -> None:
    assert _values_of(_request(config={"app_title": "Caf\u00e9 \u65e5"}), "x-openrouter-title") == [
        "Caf\u00e9 \u65e5"
    ]


def test_a_header_that_would_split_the_request_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="extra_headers") as caught:
        _request(headers={"X-A": "s3cret\r\nX-B: 1"})

    assert "s3cret" not in str(caught.value)


def test_the_key_is_sent_as_bearer() -> None:
    assert _values_of(_request(), "Authorization") == ["Bearer sk-or-test"]


def test_without_a_key_nothing_is_built() -> None:
    with pytest.raises(MissingApiKeyError, match="OPENROUTER_API_KEY"):
        _request(config={"api_key": None})


def test_a_public_endpoint_needs_no_key() -> None:
    request = _request(_GET, {"api_key": None}, path={"author": "a", "slug": "b"})

    assert _values_of(request, "authorization") == []


def test_an_authorization_of_the_users_own_needs_no_key() -> None:
    gateway = {"api_key": None, "headers": {"Authorization": "Basic x"}}

    assert _values_of(_request(config=gateway), "authorization") == ["Basic x"]
    assert _values_of(_request(config={"api_key": None}, headers={"authorization": "B"}),
                 "authorization") == ["B"]  # fmt: skip


def test_a_key_from_the_environment_may_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that came out of a pickle read the key anew each time."""
    config = ClientConfig.of()
    sent = []
    for key in ("first", "second"):
        monkeypatch.setenv("OPENROUTER_API_KEY", key)
        sent += _values_of(build_request(config, _POST, Call(dict), {}), "authorization")

    assert sent == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize("call", [{"json": {}}, {"form": {"a": "b"}, "files": {"f": b"x"}}])
def test_what_is_changed_on_a_request_stays_on_it(call: dict[str, Any]) -> None:
    """As an event hook of the user's own `http_client` may do it: usual headers are made once."""
    settings, usual = ClientConfig.of("sk-or-test"), {}

    build_request(settings, _POST, Call(dict, **call), usual).headers["X-Mine"] = "1"

    assert usual
    assert _values_of(build_request(settings, _POST, Call(dict, **call), usual), "X-Mine") == []


def test_streams_ask_for_events_and_no_compression() -> None:
    request = _request(_SSE, json={})

    assert _values_of(request, "accept") == ["text/event-stream"]
    assert _values_of(request, "accept-encoding") == ["identity"]


# ------------------------------------------------------------------------- bodies


def test_the_body_keeps_its_order_and_its_text() -> None:
    body = {"z": 1, "messages": [{"role": "user", "content": "22\u00b0C \U0001f600"}], "a": None}

    assert _request(json=body).content == (
        '{"z":1,"messages":[{"role":"user","content":"22\u00b0C \U0001f600"}],"a":null}'.encode()
    )


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None), max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(body=st.dictionaries(st.text(max_size=5), _JSON, max_size=4))
def test_any_json_reaches_the_wire_unchanged(body: dict[str, Any]) -> None:
    """Lone surrogates too: JSON can escape what UTF-8 cannot hold."""
    assert json.loads(encode(body)) == body


def test_a_lone_surrogate_is_escaped() -> None:
    assert encode({"a": "\ud83d"}) == b'{"a":"\\ud83d"}'


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), object(), {1, 2}, b"bytes",
                                   Decimal("NaN")])  # fmt: skip
def test_what_is_no_json_is_refused(wrong: object) -> None:
    with pytest.raises(ConfigurationError, match="JSON"):
        encode({"content": ["the secret prompt"], "x": wrong})


def test_a_body_that_holds_itself_is_refused() -> None:
    body: dict[str, Any] = {}
    body["a"] = body

    with pytest.raises(ConfigurationError):
        encode(body)


def test_what_the_types_allow_is_sent() -> None:
    """Messages are `Mapping`s, prices may be `Decimal`s, lists may be tuples."""
    body = {
        "messages": (MappingProxyType({"role": "user"}),),
        "provider": {"max_price": {"prompt": Decimal("0.25"), "completion": Decimal(2)}},
    }

    assert encode(body) == (
        b'{"messages":[{"role":"user"}],"provider":{"max_price":{"prompt":0.25,"completion":2}}}'
    )


# ------------------------------------------------------------------------- urls


def _url(route: Route = _GET, base_url: str = "https://h.test/api/v1", **call: Any) -> str:
    return str(_request(route, {"base_url": base_url}, **call).url)


@pytest.mark.parametrize(
    ("slug", "sent"),
    [
        ("claude-sonnet-4.5", "claude-sonnet-4.5"),
        ("r1:free", "r1:free"),
        ("~latest", "~latest"),
        ("a/b", "a%2Fb"),
        ("a b?c#d", "a%20b%3Fc%23d"),
        ("50%", "50%25"),
        ("caf\u00e9", "caf%C3%A9"),
        ("{x}", "%7Bx%7D"),
        ("..x", "..x"),
    ],
)
def test_path_parameters_are_escaped(slug: str, sent: str) -> None:
    url = _url(path={"author": "a", "slug": slug})

    assert url == f"https://h.test/api/v1/models/a/{sent}"


@pytest.mark.parametrize("slug", ["", ".", ".."])
def test_path_parameters_that_change_the_path_are_refused(slug: str) -> None:
    with pytest.raises(ConfigurationError, match="slug"):
        _url(path={"author": "a", "slug": slug})


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ({"a": True, "b": False}, "a=true&b=false"),
        ({"a": None, "b": 1, "c": 0.5}, "b=1&c=0.5"),
        ({"a": ["x", True]}, "a=x&a=true"),
        ({"q": "a&b=c d"}, "q=a%26b%3Dc%20d"),
        ({}, ""),
    ],
)
def test_query_values_are_spelled_as_the_api_does(query: dict[str, object], sent: str) -> None:
    url = _url(path={"author": "a", "slug": "b"}, query=query)

    assert url.partition("?")[2].replace("+", "%20") == sent


# ------------------------------------------------------------------------- answers


def _result(body: bytes, status: int = 200, into: Any = dict, **more: Any) -> Any:
    headers = {"content-type": "application/json", "x-generation-id": "gen-h"}
    info = ReplyInfo(status, headers, generation_id=headers["x-generation-id"])
    value, _ = result(_POST, Call(into, **more), body, info)
    return value


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ([(b"X-Generation-Id", b"gen-1")], {"x-generation-id": "gen-1"}),
        ([(b"Set-Cookie", b"a=1"), (b"set-cookie", b"b=2")], {"set-cookie": "a=1, b=2"}),
        ([(b"X-Note", "café".encode()), (b"X-B", b"b")], {"x-note": "café", "x-b": "b"}),
    ],
    ids=["plain", "twice", "not-ascii"],
)
def test_the_headers_of_an_answer_have_names_in_lower_case(
    sent: list[tuple[bytes, bytes]], read: dict[str, str]
) -> None:
    response = httpx2.Response(200, headers=sent, stream=httpx2.ByteStream(b""))

    assert reply_info(response, 1, 0.0).headers == read


def test_c7_white_space_before_json_is_allowed() -> None:
    """quirks.md C7: long calls are padded to keep the connection open."""
    assert _result(b"\n  \n \r\n" + b'{"a":1}') == {"a": 1}


@pytest.mark.parametrize(
    "body", [b"", b"  \n ", b'{"a":', b'[{"a"'], ids=["none", "blank", "{", "["]
)
def test_c7_an_empty_or_cut_body_is_an_incomplete_one(body: bytes) -> None:
    """quirks.md C7: a transport failure, which is retried; not a JSON error."""
    with pytest.raises(IncompleteBodyError) as caught:
        _result(body)

    assert caught.value.generation_id == "gen-h"


def test_a_body_that_is_no_json_says_so() -> None:
    with pytest.raises(ResponseShapeError, match="not JSON") as caught:
        _result(b"<html>Sign in</html>")

    assert caught.value.raw == "<html>Sign in</html>"


def test_half_a_surrogate_pair_in_an_answer_is_read() -> None:
    assert _result(b'{"a":"\\ud83d"}') == {"a": "\ud83d"}


_ERROR = {"code": 429, "message": "Slow."}
_HIDDEN = {
    "top": {"error": _ERROR, "user_id": "u"},
    "top-beside-choices": {"id": "gen-1", "choices": [], "error": _ERROR},
    "choice": {"id": "gen-1", "choices": [{"error": _ERROR, "finish_reason": None, "message": {}}]},
    "choice-finish-error": {
        "choices": [{"error": _ERROR, "finish_reason": "error", "message": {"content": "x"}}]
    },
}


@pytest.mark.parametrize("body", _HIDDEN.values(), ids=_HIDDEN.keys())
def test_c1_an_error_inside_a_200_raises_the_type_of_its_code(body: dict[str, Any]) -> None:
    """quirks.md C1: at the top or in a choice, before anything else is read."""
    with pytest.raises(RateLimitError) as caught:
        _result(json.dumps(body).encode())

    assert caught.value.status_code == 429
    assert caught.value.raw["error"] == _ERROR


def test_c1_a_finish_reason_error_without_an_object_raises() -> None:
    """quirks.md C1: and names the provider's own word."""
    body = {
        "choices": [{"finish_reason": "error", "native_finish_reason": "MALFORMED", "message": {}}]
    }

    with pytest.raises(ServerError, match="MALFORMED"):
        _result(json.dumps(body).encode())


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"id": "j", "status": "failed", "error": {"message": "No", "code": 1}}},
        {"id": "vid", "status": "failed", "error": "No"},
        {
            "id": "resp",
            "object": "response",
            "status": "failed",
            "error": {"code": "x"},
            "output": [],
        },
        {"id": "resp", "error": None, "output": []},
        {"choices": [{"finish_reason": "stop", "error": None, "message": {}}]},
        {"choices": None, "error": None},
    ],
    ids=["nested", "job", "response", "null", "choice-null", "choices-null"],
)
def test_an_error_field_that_is_part_of_an_answer_is_no_failure(body: dict[str, Any]) -> None:
    assert _result(json.dumps(body).encode()) == body


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b"\xff\xfe", b"[]"])
def test_c16_a_refusal_keeps_its_status_whatever_its_body(body: bytes) -> None:
    """quirks.md C16: status first."""
    with pytest.raises(ServerError) as caught:
        _result(body, 502)

    assert caught.value.status_code == 502
    assert caught.value.generation_id == "gen-h"


def test_c14_a_no_endpoints_error_names_what_the_request_demanded() -> None:
    """quirks.md C14: the constraints, not their values."""
    body = {
        "messages": [{"role": "user", "content": "the secret prompt"}],
        "provider": {"zdr": True, "only": ["x"], "allow_fallbacks": False},
        "tools": [{}],
        "response_format": {"type": "json_schema", "json_schema": {"strict": True}},
    }
    answer = json.dumps({"error": {"code": 404, "message": "No endpoints found."}}).encode()

    with pytest.raises(NoEndpointsError) as caught:
        _result(answer, 404, json=body)

    assert caught.value.constraints == [
        "provider.only",
        "provider.zdr",
        "provider.allow_fallbacks",
        "tools",
        "response_format",
        "response_format.json_schema.strict",
    ]
    assert "provider.zdr" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_refusal_is_told_from_the_answer_that_was_asked_for() -> None:
    with pytest.raises(BadRequestError):
        _result(b'{"error":{"code":400,"message":"No."}}', 400)


@pytest.mark.parametrize(
    ("base_url", "base", "url"),
    [
        ("https://openrouter.ai/api/v1", "v1", "https://openrouter.ai/api/v1/x"),
        ("https://openrouter.ai/api/v1", "root", "https://openrouter.ai/x"),
        ("https://gw.test/team/api/v1/", "root", "https://gw.test/team/x"),
        ("http://localhost:8080", "v1", "http://localhost:8080/x"),
    ],
)
def test_the_bases_are_siblings_on_one_host(base_url: str, base: str, url: str) -> None:
    assert str(_api_url(ClientConfig.of(base_url=base_url).base_url, base, "/x")) == url
