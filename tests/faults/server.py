"""The raw server of the fault matrix, a process of its own: `python -m tests.faults.server FOLDER`.

It prints its ports as JSON. The path of a request begins with the number of the scenario that is played.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from tests.faults.playing import Played
from tests.faults.right_answers import right_answer
from tests.faults.scenarios import ALL

_TARGET = re.compile(rb"[A-Z]+ /(\d+)/api(?:/v1)?(/[^ ?]*)")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, RuntimeError):
        while not writer.is_closing():
            head = await reader.readuntil(b"\r\n\r\n")
            found = _TARGET.match(head)
            if found is None:
                break
            length = _LENGTH.search(head)
            sent = await reader.readexactly(int(length[1])) if length else b""
            answer = right_answer(found[2].decode(), sent)
            await ALL[int(found[1])].play(Played(answer, writer))
            await writer.drain()
    writer.close()


async def _is_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accepts, and does not even shake hands."""
    await reader.read()
    writer.close()


def _contexts(folder: Path) -> dict[str, ssl.SSLContext]:
    known, unknown = trustme.CA(), trustme.CA()
    known.cert_pem.write_to_path(folder / "ca.pem")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    certificates = {
        "tls": known.issue_cert("127.0.0.1"),
        "stranger": unknown.issue_cert("127.0.0.1"),
        "other host": known.issue_cert("other.example"),
        "expired": known.issue_cert("127.0.0.1", not_after=yesterday),
    }
    contexts: dict[str, ssl.SSLContext] = {}
    for name, certificate in certificates.items():
        contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(contexts[name])
    return contexts


async def _main(folder: Path) -> None:
    served = {"plain": await asyncio.start_server(_serve, "127.0.0.1", 0, backlog=1000)}
    for name, context in _contexts(folder).items():
        served[name] = await asyncio.start_server(_serve, "127.0.0.1", 0, ssl=context)
    served["silent"] = await asyncio.start_server(_is_silent, "127.0.0.1", 0)
    ports = {name: server.sockets[0].getsockname()[1] for name, server in served.items()}
    print(json.dumps(ports), flush=True)  # noqa: T201  # who started it reads the line
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(Path(sys.argv[1])))
