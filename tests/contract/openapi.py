"""The operations as an OpenAPI document again, for programs that read one: the newest, and what only older documents have."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import spec

Json = dict[str, Any]

_MEDIA = {"json": "application/json", "multipart": "multipart/form-data", "form": "application/x-www-form-urlencoded"}  # fmt: skip
_ANSWER = "Answered"
"""What the definitions of answers begin with."""
_STATES = frozenset({"status"})
"""Fields of answers that are never what was sent; what else has an open enum may be."""
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "object", "required": ["message"]}},
}
"""What every refusal is, in whatever envelope."""


@dataclass(frozen=True)
class Served:
    """What of an operation is there to be asked for."""

    path: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Values of parameters in the path that exist."""
    bodies: Sequence[Json] = ()
    """Bodies that are answered."""


def document(served: Mapping[str, Served]) -> Json:
    """An OpenAPI document of some operations, by their ids."""
    pinned = spec.pinned_document()
    answered = {f"{_ANSWER}{name}": _answered(schema) for name, schema in pinned["$defs"].items()}
    paths: Json = {}
    for raw in pinned["operations"]:
        if raw.get("status") and (known := served.get(raw["operation_id"])) is not None:
            prefix = "/api/v1" if raw.get("server", "").endswith("/v1") else ""
            item = _operation(raw, known, pinned["$defs"])
            paths.setdefault(prefix + raw["path"], {})[raw["method"].lower()] = item
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "OpenRouter", "version": "newest"},
        "paths": paths,
        "components": {"schemas": pinned["$defs"] | answered},
    }
    text = json.dumps(whole).replace("#/$defs/", "#/components/schemas/")
    made: Json = json.loads(text)
    return made


def _answered(schema: Json) -> Json:
    """A schema as answers have to keep it, of definitions of its own."""
    text = json.dumps(schema).replace("#/$defs/", f"#/$defs/{_ANSWER}")
    opened: Json = _opened(json.loads(text))
    return opened


def _opened(part: Any, name: str = "") -> Any:
    """A schema without the enums that are open, for values come back as they were sent; but of states."""
    if isinstance(part, list):
        return [_opened(one, name) for one in part]
    if not isinstance(part, dict):
        return part
    is_open = "enum" in part and bool(part.get("x-open")) and name not in _STATES
    kept = {k: v for k, v in part.items() if not (k == "enum" and is_open)}
    return {k: _opened(v, name if k in {"anyOf", "oneOf"} else k) for k, v in kept.items()}


def _operation(raw: Json, served: Served, definitions: Json) -> Json:
    named = {p["name"] for p in raw["params"]}
    unnamed = [name for name in re.findall(r"{(\w+)}", raw["path"]) if name not in named]
    parameters = [
        *raw["params"],
        *({"name": n, "in": "path", "schema": {"type": "string"}} for n in unnamed),
    ]
    made: Json = {
        "operationId": raw["operation_id"],
        "parameters": [_parameter(p, served.path) for p in parameters],
        "responses": {status: _response(raw, str(status)) for status in raw.get("status", ())},
    }
    if body := raw.get("body"):
        content: Json = {"schema": _body_schema(body["schema"], served)}
        if served.bodies:
            content["examples"] = {str(at): {"value": b} for at, b in enumerate(served.bodies)}
        made["requestBody"] = {"required": True, "content": {_MEDIA[body["media"]]: content}}
    if raw.get("streams") and len(raw["success_json"]) > 1:
        made["x-events"] = _answered(_event(raw["success_json"][1], definitions))
    return made


def _event(schema: Json, definitions: Json) -> Json:
    """The JSON of an event, without its framing by `data` or by `event` and `data`."""
    inside = schema.get("properties") or {}
    if "$ref" in schema:
        inside = definitions[schema["$ref"].rpartition("/")[2]].get("properties", {})
    if set(inside) == {"data", "event"}:
        return dict(inside["data"])
    return spec.unframed(schema, definitions)


def _parameter(given: Json, known: Mapping[str, Any]) -> Json:
    """A parameter; in the path it is mostly something that exists."""
    schema, place = given["schema"], given["in"]
    if place == "path" and given["name"] in known:
        schema = {"anyOf": [{"enum": [known[given["name"]]]}, {"type": "string", "minLength": 1}]}
    required = place == "path" or bool(given.get("required"))
    return {"name": given["name"], "in": place, "required": required, "schema": schema}


def _body_schema(schema: Json, served: Served) -> Json:
    """The schema of a body, asking a model that serves the operation."""
    models = [body["model"] for body in served.bodies if "model" in body]
    fields = schema.get("properties", {})
    if not models or "model" not in fields:
        return schema
    return {**schema, "properties": {**fields, "model": {"enum": models[:1]}}}


def _response(raw: Json, status: str) -> Json:
    content: Json = {}
    if status.startswith("2"):
        if raw["success_json"]:
            misnamed = raw["operation_id"] in spec.MISNAMED
            content["application/json"] = (
                {} if misnamed else {"schema": _answered(raw["success_json"][0])}
            )
        if raw.get("streams"):
            content["text/event-stream"] = {}
        if not content:
            content["*/*"] = {}
    elif not status.startswith("3"):
        content["application/json"] = {"schema": _ERROR}
    return {"description": status, "content": content}
