"""The catalogue of server tools. They are listed; chat runs none of them but the web search."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from openrouter_core.resources.tools import Tools
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._paging import offset_page
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest

_FORMATS = ("responses", "chat-completions", "anthropic-messages")


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


def _tool(
    name: str,
    summary: str,
    argument: str | None,
    price: str = "0",
    *,
    forms: Sequence[str] = _FORMATS,
    **aliases: Sequence[str],
) -> JsonObject:
    """One tool.

    Args:
        aliases: For each form of the API (with underscores) the types that it takes beside the own one.
    """
    properties = {argument: {"type": "string"}} if argument else {}
    kind = f"openrouter:{name}"
    others = [
        (alias, [form.replace("_", "-")]) for form, types in aliases.items() for alias in types
    ]
    return {
        "id": kind,
        "name": name,
        "status": "active",
        "summary": summary,
        "tool_description": summary,
        "docs_url": f"https://openrouter.ai/docs/server-tools/{name}",
        "aliases": [_alias(alias, known) for alias, known in [(kind, list(forms)), *others]],
        "engines": [_engine("exa" if name == "web_search" else "openrouter", price)],
        "default_engine": None,
        "fallback_engine": None,
        "input_schema": {"type": "object", "properties": properties, "required": list(properties)},
        "output_schema": None,
        "parameters_schema": {"type": "object", "properties": {}},
        "supported_api_formats": list(forms),
        "native_support": {"endpoint_count": 0, "model_count": 0},
    }


def _alias(kind: str, forms: list[str]) -> JsonObject:
    shown = [{"api_format": form, "type": kind, "name": None} for form in forms]
    return {"type": kind, "api_formats": forms, "output_names": shown}


_TOOLS = (
    _tool("web_search", "Searches the web.", "query", "0.007",
          responses=("web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11"),
          anthropic_messages=("web_search_20250305", "web_search_20260209")),
    _tool("web_fetch", "Reads a page.", "url", "0.001"),
    _tool("datetime", "Returns date and time.", None),
    _tool("image_generation", "Generates a picture.", "prompt", responses=("image_generation",)),
    _tool("experimental__search_models", "Searches the list of models.", "query"),
    _tool("fusion", "Asks several models and analyses their answers.", "prompt"),
    _tool("advisor", "Asks a stronger model for advice.", "prompt", anthropic_messages=("advisor_20260301",)),
    _tool("subagent", "Hands a task to another model.", "task_description"),
    _tool("files", "Reads and writes files of the workspace.", "operation"),
    _tool("apply_patch", "Describes changes of files.", "operation", forms=("responses",),
          responses=("apply_patch",)),
    _tool("shell", "Runs commands in a container.", "command", forms=("responses", "anthropic-messages"),
          responses=("shell",)),
    _tool("bash", "Runs commands where the caller is.", "command", forms=("anthropic-messages",),
          anthropic_messages=("bash_20250124",)),
    _tool("tool_search", "Finds tools whose loading was deferred.", "query",
          forms=("responses", "anthropic-messages"),
          responses=("tool_search",), anthropic_messages=("tool_search_tool_regex", "tool_search_tool_regex_20251119")),
)  # fmt: skip
_ALIASES = {alias["type"]: tool["id"] for tool in _TOOLS for alias in tool["aliases"]}


@handles(Tools.list)
def list_tools(request: HandlerRequest) -> JsonObject:
    """The server tools, for one form of the API if asked."""
    form = request.query.get("api_format")
    tools = [t for t in _TOOLS if form is None or form in t["supported_api_formats"]]
    page = offset_page(tools, request.query)
    seen = int(request.query.get("offset", "0")) + len(page["data"])
    following = {**request.query, "offset": seen, "limit": request.query.get("limit", "50")}
    link = f"/api/v1/tools?{urlencode(following)}" if seen < len(tools) else None
    return {**page, "links": {"next": link}}


@handles(Tools.get)
def get(request: HandlerRequest) -> PlannedResponse | JsonObject:
    """One server tool by its name. Other spellings that `tools[].type` accepts are redirected to it."""
    name = request.path["name"]
    for tool in _TOOLS:
        if name == tool["id"]:
            support = {**tool["native_support"], "models": []}
            return {"data": {**tool, "native_support": support}}
    if name in _ALIASES:
        place = {"Location": f"/api/v1/tools/{_ALIASES[name]}"}
        return PlannedResponse([b""], 308, place, content_type="")
    raise ApiError(404, "Tool not found")
