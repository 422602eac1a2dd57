"""An MCP server with two tools, for `test_other_packages`. Speaks over standard input and output."""

from __future__ import annotations

from mcp.server.fastmcp import FastMCP
from mcp.types import ContentBlock, ImageContent, TextContent

server = FastMCP("weather")


@server.tool()
def get_weather(city: str, days: int = 1) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city} for {days} days"


@server.tool()
def get_map(city: str) -> list[ContentBlock]:
    """Get a map of a city."""
    image = ImageContent(type="image", data="iVBORw0KGgo=", mimeType="image/png")
    return [TextContent(type="text", text=f"A map of {city}"), image]


if __name__ == "__main__":
    server.run()
