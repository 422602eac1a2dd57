"""The tools that OpenRouter runs for a model. Reached as `client.tools`."""

from __future__ import annotations

from typing import Literal, Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.tools import ServerTool, ToolsPage


class Tools(Resource[Mode]):
    """Server tools, their engines and prices."""

    @http.get("/tools", "listTools", key="none", pages="offset")
    def list(
        self,
        *,
        offset: int | None = None,
        limit: int | None = None,
        api_format: Literal["responses", "chat-completions", "anthropic-messages"]
        | str
        | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[ToolsPage]:
        """List server tools.

        Source: listTools
        """
        return get_call(
            ToolsPage, options, query={"offset": offset, "limit": limit, "api_format": api_format}
        )

    @http.get("/tools/{name}", "getTool", key="none")
    def get(self, name: str, **options: Unpack[CallOptions]) -> Call[ServerTool]:
        """Fetch one server tool, with the models that run it themselves.

        Args:
            name: Its name or any spelling that `tools[].type` accepts.

        Source: getTool
        """
        return get_call(ServerTool, options, path={"name": name}, envelope="data")
