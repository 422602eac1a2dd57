"""The API's own documents: where they are, and the operations they describe.

They are not part of this project. They are looked for in OPENROUTER_SPEC_DIR, then in a folder
`shared/openrouter-api` next to the checkout.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ABSENT = (
    "API documents not found: set OPENROUTER_SPEC_DIR to a folder with operations-2026-10.json "
    "and openapi-2026-08.yaml to hold the client against them."
)
_CHECKOUT = Path(__file__).resolve().parents[2]
_NEWER, _OLDER = "operations-2026-10.json", "openapi-2026-08.yaml"
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """One operation of a document, with JSON Schemas whose references are under `$defs`."""

    id: str
    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    media: str | None = None
    answer: dict[str, Any] | None = None
    definitions: dict[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return self.id

    def body_fields(self) -> set[str]:
        return set((self.body or {}).get("properties", ()))

    def schema(self, part: dict[str, Any]) -> dict[str, Any]:
        """A part with all definitions, as a validator takes it."""
        return {**part, "$defs": self.definitions}


def folder() -> Path | None:
    """Return the folder of the documents, or None when there is none."""
    named = os.environ.get("OPENROUTER_SPEC_DIR")
    place = Path(named) if named else _CHECKOUT.parent / "shared" / "openrouter-api"
    return place if (place / _NEWER).exists() else None


@cache
def newer() -> tuple[Operation, ...]:
    """The operations of October 2026."""
    place = folder()
    return read_newer(json.loads((place / _NEWER).read_text("utf-8"))) if place else ()


def read_newer(document: dict[str, Any]) -> tuple[Operation, ...]:
    """Read the compact form: a list of operations and their definitions."""
    return tuple(_newer_operation(raw, document["$defs"]) for raw in document["operations"])


def _newer_operation(raw: dict[str, Any], definitions: dict[str, Any]) -> Operation:
    named = {
        place: {p["name"]: p["schema"] for p in raw["params"] if p["in"] == place}
        for place in ("query", "header")
    }
    body = raw.get("body") or {}
    return Operation(
        raw["operation_id"],
        raw["method"],
        raw["path"],
        named["query"],
        named["header"],
        body.get("schema"),
        body.get("media"),
        next(iter(raw["success_json"]), None),
        definitions,
    )


@cache
def older() -> tuple[Operation, ...]:
    """The operations of August 2026."""
    import yaml

    place = folder()
    if place is None:
        return ()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return read_openapi(yaml.load((place / _OLDER).read_text("utf-8"), Loader=loader))


def read_openapi(document: dict[str, Any]) -> tuple[Operation, ...]:
    """Read an OpenAPI document."""
    schemas = document["components"]["schemas"]
    definitions = json.loads(json.dumps(schemas).replace("#/components/schemas/", "#/$defs/"))
    return tuple(
        _openapi_operation(method, path, raw, item.get("parameters", ()), definitions)
        for path, item in document["paths"].items()
        for method, raw in item.items()
        if method in _METHODS
    )


def _openapi_operation(
    method: str, path: str, raw: dict[str, Any], shared: Any, definitions: dict[str, Any]
) -> Operation:
    parameters = [*shared, *raw.get("parameters", ())]
    named = {
        place: {p["name"]: p.get("schema", {}) for p in parameters if p["in"] == place}
        for place in ("query", "header")
    }
    content = raw.get("requestBody", {}).get("content", {})
    media = next((m for m in ("application/json", "multipart/form-data") if m in content), None)
    body = _resolved(content[media]["schema"], definitions) if media else None
    return Operation(
        raw["operationId"],
        method.upper(),
        path,
        named["query"],
        named["header"],
        body,
        media,
        definitions=definitions,
    )


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(schema).replace("#/components/schemas/", "#/$defs/")
    local: dict[str, Any] = json.loads(text)
    while "$ref" in local:
        local = definitions[local["$ref"].rpartition("/")[2]]
    if "allOf" in local:
        parts = [_resolved(part, definitions) for part in local["allOf"]]
        local = {"properties": {k: v for part in parts for k, v in part["properties"].items()}}
    return local
