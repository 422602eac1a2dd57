"""The organization that a management key belongs to. Reached as `client.organization`."""

from __future__ import annotations

from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.organization import OrganizationMember, OrganizationSettings


class Organization(Resource[Mode]):
    """Members and settings of the organization. Needs a management key."""

    @http.get("/organization/members", "listOrganizationMembers", key="management", pages="offset")
    def list_members(
        self, *, offset: int | None = None, limit: int | None = None, **options: Unpack[CallOptions]
    ) -> Call[Page[OrganizationMember]]:
        """List the members of the organization.

        Raises:
            NotFoundError: The key is not an organization's.

        Source: listOrganizationMembers
        """
        return get_call(Page[OrganizationMember], options, query={"offset": offset, "limit": limit})

    @http.get("/organization/settings", "getOrganizationSettings", key="management")
    def settings(self, **options: Unpack[CallOptions]) -> Call[OrganizationSettings]:
        """Fetch the settings of the organization.

        Source: getOrganizationSettings
        """
        return get_call(OrganizationSettings, options, envelope="data")

    @http.patch("/organization/settings", "updateOrganizationSettings", key="management")
    def update_settings(
        self, *, is_filtered_model_catalog_enabled: bool, **options: Unpack[CallOptions]
    ) -> Call[OrganizationSettings]:
        """Change the settings of the organization.

        Args:
            is_filtered_model_catalog_enabled: True: with a key of the organization, `models.list` shows only what that key may use.

        Source: updateOrganizationSettings
        """
        return json_call(
            OrganizationSettings,
            {"is_filtered_model_catalog_enabled": is_filtered_model_catalog_enabled},
            options,
            envelope="data",
        )
