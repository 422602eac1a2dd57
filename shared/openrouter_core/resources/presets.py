"""Stored setups. Reached as `client.presets`. There is no call to change or delete one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.presets import Preset, PresetVersion


class Presets(Resource[Mode]):
    """Presets and their versions."""

    @http.get("/presets", "listPresets", pages="offset")
    def list(
        self, *, offset: int | None = None, limit: int | None = None, **options: Unpack[CallOptions]
    ) -> Call[Page[Preset]]:
        """List presets, the one changed last first.

        Source: listPresets
        """
        return get_call(Page[Preset], options, query={"offset": offset, "limit": limit})

    @http.get("/presets/{slug}", "getPreset")
    def get(self, slug: str, **options: Unpack[CallOptions]) -> Call[Preset]:
        """Fetch a preset with the version in use.

        Source: getPreset
        """
        return get_call(Preset, options, path={"slug": slug}, envelope="data")

    @http.get("/presets/{slug}/versions", "listPresetVersions", pages="offset")
    def list_versions(
        self,
        slug: str,
        *,
        offset: int | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[Page[PresetVersion]]:
        """List the versions of a preset, oldest first.

        Source: listPresetVersions
        """
        return get_call(
            Page[PresetVersion],
            options,
            path={"slug": slug},
            query={"offset": offset, "limit": limit},
        )

    @http.get("/presets/{slug}/versions/{version}", "getPresetVersion")
    def get_version(
        self, slug: str, version: str, **options: Unpack[CallOptions]
    ) -> Call[PresetVersion]:
        """Fetch one version of a preset.

        Args:
            version: Its number, as a string.

        Source: getPresetVersion
        """
        return get_call(
            PresetVersion, options, path={"slug": slug, "version": version}, envelope="data"
        )

    @http.post(
        "/presets/{slug}/chat/completions",
        "createPresetsChatCompletions",
        billed=True,
        creates=True,
    )
    def from_chat(
        self, slug: str, body: Mapping[str, object], **options: Unpack[CallOptions]
    ) -> Call[Preset]:
        """Store the settings of a chat completion request as a preset or as its next version. Nothing is run.

        Args:
            body: A request body; the system prompt is taken from it, the conversation is left out.

        Source: createPresetsChatCompletions
        """
        return json_call(Preset, body, options, path={"slug": slug}, envelope="data")

    @http.post("/presets/{slug}/messages", "createPresetsMessages", billed=True, creates=True)
    def from_messages(
        self, slug: str, body: Mapping[str, object], **options: Unpack[CallOptions]
    ) -> Call[Preset]:
        """Store the settings of an Anthropic-shaped request as a preset or as its next version. Nothing is run.

        Args:
            body: A request body; the system prompt is taken from it, the conversation is left out.

        Source: createPresetsMessages
        """
        return json_call(Preset, body, options, path={"slug": slug}, envelope="data")

    @http.post("/presets/{slug}/responses", "createPresetsResponses", billed=True, creates=True)
    def from_responses(
        self, slug: str, body: Mapping[str, object], **options: Unpack[CallOptions]
    ) -> Call[Preset]:
        """Store the settings of a Responses request as a preset or as its next version. Nothing is run.

        Args:
            body: A request body; the system prompt is taken from it, the conversation is left out.

        Source: createPresetsResponses
        """
        return json_call(Preset, body, options, path={"slug": slug}, envelope="data")
