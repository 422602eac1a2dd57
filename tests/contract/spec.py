"""The API's own documents: how they are read, and the copy that this project is held against.

`operations.json` holds the operations and schemas of the newest document, derived from the types of the official Python
SDK (MIT) and, for what that leaves out, from the OpenAPI document of August 2026 (MIT): names, types and enums only.
`scripts/check_spec.py` compares a newer document with it. The documents themselves are not part of this project; they are
looked for in OPENROUTER_SPEC_DIR, then in a folder `shared/openrouter-api` next to the checkout.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]

ABSENT = (
    "API documents not found: set OPENROUTER_SPEC_DIR to a folder with operations-2026-10.json "
    "and openapi-2026-08.yaml to hold the pinned copy against them."
)
PINNED = Path(__file__).parent / "operations.json"
_CHECKOUT = Path(__file__).resolve().parents[2]
NEWER, OLDER = "operations-2026-10.json", "openapi-2026-08.yaml"
MISNAMED = frozenset({"createRerank", "listGenerationContent"})
"""Their answers in the newest document use a name that means another thing elsewhere in it."""
_METHODS = ("get", "post", "put", "patch", "delete")
_BODIES = {"application/json": "json", "multipart/form-data": "multipart"}


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of a document, with JSON Schemas whose references are under `$defs`."""

    id: str
    method: str
    path: str
    server: str = ""
    query: Json = field(default_factory=dict)
    headers: Json = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    """Query parameters and headers that must be given."""
    body: Json | None = None
    media: str | None = None
    answers: tuple[Json, ...] = ()
    """The JSON of a success, and of an event of the stream."""
    statuses: frozenset[int] = frozenset()
    streams: bool = False
    deprecated: bool = False
    security: str = ""
    """Empty when it is that of the whole document."""
    definitions: Json = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return self.id

    @property
    def answer(self) -> Json | None:
        """The JSON of a success."""
        return self.answers[0] if self.answers else None

    def body_fields(self) -> set[str]:
        return set((self.body or {}).get("properties", ()))

    def schema(self, part: Json) -> Json:
        """A part with all definitions, as a validator takes it."""
        return {**part, "$defs": self.definitions}


def folder() -> Path | None:
    """Return the folder of the documents, or None when there is none."""
    named = os.environ.get("OPENROUTER_SPEC_DIR")
    place = Path(named) if named else _CHECKOUT.parent / "shared" / "openrouter-api"
    return place if (place / NEWER).exists() else None


@cache
def pinned() -> tuple[Operation, ...]:
    """Every operation of the pinned copy."""
    return read(pinned_document())


@cache
def pinned_document() -> Json:
    """The pinned copy as it stands in its file."""
    document: Json = json.loads(PINNED.read_text("utf-8"))
    return document


@cache
def newer() -> tuple[Operation, ...]:
    """The operations of the newest document, from the pinned copy."""
    return read(newest_document())


def newest_document() -> Json:
    """The pinned copy without what only older documents have."""
    whole = pinned_document()
    return {
        "operations": [o for o in whole["operations"] if o["operation_id"] not in whole["older"]],
        "$defs": {n: d for n, d in whole["$defs"].items() if not n.startswith("Older")},
    }


@cache
def older() -> tuple[Operation, ...]:
    """The operations of August 2026."""
    place = folder()
    return read(load(place / OLDER)) if place else ()


def load(path: Path) -> Json:
    """Read a document, OpenAPI in YAML or JSON or the compact list, in its compact form."""
    text = path.read_text("utf-8")
    document: Json
    if path.suffix in (".yaml", ".yml"):
        import yaml

        safe = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        document = yaml.load(text, Loader=safe)  # noqa: S506  # one of the two safe loaders
    else:
        document = json.loads(text)
    return document if "operations" in document else compact(document)


def read(document: Json) -> tuple[Operation, ...]:
    """The operations of a document in its compact form."""
    return tuple(_operation(raw, document["$defs"]) for raw in document["operations"])


def _operation(raw: Json, definitions: Json) -> Operation:
    named = {
        place: {p["name"]: p["schema"] for p in raw["params"] if p["in"] == place}
        for place in ("query", "header")
    }
    body = raw.get("body") or {}
    return Operation(
        raw["operation_id"],
        raw["method"],
        raw["path"],
        raw.get("server", ""),
        named["query"],
        named["header"],
        frozenset(p["name"] for p in raw["params"] if p.get("required") and p["in"] != "path"),
        _resolved(body["schema"], definitions) if body else None,
        body.get("media"),
        tuple(raw["success_json"]),
        frozenset(int(status) for status in raw.get("status", ()) if str(status).isdecimal()),
        bool(raw.get("streams")),
        bool(raw.get("deprecated")),
        json.dumps(raw["security"]) if "security" in raw else "",
        definitions,
    )


def _resolved(schema: Json, definitions: Json) -> Json:
    """A schema without a reference or `allOf` at its top."""
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "allOf" in schema:
        parts = [_resolved(part, definitions) for part in schema["allOf"]]
        schema = {"properties": {k: v for p in parts for k, v in p.get("properties", {}).items()}}
    return schema


# ---------------------------------------------------------------- OpenAPI


def compact(document: Json) -> Json:
    """An OpenAPI document in the compact form."""
    text = json.dumps(document, default=str).replace("#/components/schemas/", "#/$defs/")
    whole: Json = json.loads(text)
    return {
        "operations": [
            _compacted(whole, path, method, item)
            for path, item in whole["paths"].items()
            for method in _METHODS
            if method in item
        ],
        "$defs": whole.get("components", {}).get("schemas", {}),
    }


def _compacted(whole: Json, path: str, method: str, item: Json) -> Json:
    raw = item[method]
    answers = {
        status: _followed(whole, answer) for status, answer in raw.get("responses", {}).items()
    }
    success = [a for status, a in answers.items() if str(status).startswith("2")]
    media = {name: c for a in success for name, c in a.get("content", {}).items()}
    shapes = [
        unframed(media[name]["schema"], whole["components"]["schemas"])
        for name in ("application/json", "text/event-stream")
        if "schema" in media.get(name, {})
    ]
    made: Json = {
        "operation_id": raw["operationId"],
        "method": method.upper(),
        "path": path,
        "server": _server(whole, item, raw),
        "deprecated": raw.get("deprecated", False),
        "streams": "text/event-stream" in media,
        "params": [
            {
                "name": p["name"],
                "in": p["in"],
                "required": p.get("required", False),
                "schema": p.get("schema", {}),
            }
            for p in (
                _followed(whole, p)
                for p in (*item.get("parameters", ()), *raw.get("parameters", ()))
            )
        ],
        "success_json": shapes,
        "status": list(answers),
    }
    body = _followed(whole, raw.get("requestBody", {})).get("content", {})
    kind = next((name for name in _BODIES if name in body), None)
    if kind:
        made["body"] = {"media": _BODIES[kind], "schema": body[kind].get("schema", {})}
    if not raw.get("security", ["default"]):
        made["security"] = []
    return made


def _server(whole: Json, item: Json, raw: Json) -> str:
    servers = raw.get("servers") or item.get("servers") or whole.get("servers") or [{"url": ""}]
    return str(servers[0]["url"])


def _followed(whole: Json, thing: Json) -> Json:
    """A parameter, body or answer behind its `$ref`."""
    while "$ref" in thing:
        at: Any = whole
        for step in thing["$ref"].removeprefix("#/").split("/"):
            at = at[step.replace("~1", "/").replace("~0", "~")]
        thing = at
    return thing


def unframed(schema: Json, definitions: Json) -> Json:
    """An event of a stream without the `data` that stands for its framing."""
    whole = _resolved(schema, definitions)
    inside = whole.get("properties", {})
    return inside["data"] if set(inside) == {"data"} else schema


# ---------------------------------------------------------------- the pinned copy


def pin(*documents: Json, unlisted: Iterable[Json] = ()) -> Json:
    """One document of several: what an earlier one has is not taken from a later one."""
    first, *others = documents
    operations, definitions = list(first["operations"]), dict(first["$defs"])
    have, later = {raw["operation_id"] for raw in operations}, []
    for number, other in enumerate(others, 1):
        for raw in other["operations"]:
            if raw["operation_id"] not in have:
                prefix = f"Older{number}"
                definitions |= {
                    f"{prefix}{n}": _prefixed(other["$defs"][n], prefix)
                    for n in reachable(raw, other["$defs"])
                }
                operations.append(_prefixed(raw, prefix))
                later.append(raw["operation_id"])
    for raw in unlisted:
        operations.append({"params": [], "success_json": [], **raw})
        later.append(raw["operation_id"])
    return _bare({"older": later, "operations": operations, "$defs": definitions})


def reachable(part: Any, definitions: Mapping[str, Any]) -> set[str]:
    """The names of the definitions that a part of a document refers to, directly or not."""
    found: set[str] = set()
    wanted = [part]
    while wanted:
        for name in re.findall(r'"#/\$defs/([^"]+)"', json.dumps(wanted.pop())):
            if name not in found:
                found.add(name)
                wanted.append(definitions[name])
    return found


def _prefixed(part: Any, prefix: str) -> Any:
    return json.loads(json.dumps(part).replace("#/$defs/", f"#/$defs/{prefix}"))


def _bare(part: Any) -> Any:
    """A part without prose: no descriptions, titles, examples or defaults."""
    if isinstance(part, list):
        return [_bare(one) for one in part]
    if not isinstance(part, dict):
        return part
    prose = {"description", "title", "example", "examples", "default", "returns", "content_types"}
    kept = {k: v for k, v in part.items() if k not in prose or isinstance(v, dict)}
    return {k: _bare(v) for k, v in kept.items() if not k.startswith("x-speakeasy")}


def written(document: Json) -> str:
    """The pinned copy as text: a line for each operation and each definition."""

    def lines(rows: Iterator[str]) -> str:
        return ",\n".join(rows)

    operations = lines(json.dumps(o, separators=(",", ":")) for o in document["operations"])
    definitions = lines(
        f"{json.dumps(n)}:{json.dumps(d, separators=(',', ':'))}"
        for n, d in sorted(document["$defs"].items())
    )
    older = json.dumps(document["older"])
    return (
        f'{{"older":{older},\n"operations":[\n{operations}\n],\n"$defs":{{\n{definitions}\n}}}}\n'
    )
