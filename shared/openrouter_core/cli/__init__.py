"""The command `openrouter`: models, keys, costs, questions and a check-up, from a terminal. Extra `[cli]`."""

from __future__ import annotations

import sys

from openrouter_core.extras import how_to_install


def main() -> None:
    """Run the command; without its extra say what to install."""
    try:
        from openrouter_core.cli.app import run
    except ModuleNotFoundError as missing:
        module = (missing.name or "").partition(".")[0]
        sys.exit(how_to_install("The command openrouter", module, "cli"))
    sys.exit(run())
