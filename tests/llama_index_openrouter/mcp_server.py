"""A small MCP server over stdio. The tests start it as a program of its own."""

from mcp.server.fastmcp import FastMCP

server = FastMCP("weather station")


@server.tool()
def temperature(city: str, unit: str = "C") -> str:
    """Tell the temperature of a city."""
    return f"21 {unit} in {city}"


@server.tool()
def stations() -> list[str]:
    """List the weather stations."""
    return ["Lisbon", "Oslo"]


if __name__ == "__main__":
    server.run("stdio")
