"""API keys. Reached as `client.keys`; all but `current` need a management key."""

from __future__ import annotations

from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._common import Deleted
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.keys import CreatedKey, CurrentKey, Key, KeyOptions, KeyUpdate


class Keys(Resource[Mode]):
    """Keys, their limits and what they have spent."""

    @http.get("/key", "getCurrentKey", key="any")
    def current(self, **options: Unpack[CallOptions]) -> Call[CurrentKey]:
        """Fetch what the key in use is, may spend and has spent, in USD.

        Source: getCurrentKey
        """
        return get_call(CurrentKey, options, envelope="data")

    @http.get("/keys", "list", key="management", pages="offset")
    def list(
        self,
        *,
        offset: int | None = None,
        include_disabled: bool | None = None,
        include_expired: bool | None = None,
        workspace_id: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[Page[Key]]:
        """List the keys of one workspace, 100 to a page.

        Args:
            workspace_id: Default: the default workspace. Other workspaces' keys need their id here.

        Source: list
        """
        query = {
            "offset": offset,
            "include_disabled": include_disabled,
            "include_expired": include_expired,
            "workspace_id": workspace_id,
        }
        return get_call(Page[Key], options, query=query)

    @http.get("/keys/{hash}", "getKey", key="management")
    def get(self, hash: str, **options: Unpack[CallOptions]) -> Call[Key]:
        """Fetch one key by its hash.

        Source: getKey
        """
        return get_call(Key, options, path={"hash": hash}, envelope="data")

    @http.post("/keys", "createKeys", key="management", creates=True)
    def create(self, name: str, **options: Unpack[KeyOptions]) -> Call[CreatedKey]:
        """Create a key. The answer holds the key itself, this once; store it.

        Source: createKeys
        """
        return json_call(CreatedKey, {"name": name}, options)

    @http.patch("/keys/{hash}", "updateKeys", key="management")
    def update(self, hash: str, **changes: Unpack[KeyUpdate]) -> Call[Key]:
        """Change a key. What is absent stays; `limit=None` lifts the cap.

        Source: updateKeys
        """
        return json_call(Key, {}, changes, path={"hash": hash}, envelope="data")

    @http.delete("/keys/{hash}", "deleteKeys", key="management")
    def delete(self, hash: str, **options: Unpack[CallOptions]) -> Call[Deleted]:
        """Delete a key for good.

        Source: deleteKeys
        """
        return get_call(Deleted, options, path={"hash": hash})
