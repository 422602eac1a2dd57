"""`python -m openrouter_emulator`: run the emulator until it is interrupted, for demos and offline work."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from openrouter_emulator import Emulator


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until Ctrl-C, after printing lines that set the address and the keys in a shell."""
    given = _parser().parse_args(arguments)
    emulator = Emulator(
        host=given.host,
        port=given.port,
        credits_usd=given.credits_usd,
        generation_delay_s=given.generation_delay_s,
        chunk_gap_s=given.chunk_gap_s,
        tokens_per_s=given.tokens_per_s,
        first_event_delay_s=given.first_event_delay_s,
        latency_s=given.latency_s,
        usage_form=given.usage_form,
        byok=given.byok,
        dialects=given.dialects,
        models=[*given.model, *_listed(given.models)],
    )
    try:
        emulator.start()
    except OSError as error:
        sys.exit(f"{error.strerror or error}")
    with emulator:
        print("\n".join(_pasteable(emulator, windows=os.name == "nt")), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Stopped.")


def _pasteable(emulator: Emulator, *, windows: bool) -> list[str]:
    """What to paste into a shell: all of it, remarks included."""
    user = {"OPENROUTER_API_KEY": emulator.api_key, "OPENROUTER_BASE_URL": emulator.base_url}
    manager = {"OPENROUTER_MANAGEMENT_KEY": emulator.management_key}
    return [
        "# OpenRouter, emulated. Paste the next line into the shell of your program:",
        _setting(user, windows=windows),
        "# For the endpoints that manage keys, guardrails, workspaces and the like:",
        _setting(manager, windows=windows),
        f"# The last requests, their answers, and what was refused and why: {emulator.origin}/",
        "# Ctrl-C ends it.",
    ]


def _setting(variables: Mapping[str, str], *, windows: bool) -> str:
    """A line that sets variables: of PowerShell on Windows, of a POSIX shell elsewhere."""
    if windows:
        return "; ".join(f'$env:{name}="{value}"' for name, value in variables.items())
    return " ".join(["export", *(f"{name}={value}" for name, value in variables.items())])


def _listed(path: Path | None) -> list[Any]:
    """The models of a file."""
    if path is None:
        return []
    whole: Any = json.loads(path.read_text("utf-8"))
    return list(whole["data"] if isinstance(whole, dict) else whole)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m openrouter_emulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8642, help="0 takes a free one")
    parser.add_argument("--credits-usd", type=Decimal, default=Decimal(1000))
    parser.add_argument("--generation-delay-s", type=float, default=0.0)
    parser.add_argument("--chunk-gap-s", type=float, default=0.0)
    parser.add_argument(
        "--tokens-per-s", type=float, default=0.0, help="how fast models write; 0 for at once"
    )
    parser.add_argument(
        "--first-event-delay-s", type=float, default=0.0, help="time to the first token of a stream"
    )
    parser.add_argument("--latency-s", type=float, default=0.0)
    parser.add_argument("--usage-form", type=int, choices=(1, 2, 3), default=3)
    parser.add_argument("--byok", action="store_true")
    parser.add_argument(
        "--no-dialects",
        dest="dialects",
        action="store_false",
        help="take what the providers behind the models refuse",
    )
    parser.add_argument(
        "--model", action="append", default=[], metavar="ID", help="add a model; may be repeated"
    )
    parser.add_argument(
        "--models", type=Path, metavar="FILE", help="add models: JSON as GET /models answers it"
    )
    return parser


if __name__ == "__main__":
    main()
