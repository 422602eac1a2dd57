"""Lenient reading: unknown things pass, wrong leaves go with a note, wrong shapes raise."""

from __future__ import annotations

import copy
import logging
import pickle
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_core import Page, ReplyInfo, ResponseShapeError, WireModel
from openrouter_core.wire import _base
from openrouter_core.wire._base import read
from openrouter_core.wire.chat import ChatResult
from openrouter_core.wire.completions import Completion

_HTTP = ReplyInfo(200, attempts=2, elapsed_s=0.5, generation_id="gen-h")


class _Limits(WireModel):
    per_day: int | None = None
    kind: Literal["soft", "hard"] | str | None = None


class _Thing(WireModel):
    name: str
    size: int | None = None
    limits: _Limits | None = None
    parts: list[_Limits] = []
    tags: dict[str, int] | None = None


@pytest.fixture(autouse=True)
def _forget_drift() -> None:
    _base._drift_seen.clear()


def _thing(**fields: Any) -> _Thing:
    return read(_Thing, {"name": "n", **fields}, _HTTP)


def test_j1_unknown_fields_are_attributes_and_raw_is_verbatim() -> None:
    """quirks.md J1: nothing is dropped, at any depth."""
    body = {"name": "n", "brand_new": {"a": [1]}, "limits": {"per_day": 1, "per_moon": 2}}

    thing = read(_Thing, body, _HTTP)

    assert thing.raw is body
    assert thing.brand_new == {"a": [1]}  # type: ignore[attr-defined]  # the claim
    assert thing.limits is not None
    assert thing.limits.per_moon == 2  # type: ignore[attr-defined]  # the claim


def test_the_http_side_is_kept() -> None:
    assert _thing().http is _HTTP
    assert _thing().http.generation_id == "gen-h"


def test_b12_a_typed_view_does_not_change_the_raw_json() -> None:
    """quirks.md B12: usage is there verbatim beside its typed fields."""
    usage = {"prompt_tokens": 1, "cost": 0, "cost_details": None, "brand_new": 1.5}
    body = {"choices": [], "usage": usage}

    answer = read(ChatResult, body, _HTTP)

    assert answer.raw["usage"] is usage
    assert answer.usage is not None
    assert answer.usage.cost == 0


def test_c12_unknown_enum_values_pass() -> None:
    """quirks.md C12: no closed literal on an answer."""
    assert _thing(limits={"kind": "liquid"}).limits.kind == "liquid"  # type: ignore[union-attr]


def test_nulls_are_read_as_nothing() -> None:
    thing = _thing(size=None, limits=None, tags=None)

    assert (thing.size, thing.limits, thing.tags) == (None, None, None)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"size": "large"}, "size"),
        ({"limits": {"per_day": "many", "kind": "soft"}}, "limits.per_day"),
        ({"parts": [{"per_day": 1}, {"per_day": []}]}, "parts.[].per_day"),
        ({"tags": {"a": 1, "b": "x"}}, "tags.b"),
        ({"limits": 7}, "limits"),
    ],
    ids=["leaf", "nested", "in-a-list", "in-a-mapping", "branch"],
)
def test_c12_a_leaf_of_a_wrong_type_is_left_out_with_one_note(
    wrong: dict[str, Any], path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """quirks.md C12: the rest of the answer stays usable; raw has the leaf."""
    with caplog.at_level(logging.WARNING, "openrouter.drift"):
        things = [_thing(**wrong) for _ in range(3)]

    assert all(thing.name == "n" for thing in things)
    assert things[0].raw == {"name": "n", **wrong}
    assert len(caplog.records) == 1
    assert path in caplog.text


def test_good_neighbours_of_a_wrong_leaf_stay() -> None:
    thing = _thing(limits={"per_day": "many", "kind": "soft"}, tags={"a": 1, "b": "x"})

    assert thing.limits is not None
    assert (thing.limits.per_day, thing.limits.kind) == (None, "soft")
    assert thing.tags == {"a": 1}


def test_the_json_that_came_is_not_changed_by_reading() -> None:
    body = {"name": "n", "limits": {"per_day": "many"}, "parts": [{"per_day": "x"}]}
    before = copy.deepcopy(body)

    read(_Thing, body, _HTTP)

    assert body == before


@pytest.mark.parametrize(
    "body", [[], "text", 7, None, {}, {"name": None}, {"name": {"a": 1}}, {"data": {}}],
    ids=["list", "text", "number", "null", "empty", "null-name", "object-name", "envelope"],
)  # fmt: skip
def test_a_wrong_shape_raises_and_holds_the_body(body: Any) -> None:
    with pytest.raises(ResponseShapeError, match="_Thing") as caught:
        read(_Thing, body, _HTTP)

    assert caught.value.raw == body


def test_a_shape_error_does_not_quote_the_body() -> None:
    with pytest.raises(ResponseShapeError) as caught:
        read(_Thing, {"name": ["the secret answer"]}, _HTTP)

    assert "secret" not in str(caught.value) + repr(caught.value)


def test_an_envelope_is_taken_off() -> None:
    body = {"data": {"name": "n"}, "meta": 1}

    thing = read(_Thing, body, _HTTP, envelope="data")

    assert (thing.name, thing.raw) == ("n", body)
    assert read(_Thing, {"name": "n"}, _HTTP, envelope="data").name == "n"


def test_a_page_reads_its_items() -> None:
    page = read(
        Page[_Thing], {"data": [{"name": "a"}, {"name": "b", "x": 1}], "total_count": 9}, _HTTP
    )

    assert [thing.name for thing in page.data] == ["a", "b"]
    assert page.total_count == 9


def test_plain_types_are_read_as_they_are() -> None:
    assert read(dict, {"a": 1}, _HTTP) == {"a": 1}
    assert read(object, [1], _HTTP) == [1]  # type: ignore[comparison-overlap]  # any JSON


@pytest.mark.parametrize("copier", [lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy])
def test_answers_survive_pickle_and_copy(copier: Any) -> None:
    thing = read(ChatResult, {"choices": [], "new": 1}, _HTTP)

    twin = copier(thing)

    assert twin == thing
    assert twin.raw == thing.raw
    assert twin.http == _HTTP


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_FIELDS = ["id", "model", "provider", "created", "usage", "service_tier", "system_fingerprint", "x"]


@settings(max_examples=60, deadline=None)
@given(
    top=st.dictionaries(st.sampled_from(_FIELDS), _JSON),
    choice=st.dictionaries(st.sampled_from(["index", "finish_reason", "logprobs", "y"]), _JSON),
    message=st.dictionaries(
        st.sampled_from(["role", "content", "refusal", "reasoning", "tool_calls", "images"]), _JSON
    ),
)
def test_c12_no_value_of_an_optional_field_breaks_a_reply(
    top: dict[str, Any], choice: dict[str, Any], message: dict[str, Any]
) -> None:
    """quirks.md C12: whatever comes in fields that may be absent, the reply is read."""
    body = {**top, "choices": [{**choice, "message": message}]}

    answer = read(ChatResult, body, _HTTP)

    assert answer.raw is body
    assert len(answer.choices) == 1
    assert isinstance(answer.text, str)


@pytest.mark.parametrize("kind", [ChatResult, Completion])
def test_reply_without_choices_is_a_typed_error(kind: type[ChatResult | Completion]) -> None:
    body = {"id": "gen-1", "choices": []}

    with pytest.raises(ResponseShapeError, match="no choices") as raised:
        read(kind, body, _HTTP).text  # noqa: B018

    assert raised.value.raw == body
    assert raised.value.generation_id
