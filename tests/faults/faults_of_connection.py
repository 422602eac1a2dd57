"""Faults before the first byte of HTTP: certificates, handshakes, and a server that speaks no TLS."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.faults.playing import SCENARIOS, Played, Scenario, Wanted


async def _answers(p: Played) -> None:
    await p.send(p.with_length())


def _connects(name: str, connection: Any, wanted: Wanted, timeout_s: float = 10.0) -> None:
    made = Scenario(name, "connection", _answers, wanted, timeout_s)
    SCENARIOS[name] = replace(made, connection=connection, is_short=name == "an unknown authority")


_connects("TLS", "tls", "right")
_connects("an unknown authority", "stranger", "error")
_connects("a certificate of another host", "other host", "error")
_connects("a certificate that has expired", "expired", "error")
_connects("a handshake that stalls", "silent", "error", timeout_s=0.8)
_connects("no TLS where it is expected", "raw", "error", timeout_s=3.0)
