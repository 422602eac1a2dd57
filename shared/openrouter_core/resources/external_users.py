"""Your own users, registered for tracking. Reached as `client.external_users`."""

from __future__ import annotations

from types import NoneType
from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.external_users import ExternalUser


class ExternalUsers(Resource[Mode]):
    """Registrations of your own users; they are no accounts. Needs a management key."""

    @http.get("/external-users", "listExternalUsers", key="management", pages="offset")
    def list(
        self,
        *,
        offset: int | None = None,
        limit: int | None = None,
        user: str | None = None,
        include_inactive: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[Page[ExternalUser]]:
        """List registrations, by default the active ones.

        Source: listExternalUsers
        """
        return get_call(
            Page[ExternalUser],
            options,
            query={
                "offset": offset,
                "limit": limit,
                "user": user,
                "include_inactive": include_inactive,
            },
        )

    @http.get("/external-users/{user}", "getExternalUser", key="management")
    def get(self, user: str, **options: Unpack[CallOptions]) -> Call[ExternalUser]:
        """Fetch one registration.

        Args:
            user: Your own id of the user, as it was registered.

        Source: getExternalUser
        """
        return get_call(ExternalUser, options, path={"user": user}, envelope="data")

    @http.post("/external-users", "createExternalUser", key="management", creates=True)
    def create(self, user: str, **options: Unpack[CallOptions]) -> Call[ExternalUser]:
        """Register one of your users. No account or key is made.

        Args:
            user: 1 to 512 characters. It cannot be changed later.

        Source: createExternalUser
        """
        return json_call(ExternalUser, {"user": user}, options, envelope="data")

    @http.patch("/external-users/{user}", "updateExternalUser", key="management")
    def update(
        self, user: str, *, is_active: bool, **options: Unpack[CallOptions]
    ) -> Call[ExternalUser]:
        """Switch a registration on or off; calls are not blocked by that.

        Source: updateExternalUser
        """
        return json_call(
            ExternalUser, {"is_active": is_active}, options, path={"user": user}, envelope="data"
        )

    @http.delete("/external-users/{user}", "deleteExternalUser", key="management")
    def delete(self, user: str, **options: Unpack[CallOptions]) -> Call[None]:
        """Switch a registration off; the id stays taken.

        Source: deleteExternalUser
        """
        return get_call(NoneType, options, path={"user": user})
