"""Server tools. Read by `resources/tools.py`."""

from __future__ import annotations

from typing import Literal

from openrouter_core.wire._base import JsonValue, Page, WireModel
from openrouter_core.wire._fields import DataRegion, Usd
from openrouter_core.wire.models import PageLinks


class ToolPrice(WireModel):
    """What one use of an engine costs."""

    max_units_per_call: int | None = None
    """The most units that one use can bill."""
    mode: str | None = None
    price: Usd | None = None
    """USD per unit."""
    unit: str | None = None


class ToolEngine(WireModel):
    """A service that carries the tool out."""

    id: str | None = None
    name: str | None = None
    byok: Literal["required", "optional", "none"] | str | None = None
    data_regions: list[DataRegion] | None = None
    default_mode: str | None = None
    executed_by: Literal["provider", "openrouter", "client"] | str | None = None
    """Who runs the tool."""
    pricing: list[ToolPrice] | None = None
    pricing_doc_url: str | None = None
    pricing_source: Literal["openrouter", "provider", "byok", "none"] | str | None = None


class ToolOutputName(WireModel):
    """How the tool shows up in an answer."""

    api_format: Literal["responses", "chat-completions", "anthropic-messages"] | str | None = None
    type: str | None = None
    name: str | None = None


class ToolName(WireModel):
    """A spelling that `tools[].type` accepts."""

    type: str | None = None
    api_formats: (
        list[Literal["responses", "chat-completions", "anthropic-messages"] | str] | None
    ) = None
    output_names: list[ToolOutputName] | None = None


class NativeModel(WireModel):
    """A model whose providers run the tool themselves."""

    providers: list[str] | None = None
    slug: str | None = None


class NativeSupport(WireModel):
    """How many run the tool themselves; `models` comes with one tool, not with the list."""

    endpoint_count: int | None = None
    model_count: int | None = None
    models: list[NativeModel] | None = None


class ServerTool(WireModel):
    """A tool that OpenRouter runs for the model."""

    id: str
    name: str | None = None
    status: Literal["active", "deprecated"] | str | None = None
    summary: str | None = None
    aliases: list[ToolName] | None = None
    default_engine: str | None = None
    docs_url: str | None = None
    engines: list[ToolEngine] | None = None
    fallback_engine: str | None = None
    input_schema: dict[str, JsonValue] | None = None
    """JSON Schema of the arguments that the model fills in."""
    native_support: NativeSupport | None = None
    output_schema: dict[str, JsonValue] | None = None
    """JSON Schema of the result."""
    parameters_schema: dict[str, JsonValue] | None = None
    """JSON Schema of the settings in the request's `tools` entry."""
    supported_api_formats: (
        list[Literal["responses", "chat-completions", "anthropic-messages"] | str] | None
    ) = None
    tool_description: str | None = None


class ToolsPage(Page[ServerTool]):
    """A page of tools."""

    links: PageLinks | None = None
