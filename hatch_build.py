"""The README as a package index shows it: its links are relative in the repository, and lead nowhere from there.

Hatchling calls this when it builds. One setting decides: `Source` of `[project.urls]` in pyproject.toml, the
address of the repository. With it, links and pictures become absolute; without it, links become plain text and
pictures are left out, for nothing may name an address that does not exist.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


class ReadmeHook(MetadataHookInterface):
    """Sets `readme`, which pyproject.toml calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Put the README into the metadata."""
        text = (Path(self.root) / "README.md").read_text("utf-8")
        source = metadata.get("urls", {}).get("Source")
        metadata["readme"] = {"content-type": "text/markdown", "text": readme(text, source)}


def readme(text: str, source: str | None) -> str:
    """Return the text with links that work from anywhere.

    Args:
        source: The address of the repository, such as `https://github.com/owner/name`.
    """
    code = _CODE.findall(text)
    prose = [_LINK.sub(lambda link: _anywhere(link, source), part) for part in _CODE.split(text)]
    return "".join(part for pair in zip(prose, [*code, ""], strict=True) for part in pair)


def _anywhere(link: re.Match[str], source: str | None) -> str:
    mark, text, target = link.groups()
    if source is None:
        return "" if mark else text
    kind = "raw" if mark else "blob"
    return f"{mark}[{text}]({source.rstrip('/')}/{kind}/main/{target})"
