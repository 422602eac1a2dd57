"""What pydantic alone takes for the objects of the model list: `python benchmarks/typed_objects.py`.

The same 400 models as plain classes whose fields accept anything: what pydantic cannot go below. In
microseconds for each object, the best of the rounds.
"""

from __future__ import annotations

import json
import timeit
from typing import Any

from answers import answer
from pydantic import BaseModel, TypeAdapter, create_model

ROUNDS, EACH = 15, 3


def main() -> None:
    """Measure and print."""
    models: list[dict[str, Any]] = json.loads(answer("models").sends[0].partition(b"\r\n\r\n")[2])[
        "data"
    ]
    adapter = TypeAdapter(list[_untyped(models[0], "Model")])  # type: ignore[misc]  # made here
    rounds = timeit.repeat(lambda: adapter.validate_python(models), number=EACH, repeat=ROUNDS)
    objects = _objects(models)
    print(f"{objects:,} objects, {min(rounds) / EACH / objects * 1e6:.2f} µs each")


def _untyped(example: dict[str, Any], name: str) -> type[BaseModel]:
    fields: dict[str, Any] = {
        key: (_untyped(value, name + key) if isinstance(value, dict) else Any, None)
        for key, value in example.items()
    }
    return create_model(name, **fields)


def _objects(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_objects, value.values()))
    return sum(map(_objects, value)) if isinstance(value, list) else 0


if __name__ == "__main__":
    main()
