"""Write `docs/reference.md`: every operation, the method that calls it, and how it behaves.

Run by a maintainer after an endpoint was added: `python scripts/make_reference.py`. With `--check` nothing
is written and the exit code says whether the page is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "reference.md"
sys.path.insert(0, str(ROOT / "shared"))

from openrouter_core.resources import RESOURCES  # noqa: E402  # path first

_HEAD = """# Every operation

Generated from the declarations in `shared/openrouter_core/resources/` by `scripts/make_reference.py`.
Every method is there on `OpenRouterClient`, and on `AsyncOpenRouterClient` to be awaited. The key is an
inference key, a management key, or none at all. Paged lists are crossed by
`openrouter_core.pagination.iterate`. Paths are below `https://openrouter.ai/api/v1` unless they say more.

| Method | Request | Key | Pages | Answer | Operation |
|---|---|---|---|---|---|
"""
_BASES = {"v1": "", "root": "https://openrouter.ai"}
_ANSWERS = {"json": "JSON", "sse": "event stream", "bytes": "bytes, streamed"}
_PAGES = {"none": "", "offset": "offset", "cursor": "cursor", "after": "after"}


def page() -> str:
    """Return the page."""
    return _HEAD + "\n".join(rows()) + "\n"


def rows() -> Iterator[str]:
    """Yield one line per method, in the order of the resources."""
    for resource, (module, name) in sorted(RESOURCES.items()):
        for method, value in vars(getattr(import_module(module), name)).items():
            if hasattr(value, "route"):
                yield row(f"{resource}.{method}", value)


def row(name: str, endpoint: Any) -> str:
    """Return the line of one method."""
    route = endpoint.route
    answer = _ANSWERS[route.answers]
    if "Call[bytes]" in str(endpoint.describe.__annotations__.get("return")) and answer == "JSON":
        answer = "bytes"
    request = f"`{route.method} {_BASES[route.base]}{route.path}`"
    cells = [f"`{name}`", request, route.key, _PAGES[route.pages], answer, route.operation]
    return f"| {' | '.join(cells)} |"


def main(arguments: list[str]) -> int:
    """Write the page, or compare it; return how the process is to exit."""
    if "--check" not in arguments:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(page(), "utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text("utf-8") == page():
        return 0
    print("docs/reference.md is out of date: run python scripts/make_reference.py")
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
