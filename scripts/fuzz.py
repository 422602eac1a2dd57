"""Ask the emulator everything that the API's newest document allows, and much that it does not.

Schemathesis, which nobody here wrote, makes the requests from `tests/contract/operations.json`, in an environment of
its own under .venvs. Whatever is asked, the emulator answers no 500, no undocumented status, and no body or event that
the document forbids. Ends with 1 when it did, with 3 when Schemathesis cannot be installed.

    python scripts/fuzz.py                     a minute
    python scripts/fuzz.py --seconds 1800      half an hour, also of calls that follow each other
    python scripts/fuzz.py --seed 7 --only sendChatCompletionRequest
"""

from __future__ import annotations

import argparse
import functools
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openrouter_emulator import Fault
    from tests.contract.declared import Declared
    from tests.contract.emulated import World

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "shared")]

from scripts.side_environment import (  # noqa: E402  # path first
    NOT_INSTALLED,
    NotInstalledError,
    clean_environment,
    python_with,
)

REQUIREMENT = "schemathesis>=4.32,<5"
WITHDRAWN = "createCoinbaseCharge"
_INSTALL_S = 180
_SHARES = {"inference": 0.7, "management": 0.3}
"""Of the time, by the kind of key: bodies of models are the larger ones."""
_LONG_S = 300
"""From here on what answers tell is asked for, too: calls that follow each other."""
_GRACE_S = 120
"""Beyond its time a run ends the operation at which it is."""
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_schema_conformance", "events_conform",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz with the inference key, then with the management key."""
    given = _parser().parse_args(arguments)
    try:
        python = python_with("fuzz", [REQUIREMENT], within_s=_INSTALL_S)
    except NotInstalledError as error:
        print(error)
        return NOT_INSTALLED
    ends = [
        _fuzz(python, kind, phases, given.seconds * share * part, given)
        for phases, part in _parts(given.seconds).items()
        for kind, share in _SHARES.items()
    ]
    return max(ends)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="for all requests together")
    parser.add_argument("--seed", type=int, help="makes the same requests again")
    parser.add_argument("--only", action="append", default=[], metavar="OPERATION")
    parser.add_argument(
        "--spoil", action="store_true", help="break every answer, to see that it is found"
    )
    return parser


def _parts(seconds: int) -> dict[str, float]:
    """The phases that go together, each with its share of the time."""
    alone = "examples,coverage,fuzzing"
    return {alone: 0.8, "stateful": 0.2} if seconds >= _LONG_S else {alone: 1.0}


def _fuzz(python: Path, kind: str, phases: str, seconds: float, given: argparse.Namespace) -> int:
    """Send what one kind of key may send; return how Schemathesis ended."""
    from openrouter_emulator import Emulator
    from tests.contract.emulated import World

    with tempfile.TemporaryDirectory() as folder, Emulator(comments=0) as emulator:
        whole = _document(World(emulator), kind, given.only)
        if not whole["paths"]:
            return 0
        if given.spoil:
            emulator.fail_next(_spoilt(), times=10_000)
        description = Path(folder) / "openapi.json"
        description.write_text(json.dumps(whole), "utf-8")
        key = emulator.management_key if kind == "management" else emulator.api_key
        command = [python, "-m", "schemathesis.cli", "run", description, "--url", emulator.origin]
        done = subprocess.run(
            [*map(str, command), *_options(key, phases, seconds, given)],
            cwd=folder,
            env={**clean_environment(), **_hooks()},
            timeout=given.seconds + _GRACE_S,
            check=False,
        )
    return min(done.returncode, 1)


def _spoilt() -> Fault:
    """A failure that no document allows."""
    from openrouter_emulator import Fault

    def spoil(part: Any) -> Any:
        return {**part, "type": 7, "data": 7} if isinstance(part, dict) else part

    return Fault("spoilt", lambda planned: planned.replace(parts=[*map(spoil, planned.parts)]))


def _document(world: World, kind: str, only: Sequence[str]) -> dict[str, Any]:
    """What one kind of key may ask, with the ids of what there is and bodies that are answered."""
    from tests.contract import openapi
    from tests.contract.declared import by_operation

    served: dict[str, openapi.Served] = {}
    for id, methods in by_operation().items():
        managed = methods[0].route.key == "management"
        if id == WITHDRAWN or managed != (kind == "management") or (only and id not in only):
            continue
        calls = [_call(world, one) for one in methods]
        bodies = [
            {**call.json, **({"stream": True} if one.streams else {})}
            for one, call in zip(methods, calls, strict=True)
            if isinstance(call.json, dict) and getattr(call, "form", None) is None
        ]
        served[id] = openapi.Served(dict(calls[0].path), bodies)
    return openapi.document(served)


def _call(world: World, one: Declared) -> Any:
    """What a method would send that succeeds."""
    from tests.contract import samples

    describe = functools.partial(one.endpoint.describe, None)
    return samples.call(one, describe, world.arguments(one))


def _options(key: str, phases: str, seconds: float, given: argparse.Namespace) -> list[str]:
    seed = [] if given.seed is None else ["--seed", str(given.seed)]
    return [
        "--header", f"Authorization: Bearer {key}",
        "--checks", ",".join(CHECKS),
        "--max-time", str(max(1, round(seconds))),
        "--phases", phases,
        "--suppress-health-check", "all",
        "--warnings", "off",
        "--request-timeout", "30",
        *seed,
    ]  # fmt: skip


def _hooks() -> dict[str, Any]:
    return {
        "SCHEMATHESIS_HOOKS": "fuzz_checks",
        "PYTHONPATH": str(ROOT / "scripts"),
        "NO_COLOR": "1",
    }


if __name__ == "__main__":
    sys.exit(main())
