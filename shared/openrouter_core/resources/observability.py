"""Destinations that OpenRouter sends traces to. Reached as `client.observability`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._common import Deleted
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.observability import (
    Destination,
    DestinationOptions,
    DestinationType,
    DestinationUpdate,
)


class Observability(Resource[Mode]):
    """Destinations, at most five of a type. Needs a management key."""

    @http.get(
        "/observability/destinations",
        "listObservabilityDestinations",
        key="management",
        pages="offset",
    )
    def list(
        self,
        *,
        offset: int | None = None,
        limit: int | None = None,
        workspace_id: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[Page[Destination]]:
        """List destinations; secrets in them are masked.

        Source: listObservabilityDestinations
        """
        return get_call(
            Page[Destination],
            options,
            query={"offset": offset, "limit": limit, "workspace_id": workspace_id},
        )

    @http.get("/observability/destinations/{id}", "getObservabilityDestination", key="management")
    def get(self, id: str, **options: Unpack[CallOptions]) -> Call[Destination]:
        """Fetch one destination; secrets in it are masked.

        Source: getObservabilityDestination
        """
        return get_call(Destination, options, path={"id": id}, envelope="data")

    @http.post(
        "/observability/destinations",
        "createObservabilityDestination",
        key="management",
        creates=True,
    )
    def create(
        self,
        *,
        config: Mapping[str, object],
        name: str,
        type: DestinationType,
        **options: Unpack[DestinationOptions],
    ) -> Call[Destination]:
        """Create a destination.

        Args:
            type: E.g. "langfuse"; `wire.observability.REQUIRED_CONFIG` lists them with what each needs.
            config: Settings under the API's own keys, e.g. {"publicKey": ..., "secretKey": ...}.

        Raises:
            ConflictError: There is one like it already, or five of the type.

        Source: createObservabilityDestination
        """
        return json_call(
            Destination, {"config": config, "name": name, "type": type}, options, envelope="data"
        )

    @http.patch(
        "/observability/destinations/{id}", "updateObservabilityDestination", key="management"
    )
    def update(self, id: str, **changes: Unpack[DestinationUpdate]) -> Call[Destination]:
        """Change a destination. What is absent stays.

        Source: updateObservabilityDestination
        """
        return json_call(Destination, {}, changes, path={"id": id}, envelope="data")

    @http.delete(
        "/observability/destinations/{id}", "deleteObservabilityDestination", key="management"
    )
    def delete(self, id: str, **options: Unpack[CallOptions]) -> Call[Deleted]:
        """Delete a destination.

        Source: deleteObservabilityDestination
        """
        return get_call(Deleted, options, path={"id": id})
