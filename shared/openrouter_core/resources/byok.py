"""Bring your own key: provider keys that OpenRouter uses for you. Reached as `client.byok`."""

from __future__ import annotations

from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._common import Deleted
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.byok import BYOKKey, BYOKOptions, BYOKUpdate


class Byok(Resource[Mode]):
    """Provider keys of your own. Needs a management key."""

    @http.get("/byok", "listBYOKKeys", key="management", pages="offset")
    def list(
        self,
        *,
        offset: int | None = None,
        limit: int | None = None,
        workspace_id: str | None = None,
        provider: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[Page[BYOKKey]]:
        """List provider keys; the keys themselves are never returned.

        Source: listBYOKKeys
        """
        return get_call(
            Page[BYOKKey],
            options,
            query={
                "offset": offset,
                "limit": limit,
                "workspace_id": workspace_id,
                "provider": provider,
            },
        )

    @http.get("/byok/{id}", "getBYOKKey", key="management")
    def get(self, id: str, **options: Unpack[CallOptions]) -> Call[BYOKKey]:
        """Fetch one provider key.

        Source: getBYOKKey
        """
        return get_call(BYOKKey, options, path={"id": id}, envelope="data")

    @http.post("/byok", "createBYOKKey", key="management", creates=True)
    def create(self, *, key: str, provider: str, **options: Unpack[BYOKOptions]) -> Call[BYOKKey]:
        """Store a provider key.

        Args:
            provider: A provider slug, e.g. "anthropic".
            key: The key. What Azure, AWS and Vertex hand out as JSON goes in as one string.

        Source: createBYOKKey
        """
        return json_call(BYOKKey, {"key": key, "provider": provider}, options, envelope="data")

    @http.patch("/byok/{id}", "updateBYOKKey", key="management")
    def update(self, id: str, **changes: Unpack[BYOKUpdate]) -> Call[BYOKKey]:
        """Change a provider key. What is absent stays, `None` clears, `key` rotates it in place.

        Source: updateBYOKKey
        """
        return json_call(BYOKKey, {}, changes, path={"id": id}, envelope="data")

    @http.delete("/byok/{id}", "deleteBYOKKey", key="management")
    def delete(self, id: str, **options: Unpack[CallOptions]) -> Call[Deleted]:
        """Delete a provider key.

        Source: deleteBYOKKey
        """
        return get_call(Deleted, options, path={"id": id})
