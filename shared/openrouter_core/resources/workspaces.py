"""Workspaces with their members and budgets. Reached as `client.workspaces`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._common import Deleted
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.workspaces import (
    AddedMembers,
    BudgetAnswer,
    BudgetInterval,
    BudgetOptions,
    Budgets,
    RemovedMembers,
    Workspace,
    WorkspaceMember,
    WorkspaceOptions,
    WorkspaceUpdate,
)


class Workspaces(Resource[Mode]):
    """Workspaces. Needs a management key."""

    @http.get("/workspaces", "listWorkspaces", key="management", pages="offset")
    def list(
        self, *, offset: int | None = None, limit: int | None = None, **options: Unpack[CallOptions]
    ) -> Call[Page[Workspace]]:
        """List workspaces.

        Source: listWorkspaces
        """
        return get_call(Page[Workspace], options, query={"offset": offset, "limit": limit})

    @http.get("/workspaces/{id}", "getWorkspace", key="management")
    def get(self, id: str, **options: Unpack[CallOptions]) -> Call[Workspace]:
        """Fetch one workspace.

        Args:
            id: The UUID or the slug of the workspace.

        Source: getWorkspace
        """
        return get_call(Workspace, options, path={"id": id}, envelope="data")

    @http.post("/workspaces", "createWorkspace", key="management", creates=True)
    def create(
        self, name: str, *, slug: str, **options: Unpack[WorkspaceOptions]
    ) -> Call[Workspace]:
        """Create a workspace.

        Args:
            slug: Lowercase words joined by hyphens, at most 50 characters.

        Source: createWorkspace
        """
        return json_call(Workspace, {"name": name, "slug": slug}, options, envelope="data")

    @http.patch("/workspaces/{id}", "updateWorkspace", key="management")
    def update(self, id: str, **changes: Unpack[WorkspaceUpdate]) -> Call[Workspace]:
        """Change a workspace. What is absent stays, `None` clears.

        Args:
            id: The UUID or the slug of the workspace.

        Source: updateWorkspace
        """
        return json_call(Workspace, {}, changes, path={"id": id}, envelope="data")

    @http.delete("/workspaces/{id}", "deleteWorkspace", key="management")
    def delete(
        self,
        id: str,
        *,
        confirm_default_workspace_deletion: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[Deleted]:
        """Delete a workspace with its budgets and guardrails; refused while it has active keys.

        Args:
            id: The UUID or the slug of the workspace.
            confirm_default_workspace_deletion: Must be True to delete the default workspace.

        Source: deleteWorkspace
        """
        return get_call(
            Deleted,
            options,
            path={"id": id},
            query={"confirm_default_workspace_deletion": confirm_default_workspace_deletion},
        )

    @http.get("/workspaces/{id}/members", "listWorkspaceMembers", key="management", pages="offset")
    def list_members(
        self,
        id: str,
        *,
        offset: int | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[Page[WorkspaceMember]]:
        """List the members of a workspace; the default one lists the whole organization.

        Args:
            id: The UUID or the slug of the workspace.

        Source: listWorkspaceMembers
        """
        return get_call(
            Page[WorkspaceMember],
            options,
            path={"id": id},
            query={"offset": offset, "limit": limit},
        )

    @http.post("/workspaces/{id}/members/add", "bulkAddWorkspaceMembers", key="management")
    def add_members(
        self, id: str, user_ids: Sequence[str], **options: Unpack[CallOptions]
    ) -> Call[AddedMembers]:
        """Add members of the organization to a workspace.

        Args:
            id: The UUID or the slug of the workspace.
            user_ids: 1 to 100 ids.

        Source: bulkAddWorkspaceMembers
        """
        return json_call(AddedMembers, {"user_ids": user_ids}, options, path={"id": id})

    @http.post("/workspaces/{id}/members/remove", "bulkRemoveWorkspaceMembers", key="management")
    def remove_members(
        self, id: str, user_ids: Sequence[str], **options: Unpack[CallOptions]
    ) -> Call[RemovedMembers]:
        """Remove members from a workspace; those with keys there cannot be removed.

        Args:
            id: The UUID or the slug of the workspace.
            user_ids: 1 to 100 ids.

        Source: bulkRemoveWorkspaceMembers
        """
        return json_call(RemovedMembers, {"user_ids": user_ids}, options, path={"id": id})

    @http.get("/workspaces/{workspace_ref}/budgets", "listWorkspaceBudgets", key="management")
    def list_budgets(self, id: str, **options: Unpack[CallOptions]) -> Call[Budgets]:
        """List the budgets of a workspace, all at once.

        Args:
            id: The UUID or the slug of the workspace.

        Source: listWorkspaceBudgets
        """
        return get_call(Budgets, options, path={"workspace_ref": id})

    @http.get(
        "/workspaces/{workspace_ref}/budgets/{interval}", "getWorkspaceBudget", key="management"
    )
    def get_budget(
        self, id: str, interval: BudgetInterval, **options: Unpack[CallOptions]
    ) -> Call[BudgetAnswer]:
        """Fetch the budget of one interval.

        Args:
            id: The UUID or the slug of the workspace.
            interval: "daily", "weekly", "monthly" or "lifetime".

        Source: getWorkspaceBudget
        """
        return get_call(BudgetAnswer, options, path={"workspace_ref": id, "interval": interval})

    @http.put(
        "/workspaces/{workspace_ref}/budgets/{interval}", "upsertWorkspaceBudget", key="management"
    )
    def set_budget(
        self,
        id: str,
        interval: BudgetInterval,
        *,
        limit_usd: float | Decimal,
        **options: Unpack[BudgetOptions],
    ) -> Call[BudgetAnswer]:
        """Set the budget of one interval. Spending above it is refused with 403.

        Args:
            id: The UUID or the slug of the workspace.
            interval: "daily", "weekly", "monthly" or "lifetime".
            limit_usd: USD, more than 0. Longer intervals need larger limits.

        Source: upsertWorkspaceBudget
        """
        return json_call(
            BudgetAnswer,
            {"limit_usd": limit_usd},
            options,
            path={"workspace_ref": id, "interval": interval},
        )

    @http.delete(
        "/workspaces/{workspace_ref}/budgets/{interval}", "deleteWorkspaceBudget", key="management"
    )
    def delete_budget(
        self, id: str, interval: BudgetInterval, **options: Unpack[CallOptions]
    ) -> Call[Deleted]:
        """Delete the budget of one interval; succeeds where there is none.

        Args:
            id: The UUID or the slug of the workspace.

        Source: deleteWorkspaceBudget
        """
        return get_call(Deleted, options, path={"workspace_ref": id, "interval": interval})
