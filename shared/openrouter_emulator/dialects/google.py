"""What Google refuses: signatures of another vendor's model, names of functions, required fields without a schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.dialects import refusal, refuses
from openrouter_emulator.dialects.conversations import family_of, reasoning_of
from openrouter_emulator.planned_response import JsonObject

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}")


@refuses("google/")
def history(body: JsonObject, chosen: Chosen) -> None:
    """A signature of another vendor is "corrupted" (OpenRouterTeam/ai-sdk-provider#273)."""
    for _, entry in reasoning_of(body["messages"]):
        if entry.get("signature") and family_of(entry) not in {None, "google"}:
            _refuse(chosen, "Corrupted thought signature.")


@refuses("google-vertex")
def vertex_functions(body: JsonObject, chosen: Chosen) -> None:
    """What is required must be among the properties (BoltAI/BoltAI#375)."""
    for _, schema in _schemas(body):
        if missing := _undefined(schema):
            fields = ", ".join(f"'{name}'" for _, name in missing)
            _refuse(chosen, f"Unable to submit request because required fields [{fields}] are not defined in the "
                    "schema properties.")  # fmt: skip


@refuses("google-ai-studio")
def names(body: JsonObject, chosen: Chosen) -> None:
    """Names of functions have a form (kaitranntt/ccs#219, google-gemini/gemini-cli#7869)."""
    complaints = [
        f"\n  * tools[0].function_declarations[{at}].name: [FIELD_INVALID] Invalid function name. Must start with a "
        "letter or an underscore. Must be a-z, A-Z, 0-9, or contain underscores (_), dots (.), colons (:), or dashes "
        "(-), with a maximum length of 64."
        for at, tool in enumerate(body.get("tools") or ())
        if tool.get("type") == "function" and not _NAME.fullmatch(tool["function"]["name"])
    ]
    if complaints:
        _refuse(chosen, f"The GenerateContentRequest proto is invalid:{''.join(complaints)}")


@refuses("google-ai-studio")
def ai_studio_functions(body: JsonObject, chosen: Chosen) -> None:
    """The same in other words, all faults at once (moltis-org/moltis#716)."""
    complaints = [
        f"* GenerateContentRequest.tools[0].function_declarations[{at}].parameters{where}.required[{n}]: "
        "property is not defined\n"
        for at, schema in _functions(body)
        for where, inner in _objects(schema, "")
        for n, _ in _undefined(inner)
    ]
    if complaints:
        _refuse(chosen, "".join(complaints))


def _functions(body: JsonObject) -> Iterator[tuple[int, JsonObject]]:
    for at, tool in enumerate(body.get("tools") or ()):
        if tool.get("type") == "function":
            yield at, tool["function"].get("parameters") or {}


def _schemas(body: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for _, schema in _functions(body):
        yield from _objects(schema, "")


def _objects(schema: Any, where: str) -> Iterator[tuple[str, JsonObject]]:
    """Every schema of an object in a schema, with the path that Google writes."""
    if not isinstance(schema, dict):
        return
    if schema.get("properties"):
        yield where, schema
    for name, inner in (schema.get("properties") or {}).items():
        yield from _objects(inner, f"{where}.properties[{name}]")
    yield from _objects(schema.get("items"), f"{where}.items")


def _undefined(schema: JsonObject) -> list[tuple[int, str]]:
    known = schema.get("properties") or {}
    return [(n, name) for n, name in enumerate(schema.get("required") or ()) if name not in known]


def _refuse(chosen: Chosen, words: str) -> NoReturn:
    error = {"code": 400, "message": words, "status": "INVALID_ARGUMENT"}
    raise refusal(chosen, {"error": error})
