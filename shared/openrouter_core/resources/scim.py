"""Groups of a company directory and the workspaces they lead to. Reached as `client.scim`."""

from __future__ import annotations

from typing import Literal, Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._common import Deleted
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.scim import ScimGroup, ScimGroupMapping, ScimSyncJob


class Scim(Resource[Mode]):
    """SCIM groups, mappings and synchronisation. Needs a management key of an enterprise."""

    @http.get("/scim/groups", "listScimGroups", key="management", pages="offset")
    def list_groups(
        self,
        *,
        offset: int | None = None,
        limit: int | None = None,
        display_name: str | None = None,
        external_id: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[Page[ScimGroup]]:
        """List the groups of the directory.

        Source: listScimGroups
        """
        return get_call(
            Page[ScimGroup],
            options,
            query={
                "offset": offset,
                "limit": limit,
                "display_name": display_name,
                "external_id": external_id,
            },
        )

    @http.get("/scim/group-mappings", "listScimGroupMappings", key="management", pages="offset")
    def list_group_mappings(
        self, *, offset: int | None = None, limit: int | None = None, **options: Unpack[CallOptions]
    ) -> Call[Page[ScimGroupMapping]]:
        """List which group leads to which workspace.

        Source: listScimGroupMappings
        """
        return get_call(Page[ScimGroupMapping], options, query={"offset": offset, "limit": limit})

    @http.get("/scim/group-mappings/{id}", "getScimGroupMapping", key="management")
    def get_group_mapping(self, id: str, **options: Unpack[CallOptions]) -> Call[ScimGroupMapping]:
        """Fetch one mapping.

        Source: getScimGroupMapping
        """
        return get_call(ScimGroupMapping, options, path={"id": id}, envelope="data")

    @http.post("/scim/group-mappings", "createScimGroupMapping", key="management", creates=True)
    def create_group_mapping(
        self,
        *,
        role: Literal["admin", "member"] | str,
        scim_group_id: str,
        workspace_id: str,
        **options: Unpack[CallOptions],
    ) -> Call[ScimGroupMapping]:
        """Let the members of a group join a workspace.

        Raises:
            ConflictError: The pair is mapped already, with another role.

        Source: createScimGroupMapping
        """
        return json_call(
            ScimGroupMapping,
            {"role": role, "scim_group_id": scim_group_id, "workspace_id": workspace_id},
            options,
            envelope="data",
        )

    @http.patch("/scim/group-mappings/{id}", "updateScimGroupMapping", key="management")
    def update_group_mapping(
        self, id: str, *, role: Literal["admin", "member"] | str, **options: Unpack[CallOptions]
    ) -> Call[ScimGroupMapping]:
        """Change the role that a mapping gives.

        Source: updateScimGroupMapping
        """
        return json_call(
            ScimGroupMapping, {"role": role}, options, path={"id": id}, envelope="data"
        )

    @http.delete("/scim/group-mappings/{id}", "deleteScimGroupMapping", key="management")
    def delete_group_mapping(
        self, id: str, *, keep_members: bool, **options: Unpack[CallOptions]
    ) -> Call[Deleted]:
        """Delete a mapping.

        Args:
            keep_members: False removes the members it brought in. There is no default.

        Source: deleteScimGroupMapping
        """
        return get_call(Deleted, options, path={"id": id}, query={"keep_members": keep_members})

    @http.post("/scim/sync-jobs", "createScimSyncJob", key="management", creates=True)
    def start_sync(self, **options: Unpack[CallOptions]) -> Call[ScimSyncJob]:
        """Start to read the directory again; follow it with `get_sync`.

        Source: createScimSyncJob
        """
        return get_call(ScimSyncJob, options, envelope="data")

    @http.get("/scim/sync-jobs/{id}", "getScimSyncJob", key="management")
    def get_sync(self, id: str, **options: Unpack[CallOptions]) -> Call[ScimSyncJob]:
        """Fetch how far a reading of the directory has come.

        Source: getScimSyncJob
        """
        return get_call(ScimSyncJob, options, path={"id": id}, envelope="data")
