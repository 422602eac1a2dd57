"""Draw the pictures of the README and the site, into `docs/pictures`: `make pictures`.

`demo.svg` is what `make demo` prints without a key; `report.svg` is the page of costs for a made-up week.
Both are drawn by the code that they show, and follow the light or dark scheme of whoever looks at them.
With `--check` nothing is written; it ends with 1 if a picture shows something else than it would now.
Figures are not compared: times differ from run to run, and tokens with the documents that the demo reads.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import escape
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from random import Random

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "shared")]

from openrouter_core.costs import CostLedger  # noqa: E402  # path first
from openrouter_core.costs.records.cost import Cost, Tokens  # noqa: E402
from openrouter_core.costs.records.record import CostRecord  # noqa: E402
from openrouter_core.costs.report import summary_of  # noqa: E402
from openrouter_core.costs.report.page import head, sections  # noqa: E402
from openrouter_core.costs.report.style import CSS  # noqa: E402

FOLDER = ROOT / "docs" / "pictures"
WIDTH = 80
_HEADINGS = ("LangChain: ", "LlamaIndex: ", "What it cost")
_SHOWN = ("LangChain: ", "What it cost")
"""The parts of the demo in the picture; the others look alike."""


def main(arguments: list[str]) -> int:
    """Write the pictures, or compare them; return how the process is to exit."""
    drawn = {"demo.svg": demo_picture(demo_output()), "report.svg": report_picture()}
    if "--check" not in arguments:
        FOLDER.mkdir(exist_ok=True)
        for name, svg in drawn.items():
            (FOLDER / name).write_text(svg, "utf-8")
        return 0
    old = [
        name
        for name, svg in drawn.items()
        if shown((FOLDER / name).read_text("utf-8")) != shown(svg)
    ]
    for name in old:
        print(f"docs/pictures/{name} is out of date: run make pictures")
    return bool(old)


def shown(svg: str) -> list[str]:
    """The words of a picture, sorted: two tools may end in any order.

    Figures are left out: they follow the machine, and the documents that the demo reads.
    """
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", svg, flags=re.DOTALL).replace("&#160;", " ")
    return sorted(word for word in words.split() if not re.fullmatch(r"[\d.,+$]+", word))


# ---------------------------------------------------------------- the demo


def demo_output() -> str:
    """What the demo prints in a terminal, with the codes of its styles."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENROUTER_")}
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "demo.py"],
        env={**kept, "COLUMNS": str(WIDTH), "FORCE_COLOR": "1", "TERM": "xterm-256color"},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def demo_picture(output: str) -> str:
    """The output as a picture of a terminal."""
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    console.print(Text("$ make demo", style="bold"))
    console.print()
    for line in _parts(output):
        console.print(Text.from_ansi(line), soft_wrap=True)
    light, dark = (
        console.export_svg(theme=theme, code_format=_TERMINAL, unique_id="t", clear=False)
        for theme in (_LIGHT, _DARK)
    )
    (styles,) = re.findall(r"/\*begin\*/(.*?)/\*end\*/", dark, re.DOTALL)
    return light.replace("/*dark*/", styles)


def _parts(output: str) -> Iterator[str]:
    """The lines of the parts that are shown."""
    within = False
    for line in output.splitlines():
        plain = Text.from_ansi(line).plain
        if plain.startswith("The key has spent"):
            return
        if plain.startswith(_HEADINGS):
            within = plain.startswith(_SHOWN)
        if within:
            yield line


_SCHEME_LIGHT = [(36, 41, 47), (164, 14, 38), (17, 99, 41), (77, 45, 0), (5, 80, 174), (130, 80, 223), (27, 124, 131), (87, 96, 106)]  # fmt: skip
_SCHEME_DARK = [(72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34), (88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)]  # fmt: skip
_LIGHT = TerminalTheme((246, 248, 250), (31, 35, 40), _SCHEME_LIGHT, _SCHEME_LIGHT)
_DARK = TerminalTheme((13, 17, 23), (230, 237, 243), _SCHEME_DARK, _SCHEME_DARK)
_TERMINAL = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="make demo">
<style>
text {{ font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: {char_height}px; line-height: {line_height}px; white-space: pre }}
.back {{ fill: #f6f8fa; stroke: #d0d7de; width: calc(100% - 2px); height: calc(100% - 2px) }}
/*begin*/{styles}/*end*/
@media (prefers-color-scheme: dark) {{ .back {{ fill: #0d1117; stroke: #30363d }} /*dark*/ }}
</style>
<defs>{lines}</defs>
<rect class="back" x="1" y="1" rx="10"/>
<g transform="translate(10, 14)">{matrix}</g>
</svg>
"""


# ---------------------------------------------------------------- the report


def report_picture() -> str:
    """The page of a week's costs: its figures, its chart, its table of models."""
    summary = summary_of(_a_week(), budget_usd=Decimal(5))
    made_at = datetime(2026, 9, 14, 8, tzinfo=UTC)
    parts = [head(summary.totals, summary.period, "OpenRouter costs", made_at), *sections(summary)]
    kept = [part for part in parts if "<section>" not in part or "<h2>Spend" in part or "<h2>By model" in part]  # fmt: skip
    return _REPORT.format(css=escape(CSS, quote=False), body=_xhtml("\n".join(kept)))


def _a_week() -> CostLedger:
    """A ledger of 700 calls; the same in every run."""
    chance = Random(7)  # noqa: S311  # no secret
    ledger = CostLedger()
    start = datetime(2026, 9, 7, tzinfo=UTC)
    for n in range(700):
        (model, provider, usd_per_call), minutes = chance.choice(_MODELS), chance.uniform(0, 10_080)
        prompt, completion = chance.randint(200, 4_000), chance.randint(50, 900)
        usd = usd_per_call * (prompt + 3 * completion) / 3_000
        ledger.book(
            CostRecord(
                f"gen-{n}",
                start + timedelta(minutes=minutes),
                "sendChatCompletionRequest",
                requested_model=model,
                model=model,
                provider=provider,
                latency_s=chance.lognormvariate(0.5, 0.5),
                first_event_s=chance.uniform(0.2, 0.9),
                response=Cost(
                    Decimal(f"{usd:.8f}"), tokens=Tokens(prompt=prompt, completion=completion)
                ),
            )
        )
    return ledger


_MODELS = (
    ("openai/gpt-4o-mini", "OpenAI", 0.0008),
    ("anthropic/claude-sonnet-4.5", "Anthropic", 0.008),
    ("deepseek/deepseek-v3.2", "DeepSeek", 0.0012),
    ("google/gemini-3-flash-preview", "Google", 0.0034),
)
_REPORT = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 736" role="img" aria-label="A report of costs">
<foreignObject width="960" height="736">
<body xmlns="http://www.w3.org/1999/xhtml"><style>{css}</style><main>
{body}
</main></body>
</foreignObject>
</svg>
"""


def _xhtml(html: str) -> str:
    """HTML as an SVG can hold it: every attribute has a quoted value."""
    writer = _Xhtml()
    writer.feed(html)
    return "".join(writer.parts)


class _Xhtml(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = "".join(f' {name}="{escape(value or name)}"' for name, value in attrs)
        self.parts.append(f"<{tag}{written}>")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(escape(data, quote=False))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
