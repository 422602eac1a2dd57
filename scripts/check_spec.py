"""Print what a newer document of the API has that this client does not, as a to-do list.

Run by a maintainer: `python scripts/check_spec.py openapi.yaml` (or the compact operations JSON). Exits
with 1 when there is something to do.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "shared")]

from tests.contract.declared import Declared, by_operation, declared  # noqa: E402  # path first
from tests.contract.spec import Operation, read_newer, read_openapi  # noqa: E402
from tests.contract.test_operations import _is_known, _lacking, _shape, is_absent  # noqa: E402


def main(source: str) -> int:
    """Print the list; return how the process is to exit."""
    todo = list(drift(read_document(Path(source))))
    for line in todo:
        print(f"- [ ] {line}")
    print(f"{len(todo)} to do" if todo else "Nothing to do: every operation and field is declared.")
    return 1 if todo else 0


def read_document(path: Path) -> tuple[Operation, ...]:
    """Read an OpenAPI document, in YAML or JSON, or the compact list of operations."""
    text = path.read_text("utf-8")
    document: dict[str, Any]
    if path.suffix in (".yaml", ".yml"):
        import yaml

        document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    else:
        document = json.loads(text)
    return read_newer(document) if "operations" in document else read_openapi(document)


def drift(operations: tuple[Operation, ...]) -> Iterator[str]:
    """Yield what is new, what has moved and what is gone."""
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


def _changes(operation: Operation, methods: list[Declared]) -> Iterator[str]:
    for one in methods:
        ours, theirs = (one.route.method, one.route.path), (operation.method, operation.path)
        if (ours[0], _shape(ours[1])) != (theirs[0], _shape(theirs[1])):
            yield f"{one.name}: {' '.join(ours)} is now {' '.join(theirs)}"
    for what in sorted(_lacking(operation)):
        if not _is_known(operation.id, what):
            yield f"{methods[0].name}: take {what}"
    spoken = re.findall(r"\{(\w+)\}", operation.path)
    if len(spoken) != len(set(spoken)):
        yield f"{operation.id}: the document names a path parameter twice"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python scripts/check_spec.py NEWER-SPEC")
    raise SystemExit(main(sys.argv[1]))
