"""Items as flat rows, and rows as a DataFrame, CSV, JSON lines or Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from openrouter_core.bulk.item import Item
from openrouter_core.bulk.values import encode
from openrouter_core.costs.records.export import needed, unarmed
from openrouter_core.errors import ConfigurationError

COLUMNS: tuple[str, ...] = ("key", "text", "error", "cost_usd", "tries", "generation_id", "result")
_TEXTS = ("key", "text", "error")
"""What a spreadsheet might take for a formula; `result` is JSON."""
_CHUNK = 2000


def row_of(item: Item[Any]) -> dict[str, Any]:
    """Return an item as a flat row; `result` is JSON text, `text` what the model wrote, where it is one text."""
    return {
        "key": item.key,
        "text": text_of(item.result),
        "error": item.error,
        "cost_usd": item.cost,
        "tries": item.tries,
        "generation_id": item.generation_id,
        "result": None if item.result is None else encode(item.result),
    }


def text_of(result: Any) -> str | None:
    """The text of a string, of a LangChain message or of a LlamaIndex response; else None."""
    message = getattr(result, "message", result)
    for text in (message, getattr(message, "text", None), getattr(message, "content", None)):
        if isinstance(text, str):
            return str(text)
    return None


def to_dataframe(items: Iterable[Item[Any]]) -> Any:
    """Return items as a pandas DataFrame, one row each, with the results as objects."""
    rows = [{**row_of(item), "result": item.result} for item in items]
    return needed("pandas", "A DataFrame").DataFrame(rows, columns=list(COLUMNS))


def write(items: Iterable[Item[Any]], path: Path) -> int:
    """Write items in the format that the ending of the file names; return how many.

    Raises:
        ConfigurationError: The ending is not .csv, .jsonl or .parquet, or a package is missing.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise ConfigurationError(
            f'Cannot tell the format of "{path.name}". End the name in .csv, .jsonl or .parquet.'
        )
    return writer(map(row_of, items), path)


def _write_csv(rows: Iterator[dict[str, Any]], path: Path) -> int:
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for count, row in enumerate(rows, 1):  # noqa: B007  # counted
            writer.writerow(_plain(row | {name: unarmed(row[name]) for name in _TEXTS}))
    return count


def _write_jsonl(rows: Iterator[dict[str, Any]], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for count, row in enumerate(rows, 1):  # noqa: B007  # counted
            file.write(json.dumps(_plain(row), ensure_ascii=False) + "\n")
    return count


def _write_parquet(rows: Iterator[dict[str, Any]], path: Path) -> int:
    arrow, parquet = needed("pyarrow", "Parquet"), needed("pyarrow.parquet", "Parquet")
    kinds = {"cost_usd": arrow.decimal128(38, 18), "tries": arrow.int64()}
    schema = arrow.schema([(name, kinds.get(name, arrow.string())) for name in COLUMNS])
    count = 0
    with parquet.ParquetWriter(path, schema) as writer:
        while chunk := list(islice(rows, _CHUNK)):
            texts = [{**row, "key": str(row["key"])} for row in chunk]
            writer.write_table(arrow.Table.from_pylist(texts, schema=schema))
            count += len(chunk)
    return count


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {k: format(v, "f") if isinstance(v, Decimal) else v for k, v in row.items()}


_WRITERS: dict[str, Callable[[Iterator[dict[str, Any]], Path], int]] = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
}
