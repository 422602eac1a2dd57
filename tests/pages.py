"""Running what a page of the documentation shows: its Python blocks, in order, as one program."""

from __future__ import annotations

import re
from pathlib import Path

_BLOCK = re.compile(r"^## ([^\n]+)$|^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def run_page(page: Path) -> int:
    """Run the blocks; return how many there are. An error names the heading that its block stands below."""
    names: dict[str, object] = {"__name__": "page"}
    heading, ran = "", 0
    for title, code in _BLOCK.findall(page.read_text("utf-8")):
        heading = title or heading
        if code:
            exec(compile(code, f"{page.name}: {heading}", "exec", dont_inherit=True), names)  # noqa: S102  # the project's own pages
            ran += 1
    return ran
