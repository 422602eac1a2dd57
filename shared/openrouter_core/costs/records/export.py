"""Records as flat rows, and rows as CSV, JSON, Parquet or a DataFrame. Called by the ledger."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from openrouter_core.costs.records.record import CostRecord
from openrouter_core.errors import ConfigurationError

Row = dict[str, Any]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Also in their full width, which some spreadsheets read alike."""

COLUMNS: tuple[str, ...] = (
    "id",
    "at",
    "operation",
    "outcome",
    "error",
    "requested_model",
    "model",
    "provider",
    "key_hash",
    "base_url",
    "run",
    "tags",
    "session",
    "user",
    "latency_s",
    "first_event_s",
    "streamed",
    "charged_usd",
    "upstream_usd",
    "total_usd",
    "cache_discount_usd",
    "is_byok",
    "source",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "lookup",
    "difference_usd",
)


def row_of(record: CostRecord) -> Row:
    """Return a call as one flat row."""
    cost, tokens, labels = record.cost, record.cost.tokens, record.labels
    plain = {name: getattr(record, name, None) for name in COLUMNS}
    return plain | {
        "model": record.model_name,
        "run": labels.run,
        "tags": list(labels.tags),
        "session": labels.session,
        "user": labels.user,
        "charged_usd": cost.charged,
        "upstream_usd": cost.upstream,
        "total_usd": cost.total,
        "cache_discount_usd": cost.cache_discount,
        "is_byok": cost.is_byok,
        "source": None if cost.total is None else cost.source,
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "total_tokens": tokens.total,
        "cached_tokens": tokens.cached,
        "cache_write_tokens": tokens.cache_write,
        "reasoning_tokens": tokens.reasoning,
        "difference_usd": record.difference,
    }


def write(rows: Sequence[Row], path: Path) -> int:
    """Write rows in the format that the file's ending names; return how many.

    Raises:
        ConfigurationError: The ending is not .csv, .json or .parquet, or a package is missing.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise ConfigurationError(
            f'Cannot tell the format of "{path.name}". End the name in .csv, .json or .parquet.'
        )
    writer(rows, path)
    return len(rows)


def to_dataframe(rows: Sequence[Row]) -> Any:
    """Return rows as a pandas DataFrame; money stays Decimal."""
    return needed("pandas", "A DataFrame").DataFrame(list(rows), columns=COLUMNS)


def _write_csv(rows: Sequence[Row], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for row in rows:
            plain = {name: unarmed(value) for name, value in row.items()}
            writer.writerow({**_texts(plain), "tags": unarmed(" ".join(row["tags"]))})


def _write_json(rows: Sequence[Row], path: Path) -> None:
    text = json.dumps([_texts(row) for row in rows], indent=1, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")


def _write_parquet(rows: Sequence[Row], path: Path) -> None:
    arrow = needed("pyarrow", "Parquet")
    parquet = needed("pyarrow.parquet", "Parquet")
    money = arrow.decimal128(38, 18)
    kinds = {
        "at": arrow.timestamp("us", tz="UTC"),
        "tags": arrow.list_(arrow.string()),
        "latency_s": arrow.float64(),
        "first_event_s": arrow.float64(),
        "streamed": arrow.bool_(),
        "is_byok": arrow.bool_(),
    }
    for name in COLUMNS:
        if name.endswith("_usd"):
            kinds[name] = money
        elif name.endswith("_tokens"):
            kinds[name] = arrow.int64()
    schema = arrow.schema([(name, kinds.get(name, arrow.string())) for name in COLUMNS])
    parquet.write_table(arrow.Table.from_pylist(list(rows), schema=schema), path)


def unarmed(value: Any) -> Any:
    """Return a text that no spreadsheet runs as a formula: names and answers are not the user's own."""
    is_armed = isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_STARTS)
    return f"'{value}" if is_armed else value


def _texts(row: Row) -> Row:
    """Values that CSV and JSON can hold; money as plain decimals."""
    return {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, datetime) else value


def needed(module: str, purpose: str) -> Any:
    """Import a module of a package that belongs to no extra.

    Raises:
        ConfigurationError: It is not installed; the message says what to install.
    """
    try:
        return import_module(module)
    except ImportError as missing:
        package = module.partition(".")[0]
        raise ConfigurationError(
            f"{purpose} needs the package {package}. Install it: pip install {package}"
        ) from missing


_WRITERS: dict[str, Callable[[Sequence[Row], Path], None]] = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".parquet": _write_parquet,
}
