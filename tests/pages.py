"""Running what a page of the documentation shows: its Python blocks, in order, as one program."""

from __future__ import annotations

import re
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from openrouter_emulator import Emulator

_BLOCK = re.compile(
    r"^##+ ([^\n]+)$|^```python\n(.*?)^```|^```diff\n(.*?)^```", re.MULTILINE | re.DOTALL
)


def blocks_of(page: Path) -> list[tuple[str, str]]:
    """The Python blocks, and the new lines of changes, each with the heading that it stands below."""
    heading, found = "", []
    for title, code, change in _BLOCK.findall(page.read_text("utf-8")):
        heading = title or heading
        if code or change:
            found.append((heading, code or _new_lines(change)))
    return found


def _new_lines(change: str) -> str:
    return "".join(line[1:] for line in change.splitlines(keepends=True) if line[0] in "+ ")


def run_page(page: Path, emulator: Emulator) -> None:
    """Run the blocks, and the tests that they define. An error names the heading of its block."""
    names: dict[str, Any] = {"__name__": "page"}
    for heading, code in blocks_of(page):
        known = set(names)
        exec(compile(code, f"{page.name}: {heading}", "exec", dont_inherit=True), names)  # noqa: S102  # the project's own pages
        for name in set(names) - known:
            if name.startswith("test_"):
                _run_test(names[name], emulator)


def _run_test(test: Callable[[Emulator], object], emulator: Emulator) -> None:
    emulator.reset()
    test(emulator)
    emulator.reset()


def write_sample_files(folder: Path) -> None:
    """The files that pages read: a picture, a document, a sound, a video."""
    picture = Image.new("RGB", (8, 8), "red")
    picture.save(folder / "chart.png")
    picture.save(folder / "report.pdf")
    with wave.open(str(folder / "question.wav"), "wb") as sound:
        sound.setparams((1, 2, 24_000, 0, "NONE", ""))
        sound.writeframes(bytes(4_800))
    (folder / "clip.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(32))
