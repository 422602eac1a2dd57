"""Write `openrouter_core/catalog/_snapshot.json`: the facts of a model list, for use without a network.

Run by a maintainer: `python scripts/make_snapshot.py models.json`, where the file holds the answer of
GET /models (or of a recording of it). Ids, numbers, modalities, parameter names and prices only.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "shared/openrouter_core/catalog/_snapshot.json"


def main(source: str) -> None:
    """Read a model list and write the snapshot."""
    answer = json.loads(Path(source).read_text("utf-8"))
    answer = answer.get("response", {}).get("body", answer)
    models = sorted(answer["data"], key=lambda model: model["id"])
    names = sorted({name for model in models for name in model["supported_parameters"]})
    entries = [compact(model, names) for model in models]
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
    TARGET.write_text(f'{{"parameters":{json.dumps(names)},\n"models":[\n{lines}\n]}}\n', "utf-8")
    print(f"{len(entries)} models, {TARGET.stat().st_size:,} bytes -> {TARGET.name}")


def compact(model: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Keep the facts of one model, in the shape of the list, without what is null or prose."""
    architecture, provider = model["architecture"], model["top_provider"]
    kept = {
        "id": model["id"],
        "canonical_slug": model["canonical_slug"],
        "context_length": model["context_length"],
        "top_provider": {"max_completion_tokens": provider["max_completion_tokens"]},
        "architecture": {
            "input_modalities": architecture["input_modalities"],
            "output_modalities": architecture["output_modalities"],
        },
        "supported_parameters": [names.index(name) for name in model["supported_parameters"]],
        "reasoning": model.get("reasoning"),
        "pricing": model["pricing"],
    }
    return {key: value for key, value in kept.items() if value is not None}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python scripts/make_snapshot.py MODELS.json")
    main(sys.argv[1])
