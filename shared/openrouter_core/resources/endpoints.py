"""Endpoints across models. Reached as `client.endpoints`; one model's are `client.models.endpoints`."""

from __future__ import annotations

from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.models import Endpoint


class Endpoints(Resource[Mode]):
    """Endpoints of all models."""

    @http.get("/endpoints/zdr", "listEndpointsZdr", key="none")
    def list_zdr(self, **options: Unpack[CallOptions]) -> Call[Page[Endpoint]]:
        """List the endpoints that retain no data.

        Source: listEndpointsZdr
        """
        return get_call(Page[Endpoint], options)
