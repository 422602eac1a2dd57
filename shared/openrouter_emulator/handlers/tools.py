"""The catalogue of server tools. They are listed; chat runs none of them but the web search."""

from __future__ import annotations

from openrouter_core.resources.tools import Tools
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._paging import offset_page
from openrouter_emulator.planned_response import JsonObject
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest

_FORMATS = ["responses", "chat-completions", "anthropic-messages"]


def _engine(name: str, price: str) -> JsonObject:
    return {
        "id": name,
        "name": name.capitalize(),
        "byok": "none",
        "data_regions": ["global"],
        "default_mode": None,
        "executed_by": "openrouter",
        "pricing": [{"max_units_per_call": 1, "mode": None, "price": price, "unit": "request"}],
        "pricing_doc_url": None,
        "pricing_source": "openrouter",
    }


def _tool(name: str, summary: str, argument: str | None, price: str) -> JsonObject:
    properties = {argument: {"type": "string"}} if argument else {}
    kind = f"openrouter:{name}"
    shown = [{"api_format": form, "type": kind, "name": None} for form in _FORMATS]
    return {
        "id": kind,
        "name": name,
        "status": "active",
        "summary": summary,
        "tool_description": summary,
        "docs_url": f"https://openrouter.ai/docs/server-tools/{name}",
        "aliases": [{"type": kind, "api_formats": _FORMATS, "output_names": shown}],
        "engines": [_engine("exa" if name == "web_search" else "openrouter", price)],
        "default_engine": None,
        "fallback_engine": None,
        "input_schema": {"type": "object", "properties": properties, "required": list(properties)},
        "output_schema": None,
        "parameters_schema": {"type": "object", "properties": {}},
        "supported_api_formats": _FORMATS,
        "native_support": {"endpoint_count": 0, "model_count": 0},
    }


_TOOLS = (
    _tool("web_search", "Searches the web.", "query", "0.007"),
    _tool("web_fetch", "Reads a page.", "url", "0.001"),
    _tool("datetime", "Tells date and time.", None, "0"),
)


@handles(Tools.list)
def list_tools(request: HandlerRequest) -> JsonObject:
    """The server tools, for one form of the API if asked."""
    form = request.query.get("api_format")
    if form is not None and form not in _FORMATS:
        raise ApiError(400, f"api_format: Expected one of: {', '.join(_FORMATS)}")
    page = offset_page(_TOOLS, request.query)
    seen = int(request.query.get("offset", "0")) + len(page["data"])
    limit = request.query.get("limit", "50")
    following = f"/api/v1/tools?offset={seen}&limit={limit}" if seen < len(_TOOLS) else None
    return {**page, "links": {"next": following}}


@handles(Tools.get)
def get(request: HandlerRequest) -> JsonObject:
    """One server tool, by its name with or without the prefix."""
    for tool in _TOOLS:
        if request.path["name"] in (tool["name"], tool["id"]):
            support = {**tool["native_support"], "models": []}
            return {"data": {**tool, "native_support": support}}
    raise ApiError(404, "Tool not found")
