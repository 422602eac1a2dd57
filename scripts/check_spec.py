"""Print what a newer document of the API has that this client does not, as a to-do list.

Run by a maintainer: `python scripts/check_spec.py openapi.yaml` (or the compact operations JSON). Exits with 1 when
there is something to do. It compares operations, parameters and body fields with what the client declares, and every
nested field, type, enum value, status, media type, server and deprecation with the pinned copy of the document that the
client was last held against, or with a second document (`check_spec.py newer.yaml older.yaml`), which should then be of the
same making. When the list is done, `--pin NEWEST [OLDER ...]` writes the copy anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "shared")]

from tests.contract import spec  # noqa: E402  # path first
from tests.contract.covered import is_absent, is_known, lacking, path_shape  # noqa: E402
from tests.contract.declared import Declared, by_operation, declared  # noqa: E402
from tests.contract.drift import differences  # noqa: E402
from tests.contract.spec import Operation  # noqa: E402

UNLISTED = {"operation_id": "createCompletions", "method": "POST", "path": "/completions"}
"""Answers, and no document has it."""


def main(source: str, since: str | None = None) -> int:
    """Print the list; return how the process is to exit."""
    before = spec.read(spec.load(Path(since))) if since else spec.newer()
    todo = list(drift(spec.read(spec.load(Path(source))), before))
    for line in todo:
        print(f"- [ ] {line}")
    print(f"{len(todo)} to do" if todo else "Nothing to do: the document is as the client has it.")
    return 1 if todo else 0


def drift(operations: tuple[Operation, ...], before: tuple[Operation, ...]) -> Iterator[str]:
    """Yield what is new, what has moved and what is gone since a document."""
    have = by_operation()
    named = {operation.id for operation in operations}
    for operation in operations:
        if operation.id in have:
            yield from _changes(operation, have[operation.id])
        else:
            yield f"declare {operation.id}: {operation.method} {operation.path}"
    for one in declared():
        if one.route.operation not in named and not is_absent(one.route.operation):
            yield f"{one.name}: the document no longer has {one.route.operation}"
    yield from differences(before, operations)


def _changes(operation: Operation, methods: list[Declared]) -> Iterator[str]:
    for one in methods:
        ours, theirs = (one.route.method, one.route.path), (operation.method, operation.path)
        if (ours[0], path_shape(ours[1])) != (theirs[0], path_shape(theirs[1])):
            yield f"{one.name}: {' '.join(ours)} is now {' '.join(theirs)}"
    for what in sorted(lacking(operation)):
        if not is_known(operation.id, what):
            yield f"{methods[0].name}: take {what}"


def pin(*sources: str) -> int:
    """Write the pinned copy from one document or more, the newest first."""
    document = spec.pin(*(spec.load(Path(source)) for source in sources), unlisted=[UNLISTED])
    spec.PINNED.write_text(spec.written(document), "utf-8")
    print(f"{len(document['operations'])} operations, {len(document['$defs'])} definitions")
    return 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--pin", *sources] if sources:
            raise SystemExit(pin(*sources))
        case [source, *since] if len(since) < 2:
            raise SystemExit(main(source, *since))
        case _:
            raise SystemExit(
                "usage: python scripts/check_spec.py [--pin] NEWEST-SPEC [OLDER-SPEC ...]"
            )
