"""What the API answers can be read: every property of every schema, and whatever else may come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from random import Random
from types import NoneType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from openrouter_core import ReplyInfo, ResponseShapeError, WireModel
from openrouter_core.wire._base import read

from . import samples, spec
from .calling import least
from .declared import Declared, declared
from .spec import Operation

OLDER_ONLY = {"createMessages", "createCompletions"}
ANSWERING = [
    one
    for one in declared()
    if one.name != "credits.create_coinbase_charge"
    and not one.streams
    and one.endpoint.describe(None, **samples.arguments(one)).into not in (bytes, NoneType)
]
IN_NEWER = [one for one in ANSWERING if one.route.operation not in OLDER_ONLY]
CLASHES = {"createRerank"}
"""Operations whose answer the newer document mistakes for another's, by a name used twice."""


@cache
def _call(one: Declared) -> Any:
    return one.endpoint.describe(None, **samples.arguments(one))


def _read(one: Declared, answer: Any) -> Any:
    call = _call(one)
    return read(call.into, answer, ReplyInfo(), envelope=call.envelope)


def _answer(one: Declared, operations: dict[str, Operation]) -> Any:
    if one.route.operation in CLASHES:
        call = _call(one)
        return {call.envelope: least(call.into)} if call.envelope else least(call.into)
    operation = operations[one.route.operation]
    assert operation.answer is not None, operation
    return samples.of_schema(operation.answer, operation.definitions)


def _unreadable(value: Any, wire: Any, path: str = "") -> Iterator[str]:
    """What the JSON has and the object does not show under the same name."""
    if isinstance(value, BaseModel) and isinstance(wire, Mapping):
        names = {item.alias or name: name for name, item in type(value).model_fields.items()}
        for key, inner in wire.items():
            if not hasattr(value, names.get(key, key)):
                yield f"{path}.{key}"
            else:
                yield from _unreadable(getattr(value, names.get(key, key)), inner, f"{path}.{key}")
    elif isinstance(value, list) and isinstance(wire, list):
        if len(value) != len(wire):
            yield f"{path} has {len(value)} items, not {len(wire)}"
        for at, (one, other) in enumerate(zip(value, wire, strict=False)):
            yield from _unreadable(one, other, f"{path}[{at}]")
    elif value is None and wire is not None:
        yield f"{path} is None"


def _untyped(value: Any, path: str = "") -> Iterator[str]:
    """What was read only because unknown fields are kept."""
    if isinstance(value, BaseModel):
        yield from (f"{path}.{name}" for name in value.model_extra or ())
        for name in type(value).model_fields:
            yield from _untyped(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _untyped(item, f"{path}[{at}]")


def _inner(one: Declared, answer: Any) -> Any:
    envelope = _call(one).envelope
    return answer[envelope] if envelope else answer


@pytest.mark.parametrize("one", IN_NEWER, ids=repr)
def test_every_property_of_the_schema_is_read(
    one: Declared, newer_operations: dict[str, Operation]
):
    answer = _answer(one, newer_operations)

    value = _read(one, answer)

    assert list(_unreadable(value, _inner(one, answer))) == []
    assert list(_untyped(value)) == []


@pytest.mark.parametrize("one", ANSWERING, ids=repr)
def test_the_least_answer_is_read(one: Declared):
    call = _call(one)

    value = _read(one, {call.envelope: least(call.into)} if call.envelope else least(call.into))

    assert isinstance(value, WireModel)


SURPRISES: tuple[Any, ...] = (None, True, -1, 3.5, "of_tomorrow", "", [], ["x", 3], {}, {"a": None})


def _places(answer: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every object in an answer, by its path."""
    if isinstance(answer, dict):
        yield path
        for key, inner in answer.items():
            yield from _places(inner, (*path, key))
    elif isinstance(answer, list):
        for at, inner in enumerate(answer):
            yield from _places(inner, (*path, at))


def _surprise(answer: Any, random: Random, needed: set[str]) -> None:
    """Add a field that nobody knows, and spoil one that is not needed."""
    place = answer
    for step in random.choice(list(_places(answer))):
        place = place[step]
    place["of_tomorrow"] = deepcopy(random.choice(SURPRISES))
    known = [key for key in place if key not in needed]
    if known:
        place[random.choice(known)] = deepcopy(random.choice(SURPRISES))


@cache
def _identities() -> frozenset[str]:
    """The names without which an answer, or a part of it, has no shape."""
    found = {"data"}
    kinds = [WireModel]
    for kind in kinds:
        kinds += kind.__subclasses__()
        kind.model_rebuild()
        found |= {i.alias or n for n, i in kind.model_fields.items() if i.is_required()}
    return frozenset(found)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(one=st.sampled_from(IN_NEWER), seed=st.integers(0, 2**32 - 1))
def test_a_surprising_answer_is_read_all_the_same(one: Declared, seed: int):
    """Unknown fields, unknown enum values, nulls and wrong leaves never cost the answer."""
    answer = _answer(one, {operation.id: operation for operation in spec.newer()})
    random = Random(seed)
    for _ in range(random.randint(1, 4)):
        _surprise(answer, random, {*_identities(), str(_call(one).envelope)})

    value = _read(one, answer)

    assert value.raw == answer


def test_a_wrong_leaf_is_left_out_and_its_neighbours_stay(caplog: pytest.LogCaptureFixture):
    (one,) = [one for one in declared() if one.name == "models.list"]
    model = {
        "id": "a/b",
        "context_length": 7,
        "architecture": {"modality": "text->text", "input_modalities": ["text", 3, 4]},
        "top_provider": {"is_moderated": True},
    }

    value = _read(one, {"data": [model]}).data[0]

    assert value.architecture.modality == "text->text"
    assert value.architecture.input_modalities is None
    assert (value.context_length, value.top_provider.is_moderated) == (7, True)


def test_a_shape_that_makes_no_sense_is_an_error_with_the_body():
    (one,) = [one for one in declared() if one.name == "models.list"]

    with pytest.raises(ResponseShapeError) as caught:
        _read(one, {"models": []})

    assert caught.value.raw == {"models": []}
