"""The prompts of a file: JSON lines, CSV or plain lines, each as the body of a request without its model."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import typer

from openrouter_core._json import as_dict

Row = tuple[str, dict[str, Any]]
_KEYS = ("custom_id", "id", "key")
"""Where a row has its key, the first that is there; else its line is the key."""
_FIELD = re.compile(r"\{([^{}\s]+)\}")


def read_rows(
    file: Path, *, key: str | None = None, template: str | None = None, system: str | None = None
) -> Iterator[Row]:
    """Yield the key and the body of each prompt.

    Args:
        file: .jsonl, .csv, or text with a prompt in each line.
        key: The column or field of the key. None: `custom_id`, `id` or `key`, else the number of the line.
        template: A prompt with the names of columns or fields in braces. None: they have a `prompt`.
        system: Instructions that come first in each.

    Raises:
        typer.BadParameter: The file, or a line of it, cannot be read.
    """
    if not file.is_file():
        raise typer.BadParameter(f"There is no file {file}.")
    read = _READERS.get(file.suffix.lower())
    if read is None:
        raise typer.BadParameter(f"{file.name} must end in {', '.join(_READERS)}.")
    before = [{"role": "system", "content": system}] if system else []
    seen: set[str] = set()
    for number, row in read(file):
        where = f"{file.name}, line {number}"
        found = str(_value(row, key, where) if key else _own_key(row, number))
        if found in seen:
            raise typer.BadParameter(f"{where}: the key {found} stands there twice.")
        seen.add(found)
        body = _body(row, template, where)
        yield found, {**body, "messages": [*before, *(body.get("messages") or ())]}


def _own_key(row: Mapping[str, Any], number: int) -> Any:
    return next((row[name] for name in _KEYS if row.get(name) not in (None, "")), number)


def _body(row: Mapping[str, Any], template: str | None, where: str) -> dict[str, Any]:
    if template is not None:
        text = _FIELD.sub(lambda match: str(_value(row, match[1], where)), template)
        return {"messages": [{"role": "user", "content": text}]}
    if isinstance(row.get("body"), dict):  # a line for the batch endpoint of OpenAI
        return as_dict(row["body"])
    if isinstance(row.get("messages"), list):
        return {name: value for name, value in row.items() if name not in _KEYS}
    return {"messages": [{"role": "user", "content": str(_value(row, "prompt", where))}]}


def _value(row: Mapping[str, Any], name: str, where: str) -> Any:
    if name in row:
        return row[name]
    near = get_close_matches(name, row, n=1)
    hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(row)}."
    raise typer.BadParameter(f"{where}: there is no {name}.{hint}")


# ---------------------------------------------------------------- formats


def _json_lines(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, _json_row(line, f"{file.name}, line {number}")


def _json_row(line: str, where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise typer.BadParameter(f"{where} is not JSON: {error}.") from error
    if isinstance(row, str):
        return {"prompt": row}
    if not isinstance(row, dict):
        raise typer.BadParameter(f"{where} must be an object or a text.")
    return as_dict(row)


def _csv(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, restkey="more", restval="")
        for row in reader:
            yield reader.line_num, row


def _plain_lines(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, {"prompt": line.strip()}


_READERS: Mapping[str, Callable[[Path], Iterator[tuple[int, Mapping[str, Any]]]]] = {
    ".jsonl": _json_lines,
    ".csv": _csv,
    ".txt": _plain_lines,
}
