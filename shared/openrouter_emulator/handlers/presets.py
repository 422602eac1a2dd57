"""Presets: a POST stores the settings of a request as the next version. Nothing is run."""

from __future__ import annotations

import re

from openrouter_core.resources.presets import Presets
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._crud import now
from openrouter_emulator.handlers._paging import offset_page
from openrouter_emulator.inference.prompts import text_of
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state.table import Table
from openrouter_emulator.validation import checks

_CONVERSATION = (
    "messages",
    "input",
    "prompt",
    "stream",
    "stream_options",
    "system",
    "instructions",
)
_REQUIRED = {
    "createPresetsChatCompletions": ("messages",),
    "createPresetsMessages": ("messages", "model"),
    "createPresetsResponses": (),
}
_CHECKED = {"messages": checks.nullable(checks.array(checks.mapping))}
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _presets(request: HandlerRequest) -> Table:
    return request.state.table("Preset", id_field="slug")


def _versions(request: HandlerRequest) -> list[JsonObject]:
    preset = _presets(request).get(request.path["slug"])
    table = request.state.table("Preset version")
    return table.rows(lambda row: row["preset_id"] == preset["id"])


@handles(Presets.from_chat, Presets.from_messages, Presets.from_responses)
def store(request: HandlerRequest) -> JsonObject:
    """Make a preset, or the next version of one."""
    slug = request.path["slug"]
    if not _SLUG.fullmatch(slug):
        checks.refuse("slug", "Must be lowercase words joined by hyphens")
    body, table = request.body, _presets(request)
    checks.fields(_CHECKED, required=_REQUIRED[request.route.operation])(body, "")
    if slug not in table:
        table.add(_preset(request, slug))
    preset = table.get(slug)
    number = len(_versions(request)) + 1
    version = {
        "preset_id": preset["id"],
        "version": number,
        "system_prompt": _system(body),
        "config": {k: v for k, v in body.items() if k not in _CONVERSATION},
        "creator_id": request.caller.creator_user_id or "",
        "created_at": now(),
        "updated_at": now(),
    }
    version = request.state.table("Preset version").add(version)
    preset |= {"designated_version_id": version["id"], "updated_at": now()}
    table.remove(slug)
    table.add(preset)
    return {"data": {**preset, "designated_version": version}}


def _preset(request: HandlerRequest, slug: str) -> JsonObject:
    return {
        "id": f"preset_{slug}",
        "slug": slug,
        "name": slug,
        "description": None,
        "status": "active",
        "status_updated_at": None,
        "designated_version_id": None,
        "workspace_id": request.caller.workspace_id,
        "creator_user_id": request.caller.creator_user_id,
        "created_at": now(),
        "updated_at": now(),
    }


def _system(body: JsonObject) -> str | None:
    """The system prompt, wherever the shape of the request has it."""
    for name in ("system", "instructions"):
        if body.get(name):
            return text_of(body[name])
    instructions = [
        m for m in body.get("messages") or [] if m.get("role") in ("system", "developer")
    ]
    return text_of(instructions[0].get("content")) if instructions else None


@handles(Presets.list)
def list_presets(request: HandlerRequest) -> JsonObject:
    """The presets, the one changed last first."""
    return offset_page(_presets(request).rows()[::-1], request.query)


@handles(Presets.get)
def get(request: HandlerRequest) -> JsonObject:
    """One preset with the version in use."""
    preset = _presets(request).get(request.path["slug"])
    version = request.state.table("Preset version").get(preset["designated_version_id"])
    return {"data": {**preset, "designated_version": version}}


@handles(Presets.list_versions)
def list_versions(request: HandlerRequest) -> JsonObject:
    """The versions, oldest first."""
    return offset_page(_versions(request), request.query)


@handles(Presets.get_version)
def get_version(request: HandlerRequest) -> JsonObject:
    """One version by its number."""
    for row in _versions(request):
        if str(row["version"]) == request.path["version"]:
            return {"data": row}
    raise ApiError(404, "Preset version not found")
