"""Limits on what keys and members may do. Reached as `client.guardrails`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._common import Deleted
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.guardrails import (
    Assigned,
    Guardrail,
    GuardrailOptions,
    GuardrailUpdate,
    KeyAssignment,
    MemberAssignment,
    Unassigned,
)


class Guardrails(Resource[Mode]):
    """Guardrails and their assignments. Needs a management key."""

    @http.get("/guardrails", "listGuardrails", key="management", pages="offset")
    def list(
        self,
        *,
        offset: int | None = None,
        limit: int | None = None,
        workspace_id: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[Page[Guardrail]]:
        """List guardrails.

        Source: listGuardrails
        """
        return get_call(
            Page[Guardrail],
            options,
            query={"offset": offset, "limit": limit, "workspace_id": workspace_id},
        )

    @http.get("/guardrails/{id}", "getGuardrail", key="management")
    def get(self, id: str, **options: Unpack[CallOptions]) -> Call[Guardrail]:
        """Fetch one guardrail.

        Source: getGuardrail
        """
        return get_call(Guardrail, options, path={"id": id}, envelope="data")

    @http.post("/guardrails", "createGuardrail", key="management", creates=True)
    def create(self, name: str, **options: Unpack[GuardrailOptions]) -> Call[Guardrail]:
        """Create a guardrail. It enforces nothing until keys or members are assigned to it.

        Source: createGuardrail
        """
        return json_call(Guardrail, {"name": name}, options, envelope="data")

    @http.patch("/guardrails/{id}", "updateGuardrail", key="management")
    def update(self, id: str, **changes: Unpack[GuardrailUpdate]) -> Call[Guardrail]:
        """Change a guardrail. Lists are replaced whole, absent fields stay, `None` removes.

        Source: updateGuardrail
        """
        return json_call(Guardrail, {}, changes, path={"id": id}, envelope="data")

    @http.delete("/guardrails/{id}", "deleteGuardrail", key="management")
    def delete(self, id: str, **options: Unpack[CallOptions]) -> Call[Deleted]:
        """Delete a guardrail and its assignments.

        Source: deleteGuardrail
        """
        return get_call(Deleted, options, path={"id": id})

    @http.get(
        "/guardrails/assignments/keys", "listKeyAssignments", key="management", pages="offset"
    )
    def list_key_assignments(
        self, *, offset: int | None = None, limit: int | None = None, **options: Unpack[CallOptions]
    ) -> Call[Page[KeyAssignment]]:
        """List which guardrail binds which key.

        Source: listKeyAssignments
        """
        return get_call(Page[KeyAssignment], options, query={"offset": offset, "limit": limit})

    @http.get(
        "/guardrails/assignments/members", "listMemberAssignments", key="management", pages="offset"
    )
    def list_member_assignments(
        self, *, offset: int | None = None, limit: int | None = None, **options: Unpack[CallOptions]
    ) -> Call[Page[MemberAssignment]]:
        """List which guardrail binds which member.

        Source: listMemberAssignments
        """
        return get_call(Page[MemberAssignment], options, query={"offset": offset, "limit": limit})

    @http.get(
        "/guardrails/{id}/assignments/keys",
        "listGuardrailKeyAssignments",
        key="management",
        pages="offset",
    )
    def list_keys(
        self,
        id: str,
        *,
        offset: int | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[Page[KeyAssignment]]:
        """List the keys that one guardrail binds.

        Source: listGuardrailKeyAssignments
        """
        return get_call(
            Page[KeyAssignment], options, path={"id": id}, query={"offset": offset, "limit": limit}
        )

    @http.get(
        "/guardrails/{id}/assignments/members",
        "listGuardrailMemberAssignments",
        key="management",
        pages="offset",
    )
    def list_members(
        self,
        id: str,
        *,
        offset: int | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[Page[MemberAssignment]]:
        """List the members that one guardrail binds.

        Source: listGuardrailMemberAssignments
        """
        return get_call(
            Page[MemberAssignment],
            options,
            path={"id": id},
            query={"offset": offset, "limit": limit},
        )

    @http.post("/guardrails/{id}/assignments/keys", "bulkAssignKeysToGuardrail", key="management")
    def assign_keys(
        self, id: str, key_hashes: Sequence[str], **options: Unpack[CallOptions]
    ) -> Call[Assigned]:
        """Bind keys. A key has one guardrail, so an earlier one is replaced.

        Args:
            key_hashes: At least one; `Key.hash` of each.

        Source: bulkAssignKeysToGuardrail
        """
        return json_call(Assigned, {"key_hashes": key_hashes}, options, path={"id": id})

    @http.post(
        "/guardrails/{id}/assignments/keys/remove",
        "bulkUnassignKeysFromGuardrail",
        key="management",
    )
    def unassign_keys(
        self, id: str, key_hashes: Sequence[str], **options: Unpack[CallOptions]
    ) -> Call[Unassigned]:
        """Free keys.

        Source: bulkUnassignKeysFromGuardrail
        """
        return json_call(Unassigned, {"key_hashes": key_hashes}, options, path={"id": id})

    @http.post(
        "/guardrails/{id}/assignments/members", "bulkAssignMembersToGuardrail", key="management"
    )
    def assign_members(
        self, id: str, member_user_ids: Sequence[str], **options: Unpack[CallOptions]
    ) -> Call[Assigned]:
        """Bind members. A member has one guardrail, so an earlier one is replaced.

        Source: bulkAssignMembersToGuardrail
        """
        return json_call(Assigned, {"member_user_ids": member_user_ids}, options, path={"id": id})

    @http.post(
        "/guardrails/{id}/assignments/members/remove",
        "bulkUnassignMembersFromGuardrail",
        key="management",
    )
    def unassign_members(
        self, id: str, member_user_ids: Sequence[str], **options: Unpack[CallOptions]
    ) -> Call[Unassigned]:
        """Free members.

        Source: bulkUnassignMembersFromGuardrail
        """
        return json_call(Unassigned, {"member_user_ids": member_user_ids}, options, path={"id": id})
