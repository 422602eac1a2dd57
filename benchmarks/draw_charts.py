"""Draw the medians of a run as SVG charts: `python draw_charts.py results/latest.json`. Needs matplotlib."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "bench"
from matplotlib import pyplot as plt  # noqa: E402  # after the backend is chosen

CHARTS = {
    "streams": (
        "CPU per streamed chunk, µs",
        ("text", "text.packed", "reasoning", "arguments", "text.async"),
    ),
    "calls": ("CPU per call, µs", ("call", "call.async", "first", "large")),
}
COLORS = {
    "floor": "#bbbbbb",
    "ours_core": "#0b6e4f",
    "ours_langchain": "#139a6f",
    "ours_llama_index": "#6cc5a1",
    "langchain_floor": "#dddddd",
    "llama_index_floor": "#dddddd",
    "openrouter_sdk": "#c44536",
    "langchain_official": "#e07a5f",
    "llama_index_official": "#f2b5a7",
    "openai_sdk": "#3d5a80",
    "langchain_openai": "#7796b8",
    "langchain_litellm": "#b8c8d9",
}


def main(data: Path) -> None:
    """Draw every chart beside the data."""
    medians = json.loads(data.read_text("utf-8"))
    for name, (title, rows) in CHARTS.items():
        measured = [row for row in rows if row in medians]
        if measured:
            _draw(title, measured, medians, data.with_name(f"{data.stem}-{name}.svg"))


def _draw(title: str, rows: list[str], medians: dict[str, dict[str, float]], path: Path) -> None:
    figure, axes = plt.subplots(figsize=(9, 0.9 + 1.9 * len(rows)), layout="constrained")
    width, labels = 0.85 / len(COLORS), []
    for at, row in enumerate(rows):
        labels.append(row)
        for step, (contender, color) in enumerate(COLORS.items()):
            value = medians[row].get(contender)
            if value is None:
                continue
            place = at - 0.42 + step * width
            axes.barh(place, value, height=width * 0.9, color=color,
                      label=contender.replace("_", " ") if at == 0 else None)  # fmt: skip
            axes.text(value * 1.05, place, f"{value:,.0f}", va="center", fontsize=6)
    axes.set_xscale("log")
    axes.set_yticks(range(len(rows)), labels)
    axes.invert_yaxis()
    axes.set_xlabel(f"{title} (logarithmic; lower is better)")
    axes.legend(fontsize=7, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.08))
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
