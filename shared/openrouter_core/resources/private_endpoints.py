"""Models that your own provider serves for you alone. Reached as `client.private_endpoints`."""

from __future__ import annotations

from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.private_endpoints import (
    DeletedPrivateEndpoint,
    ManagedPrivateEndpoint,
    PrivateEndpoint,
    PrivateEndpointOptions,
    PrivateEndpointPrices,
    PrivateEndpointSummary,
    PrivateEndpointUpdate,
    PrivateEndpointValidation,
)


class PrivateEndpoints(Resource[Mode]):
    """Private endpoints: draft, validate, activate. Needs a management key."""

    @http.get("/private-endpoints", "listPrivateEndpoints", key="management")
    def list(self, **options: Unpack[CallOptions]) -> Call[Page[PrivateEndpointSummary]]:
        """List private endpoints, drafts included.

        Source: listPrivateEndpoints
        """
        return get_call(Page[PrivateEndpointSummary], options)

    @http.get("/private-endpoints/{id}", "getPrivateEndpoint", key="management")
    def get(self, id: str, **options: Unpack[CallOptions]) -> Call[PrivateEndpoint]:
        """Fetch one private endpoint with its prices.

        Source: getPrivateEndpoint
        """
        return get_call(PrivateEndpoint, options, path={"id": id}, envelope="data")

    @http.post("/private-endpoints", "createPrivateEndpoint", key="management", creates=True)
    def create(
        self,
        *,
        model_permaslug: str,
        provider_slug: str,
        upstream_model_id: str,
        idempotency_key: str | None = None,
        **options: Unpack[PrivateEndpointOptions],
    ) -> Call[ManagedPrivateEndpoint]:
        """Draft a private endpoint; `activate` validates and activates it in the same call.

        Args:
            idempotency_key: Any text; the same text with the same request makes no second endpoint.

        Source: createPrivateEndpoint
        """
        body: dict[str, object] = {
            "model_permaslug": model_permaslug,
            "provider_slug": provider_slug,
            "upstream_model_id": upstream_model_id,
        }
        headers = {} if idempotency_key is None else {"idempotency-key": idempotency_key}
        return json_call(ManagedPrivateEndpoint, body, options, headers=headers, envelope="data")

    @http.patch("/private-endpoints/{id}", "updatePrivateEndpoint", key="management")
    def update(
        self, id: str, *, upstream_model_id: str, **changes: Unpack[PrivateEndpointUpdate]
    ) -> Call[PrivateEndpoint]:
        """Change a draft; it has to be validated again.

        Raises:
            ConflictError: The endpoint is active. Delete it and make it anew.

        Source: updatePrivateEndpoint
        """
        return json_call(
            PrivateEndpoint,
            {"upstream_model_id": upstream_model_id},
            changes,
            path={"id": id},
            envelope="data",
        )

    @http.delete("/private-endpoints/{id}", "deletePrivateEndpoint", key="management")
    def delete(
        self, id: str, *, draft_only: bool | None = None, **options: Unpack[CallOptions]
    ) -> Call[DeletedPrivateEndpoint]:
        """Delete a private endpoint.

        Args:
            draft_only: True refuses when the endpoint was ever activated.

        Source: deletePrivateEndpoint
        """
        return get_call(
            DeletedPrivateEndpoint,
            options,
            path={"id": id},
            query={"draft_only": draft_only},
            envelope="data",
        )

    @http.post("/private-endpoints/{id}/validate", "validatePrivateEndpoint", key="management")
    def validate(
        self, id: str, *, workspace_id: str, **options: Unpack[CallOptions]
    ) -> Call[PrivateEndpointValidation]:
        """Try a draft with a live request; look at `passed`, a failure is no error.

        Args:
            workspace_id: The workspace whose provider key is used.

        Source: validatePrivateEndpoint
        """
        return json_call(
            PrivateEndpointValidation,
            {"workspace_id": workspace_id},
            options,
            path={"id": id},
            envelope="data",
        )

    @http.post("/private-endpoints/{id}/activate", "activatePrivateEndpoint", key="management")
    def activate(self, id: str, **options: Unpack[CallOptions]) -> Call[ManagedPrivateEndpoint]:
        """Make a validated draft answer calls.

        Raises:
            ConflictError: It was not validated, or changed since, or is active.

        Source: activatePrivateEndpoint
        """
        return get_call(ManagedPrivateEndpoint, options, path={"id": id}, envelope="data")

    @http.post("/private-endpoints/{id}/enable", "enablePrivateEndpoint", key="management")
    def enable(self, id: str, **options: Unpack[CallOptions]) -> Call[ManagedPrivateEndpoint]:
        """Switch a disabled endpoint on again.

        Source: enablePrivateEndpoint
        """
        return get_call(ManagedPrivateEndpoint, options, path={"id": id}, envelope="data")

    @http.post("/private-endpoints/{id}/disable", "disablePrivateEndpoint", key="management")
    def disable(self, id: str, **options: Unpack[CallOptions]) -> Call[ManagedPrivateEndpoint]:
        """Switch an endpoint off.

        Source: disablePrivateEndpoint
        """
        return get_call(ManagedPrivateEndpoint, options, path={"id": id}, envelope="data")

    @http.put("/private-endpoints/{id}/pricing", "updatePrivateEndpointPricing", key="management")
    def set_pricing(
        self, id: str, pricing: PrivateEndpointPrices, **options: Unpack[CallOptions]
    ) -> Call[PrivateEndpoint]:
        """Set what an endpoint charges.

        Source: updatePrivateEndpointPricing
        """
        return json_call(
            PrivateEndpoint, {"pricing": pricing}, options, path={"id": id}, envelope="data"
        )
