"""The companies behind the endpoints. Reached as `client.providers`."""

from __future__ import annotations

from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import Page
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.models import Provider


class Providers(Resource[Mode]):
    """Providers."""

    @http.get("/providers", "listProviders", key="none")
    def list(self, **options: Unpack[CallOptions]) -> Call[Page[Provider]]:
        """List every provider with its policies and locations.

        Source: listProviders
        """
        return get_call(Page[Provider], options)
