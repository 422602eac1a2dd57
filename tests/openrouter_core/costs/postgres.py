"""A PostgreSQL server of the test run's own: temporary directory, loopback, never as root."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_USERS = ("postgres", "nobody")
# However the test run ends, killed or not, its end of the pipe closes and the server stops.
_UNTIL_STDIN_CLOSES = '"$@" & read _; kill -QUIT $!; wait'


def binaries() -> Path | None:
    """Where initdb and pg_ctl are; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((p for p in places if (p / "initdb").exists() and (p / "pg_ctl").exists()), None)


def why_not() -> str | None:
    """Why no server can be started here; None if one can."""
    if binaries() is None:
        return "PostgreSQL's server is not installed (Debian: apt install postgresql)"
    if os.geteuid() == 0 and _account() is None:
        return "PostgreSQL refuses to run as root, and there is no account to change to"
    return None


@contextmanager
def server(password: str | None = None) -> Iterator[str]:
    """Run a server that asks for the password, if any; yield the URL of an empty database."""
    with tempfile.TemporaryDirectory(prefix="openrouter-pg-", ignore_cleanup_errors=True) as home:
        # Not under pytest's own directories: those are closed to the server's account.
        Path(home).chmod(0o755)
        with _running(Path(home) / "data", password) as url:
            yield url


@contextmanager
def _running(data: Path, password: str | None) -> Iterator[str]:
    where = binaries()
    assert where is not None
    data.mkdir()
    account = _account() if os.geteuid() == 0 else None
    if account is not None:
        os.chown(data, account.pw_uid, account.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    ours: dict[str, Any] = {
        "user": account.pw_uid if account else None,
        "group": account.pw_gid if account else None,
        "extra_groups": [] if account else None,
        "cwd": data,
        "env": {"PATH": os.defpath, "LC_ALL": "C"},
    }
    made = subprocess.run(
        [where / "initdb", "-D", data, "--no-sync", *_options(data, password)],
        capture_output=True,
        text=True,
        check=False,
        **ours,
    )
    assert made.returncode == 0, made.stderr
    settings = [
        f"port={port}",
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "fsync=off",
    ]
    running = subprocess.Popen(
        ["sh", "-c", _UNTIL_STDIN_CLOSES, "sh", where / "postgres", "-D", data]
        + [word for setting in settings for word in ("-c", setting)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **ours,
    )
    try:
        _wait_for(port, password)
        login = "tester" if password is None else f"tester:{password}"
        yield f"postgresql+psycopg://{login}@127.0.0.1:{port}/postgres"
    finally:
        running.communicate(timeout=30)


def _options(data: Path, password: str | None) -> list[str]:
    """What initdb needs for a server that asks for this password, if any."""
    if password is None:
        return ["-U", "tester", "-E", "UTF8", "--auth=trust"]
    kept = data.with_name("password")
    kept.write_text(password)
    kept.chmod(0o644)
    return ["-U", "tester", "-E", "UTF8", "--auth=scram-sha-256", f"--pwfile={kept}"]


def _wait_for(port: int, password: str | None) -> None:
    """Return when the server takes connections; an open port alone does not say so."""
    import psycopg

    for _ in range(200):
        try:
            psycopg.connect(
                host="127.0.0.1", port=port, user="tester", password=password, dbname="postgres"
            ).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("The test's PostgreSQL did not start within 20 s.")


def _account() -> pwd.struct_passwd | None:
    for name in _USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None
