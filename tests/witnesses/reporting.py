"""What a witness saw, one line of JSON a call. Runs in the witness's own environment: standard library only."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

EMULATOR: dict[str, str] = json.loads(os.environ.get("WITNESS_EMULATOR", "{}"))
"""Address and keys of the emulator, and the names of what it holds from the start."""


class RefusedError(Exception):
    """The SDK took an answer, but not for what it is."""


def call(operation: str, act: Callable[[], Any]) -> Any:
    """Make one call and report whether the SDK accepted the answer; return the answer or None."""
    try:
        answer = act()
    except Exception as error:  # noqa: BLE001  # whatever the SDK says goes into the report
        where = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error} ({where.name}:{where.lineno})"
        _report({"operation": operation, "accepted": False, "reason": reason})
        return None
    _report({"operation": operation, "accepted": True, "reason": ""})
    return answer


def version(text: str) -> None:
    """Report which SDK this is."""
    _report({"version": text})


def _report(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def refused_as(operation: str, kind: type[BaseException], act: Callable[[], Any]) -> None:
    """Make a call that has to fail as the SDK's own error class."""

    def attempt() -> None:
        try:
            act()
        except kind:
            return
        raise RefusedError(f"no {kind.__name__} was raised")

    call(operation, attempt)
