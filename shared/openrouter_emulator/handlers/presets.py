"""Presets: a POST stores the settings of a request as the next version. Nothing is run."""

from __future__ import annotations

import re

from openrouter_core.resources.presets import Presets
from openrouter_emulator import checks
from openrouter_emulator.answers import ApiError, Ask, answers
from openrouter_emulator.crud import now
from openrouter_emulator.drafts import JsonObject
from openrouter_emulator.paging import offset_page
from openrouter_emulator.prompts import text_of
from openrouter_emulator.state import Table

_CONVERSATION = (
    "messages",
    "input",
    "prompt",
    "stream",
    "stream_options",
    "system",
    "instructions",
)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _presets(ask: Ask) -> Table:
    return ask.state.table("Preset", id_field="slug")


def _versions(ask: Ask) -> list[JsonObject]:
    preset = _presets(ask).get(ask.path["slug"])
    table = ask.state.table("Preset version")
    return table.rows(lambda row: row["preset_id"] == preset["id"])


@answers(Presets.from_chat, Presets.from_messages, Presets.from_responses)
def store(ask: Ask) -> JsonObject:
    """Make a preset, or the next version of one."""
    slug = ask.path["slug"]
    if not _SLUG.fullmatch(slug):
        checks.refuse("slug", "Must be lowercase words joined by hyphens")
    body, table = ask.body, _presets(ask)
    if slug not in table:
        table.add(_preset(ask, slug))
    preset = table.get(slug)
    number = len(_versions(ask)) + 1
    version = {
        "preset_id": preset["id"],
        "version": number,
        "system_prompt": _system(body),
        "config": {k: v for k, v in body.items() if k not in _CONVERSATION},
        "creator_id": ask.caller.creator_user_id or "",
        "created_at": now(),
        "updated_at": now(),
    }
    version = ask.state.table("Preset version").add(version)
    preset |= {"designated_version_id": version["id"], "updated_at": now()}
    table.remove(slug)
    table.add(preset)
    return {"data": {**preset, "designated_version": version}}


def _preset(ask: Ask, slug: str) -> JsonObject:
    return {
        "id": f"preset_{slug}",
        "slug": slug,
        "name": slug,
        "description": None,
        "status": "active",
        "status_updated_at": None,
        "designated_version_id": None,
        "workspace_id": ask.caller.workspace_id,
        "creator_user_id": ask.caller.creator_user_id,
        "created_at": now(),
        "updated_at": now(),
    }


def _system(body: JsonObject) -> str | None:
    """The system prompt, wherever the shape of the request has it."""
    for name in ("system", "instructions"):
        if body.get(name):
            return text_of(body[name])
    said = [m for m in body.get("messages") or [] if m.get("role") in {"system", "developer"}]
    return text_of(said[0].get("content")) if said else None


@answers(Presets.list)
def list_presets(ask: Ask) -> JsonObject:
    """The presets, the one changed last first."""
    return offset_page(_presets(ask).rows()[::-1], ask.query)


@answers(Presets.get)
def get(ask: Ask) -> JsonObject:
    """One preset with the version in use."""
    preset = _presets(ask).get(ask.path["slug"])
    version = ask.state.table("Preset version").get(preset["designated_version_id"])
    return {"data": {**preset, "designated_version": version}}


@answers(Presets.list_versions)
def list_versions(ask: Ask) -> JsonObject:
    """The versions, oldest first."""
    return offset_page(_versions(ask), ask.query)


@answers(Presets.get_version)
def get_version(ask: Ask) -> JsonObject:
    """One version by its number."""
    for row in _versions(ask):
        if str(row["version"]) == ask.path["version"]:
            return {"data": row}
    raise ApiError(404, "Preset version not found")
