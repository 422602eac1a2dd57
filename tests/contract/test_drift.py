"""Every kind of difference between two documents of the API is seen by `scripts/check_spec.py`."""

from __future__ import annotations

import copy
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from . import spec

_PATH = Path(__file__).resolve().parents[2] / "scripts" / "check_spec.py"
Document = dict[str, Any]


@pytest.fixture(scope="module")
def check_spec() -> Any:
    made = importlib.util.spec_from_file_location("check_spec", _PATH)
    assert made is not None
    assert made.loader is not None
    module = importlib.util.module_from_spec(made)
    made.loader.exec_module(module)
    return module


class Mutant:
    """A copy of the newest document, to be changed in one place."""

    def __init__(self) -> None:
        self.document = copy.deepcopy(spec.newest_document())

    def operation(self, id: str) -> Document:
        return next(o for o in self.document["operations"] if o["operation_id"] == id)

    def body(self, id: str) -> Document:
        return self._inside(self.operation(id)["body"]["schema"])

    def answer(self, id: str) -> Document:
        return self._inside(self.operation(id)["success_json"][0])

    def definition(self, name: str) -> Document:
        found: Document = self.document["$defs"][name]
        return found

    def _inside(self, schema: Document) -> Document:
        while "$ref" in schema:
            schema = self.definition(schema["$ref"].rpartition("/")[2])
        return schema


def _new_operation(m: Mutant) -> None:
    m.document["operations"].append({**m.operation("getCredits"), "operation_id": "inventThings"})


def _operation_gone(m: Mutant) -> None:
    m.document["operations"].remove(m.operation("getCredits"))


def _parameter(m: Mutant, place: str) -> None:
    made = {"name": "brand-new", "in": place, "required": False, "schema": {"type": "string"}}
    m.operation("getCredits")["params"].append(made)


def _wider(m: Mutant) -> None:
    tier = m.body("sendChatCompletionRequest")["properties"]["service_tier"]
    _enums(tier)[0]["enum"].append("brand-new")


def _enums(schema: Any) -> list[Document]:
    if isinstance(schema, list):
        return [found for one in schema for found in _enums(one)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if "enum" in schema else []
    return [*own, *(found for value in schema.values() for found in _enums(value))]


def _new_event(m: Mutant) -> None:
    event = {"properties": {"type": {"const": "response.brand_new"}}, "required": ["type"]}
    m.operation("createResponses")["success_json"].append(event)


MUTANTS: dict[str, tuple[Callable[[Mutant], Any], str]] = {
    "operation is new": (_new_operation, "declare inventThings"),
    "operation is gone": (_operation_gone, "no longer has getCredits"),
    "operation is renamed": (
        lambda m: m.operation("getCredits").update(operation_id="getBalance"),
        "declare getBalance",
    ),
    "method": (lambda m: m.operation("getCredits").update(method="POST"), "POST /credits"),
    "path": (lambda m: m.operation("getCredits").update(path="/balance"), "GET /balance"),
    "server": (
        lambda m: m.operation("listBatches").update(server="https://openrouter.ai/api/beta"),
        "server was https://openrouter.ai/api/v1 and is https://openrouter.ai/api/beta",
    ),
    "query parameter": (lambda m: _parameter(m, "query"), "query brand-new is new"),
    "header": (lambda m: _parameter(m, "header"), "header brand-new is new"),
    "body field": (
        lambda m: m.body("createKeys")["properties"].update(brand_new={"type": "string"}),
        "body.brand_new is new",
    ),
    "nested body field": (
        lambda m: m.definition("ProviderPreferences")["properties"].update(
            brand_new={"type": "string"}
        ),
        "body.provider.brand_new is new",
    ),
    "field of a plugin": (
        lambda m: m.definition("AutoRouterPlugin")["properties"].update(
            brand_new={"type": "string"}
        ),
        "body.plugins[]<auto-router>.brand_new is new",
    ),
    "enum value": (_wider, "body.service_tier = brand-new is new"),
    "field of an answer": (
        lambda m: m.answer("getCredits")["properties"].update(brand_new={"type": "string"}),
        "answer.brand_new is new",
    ),
    "nested field of an answer": (
        lambda m: m.definition("ChatUsage")["properties"].update(brand_new={"type": "string"}),
        "answer.usage.brand_new is new",
    ),
    "media type": (
        lambda m: m.operation("createKeys")["body"].update(media="multipart"),
        "body was json and is multipart",
    ),
    "required": (
        lambda m: m.body("createKeys").setdefault("required", []).append("limit"),
        "body.limit was optional and is required",
    ),
    "type": (
        lambda m: m.body("createKeys")["properties"].update(limit={"type": "boolean"}),
        "body.limit : boolean is new",
    ),
    "deprecated": (
        lambda m: m.operation("getCredits").update(deprecated=True),
        "deprecated was False and is True",
    ),
    "status": (lambda m: m.operation("getCredits")["status"].append("418"), "status 418 is new"),
    "error type": (
        lambda m: m.definition("OpenResponsesErrorField")["properties"]["code"]["enum"].append(
            "new"
        ),
        "error.code = new is new",
    ),
    "event of a stream": (_new_event, "answer<response.brand_new>"),
    "security": (
        lambda m: m.operation("getCredits").update(security=[]),
        "security was as everywhere",
    ),
}
"""A change of each kind, and what has to be printed for it."""


def test_a_document_that_did_not_change_leaves_nothing_to_do(check_spec: Any):
    assert list(check_spec.drift(spec.newer(), spec.newer())) == []


@pytest.mark.parametrize(("change", "words"), MUTANTS.values(), ids=MUTANTS)
def test_each_kind_of_drift_is_seen(check_spec: Any, change: Callable[[Mutant], Any], words: str):
    mutant = Mutant()
    change(mutant)

    lines = list(check_spec.drift(spec.read(mutant.document), spec.newer()))

    assert any(words in line for line in lines), lines


def test_there_are_twenty_two_kinds():
    assert len(MUTANTS) == 22


def _definitions(text: str) -> Iterator[str]:
    yield from (line for line in text.splitlines() if line.startswith('"'))


def test_the_pinned_copy_is_the_newest_document():
    place = spec.folder()
    if place is None:
        pytest.skip(spec.ABSENT)
    pytest.importorskip("yaml", reason="PyYAML reads the OpenAPI document")
    unlisted = [
        o for o in spec.pinned_document()["operations"] if o["operation_id"] == "createCompletions"
    ]
    made = spec.pin(
        *(spec.load(place / name) for name in (spec.NEWER, spec.OLDER)), unlisted=unlisted
    )

    assert spec.written(made) == spec.PINNED.read_text("utf-8")


REFERRING: Document = {
    "servers": [{"url": "https://openrouter.ai/api/v1"}],
    "paths": {
        "/credits": {
            "parameters": [{"$ref": "#/components/parameters/Page"}],
            "get": {
                "operationId": "getCredits",
                "responses": {"200": {"$ref": "#/components/responses/Credits"}},
            },
            "post": {
                "operationId": "addCredits",
                "servers": [{"url": "https://openrouter.ai/api/beta"}],
                "requestBody": {"$ref": "#/components/requestBodies/Credits"},
                "responses": {},
            },
        }
    },
    "components": {
        "parameters": {"Page": {"name": "page", "in": "query", "schema": {"type": "integer"}}},
        "requestBodies": {
            "Credits": {
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Credits"}}
                }
            }
        },
        "responses": {
            "Credits": {
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Credits"}}
                }
            }
        },
        "schemas": {"Credits": {"type": "object", "properties": {"total": {"type": "number"}}}},
    },
}


def test_references_are_followed_everywhere_in_an_openapi_document():
    read, add = spec.read(spec.compact(REFERRING))

    assert read.query == {"page": {"type": "integer"}}
    assert read.answer == {"$ref": "#/$defs/Credits"}
    assert add.body_fields() == {"total"}
    assert add.server.endswith("/beta")
