"""A check of Schemathesis: the events of a stream are what the document says. Runs in its environment alone."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import schemathesis


@schemathesis.check
def events_conform(_context: Any, response: Any, case: Any) -> None:
    """Every event of a stream fits the document's schema of an event."""
    kind = (response.headers.get("content-type") or [""])[0]
    raw = case.operation.definition.raw
    schema = raw.get("x-events")
    if not kind.startswith("text/event-stream") or schema is None:
        return
    components = case.operation.schema.raw_schema["components"]
    validator = jsonschema_rs.validator_for({**schema, "components": components})
    for frame in response.text.split("\n\n"):
        data = next((line[6:] for line in frame.split("\n") if line.startswith("data: ")), "[DONE]")
        if data == "[DONE]":
            continue
        error = next(validator.iter_errors(json.loads(data)), None)
        if error is not None:
            raise AssertionError(f"{error.message} in the event {data[:2000]}")
