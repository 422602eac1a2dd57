"""Where the examples find an API: OpenRouter with OPENROUTER_API_KEY, else the emulator on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openrouter_core import OpenRouterClient

if TYPE_CHECKING:
    from openrouter_emulator import Emulator

FILES = Path(__file__).resolve().parent / "files"
_EMULATED = (
    "No OPENROUTER_API_KEY: this is the local emulator. Its answers follow a script; "
    "the requests, the streams and the bookkeeping are those of the real API."
)


@contextmanager
def an_api(
    script: Callable[[Emulator], None] | None = None,
    *,
    say: Callable[[str], Any] = print,
    **settings: Any,
) -> Iterator[None]:
    """Let every client of this process find an API.

    Args:
        script: Tells the emulator what its models say.
        say: Prints a line.
        settings: Those of the emulator, e.g. how fast it writes.
    """
    if os.environ.get("OPENROUTER_API_KEY"):
        say(f"OPENROUTER_API_KEY is set: calling {OpenRouterClient().config.base_url}.")
        yield
        return
    from openrouter_emulator import Emulator

    say(_EMULATED)
    with Emulator(**settings) as emulator:
        if script is not None:
            script(emulator)
        found = {
            "OPENROUTER_API_KEY": emulator.api_key,
            "OPENROUTER_BASE_URL": emulator.base_url,
        }
        os.environ.update(found)
        try:
            yield
        finally:
            for name in found:
                os.environ.pop(name, None)


def start_api(script: Callable[[Emulator], None] | None = None) -> None:
    """The same for notebooks, whose cells cannot share a `with` block: until their process ends."""
    import atexit

    opened = an_api(script)
    opened.__enter__()
    atexit.register(opened.__exit__, None, None, None)
