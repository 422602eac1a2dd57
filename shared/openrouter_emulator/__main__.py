"""`python -m openrouter_emulator`: run the emulator until it is interrupted, for demos and offline work."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Sequence
from decimal import Decimal

from openrouter_emulator import Emulator


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until Ctrl-C, after printing the address and the keys."""
    given = _parser().parse_args(arguments)
    emulator = Emulator(
        host=given.host,
        port=given.port,
        credits_usd=given.credits_usd,
        generation_delay_s=given.generation_delay_s,
        chunk_gap_s=given.chunk_gap_s,
        first_event_delay_s=given.first_event_delay_s,
        latency_s=given.latency_s,
        usage_form=given.usage_form,
        byok=given.byok,
    )
    with emulator:
        print(f"OPENROUTER_BASE_URL={emulator.base_url}")
        print(f"OPENROUTER_API_KEY={emulator.api_key}")
        print(f"OPENROUTER_MANAGEMENT_KEY={emulator.management_key}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Stopped.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m openrouter_emulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8642, help="0 takes a free one")
    parser.add_argument("--credits-usd", type=Decimal, default=Decimal(1000))
    parser.add_argument("--generation-delay-s", type=float, default=0.0)
    parser.add_argument("--chunk-gap-s", type=float, default=0.0)
    parser.add_argument("--first-event-delay-s", type=float, default=0.0)
    parser.add_argument("--latency-s", type=float, default=0.0)
    parser.add_argument("--usage-form", type=int, choices=(1, 2, 3), default=3)
    parser.add_argument("--byok", action="store_true")
    return parser


if __name__ == "__main__":
    main()
