"""What the tests of the core share: a scripted server that writes the bytes a test wants to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.openrouter_core.wire_server import Script, WireServer


@pytest.fixture
def serve() -> Iterator[Callable[..., WireServer]]:
    """Start a scripted server: one script for each request, the last one for all that follow."""
    started: list[WireServer] = []

    def start(*scripts: Script, **settings: Any) -> WireServer:
        server = WireServer(*scripts, **settings)
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()
