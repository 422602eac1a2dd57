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

import pytest

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


class Server:
    """A server that runs, and what its database is reached by."""

    def __init__(self, data: Path, password: str | None) -> None:
        self._data = data
        self._password = password
        self._account = _account() if os.geteuid() == 0 else None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        login = "tester" if password is None else f"tester:{password}"
        self.url = f"postgresql+psycopg://{login}@127.0.0.1:{self._port}/postgres"
        self._make()

    def start(self) -> None:
        """Run it; return when it takes connections."""
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
        words = [word for s in (f"port={self._port}", *settings) for word in ("-c", s)]
        self._running = subprocess.Popen(
            ["sh", "-c", _UNTIL_STDIN_CLOSES, "sh", _here() / "postgres", "-D", self._data, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._ours(),
        )
        _wait_for(self._port, self._password)

    def stop(self) -> None:
        """End it at once, whatever it does; what was committed is on the disk."""
        self._running.communicate(timeout=30)

    def _make(self) -> None:
        self._data.mkdir()
        if self._account is not None:
            os.chown(self._data, self._account.pw_uid, self._account.pw_gid)
        options = _options(self._data, self._password)
        made = subprocess.run(
            [_here() / "initdb", "-D", self._data, "--no-sync", *options],
            capture_output=True,
            text=True,
            check=False,
            **self._ours(),
        )
        assert made.returncode == 0, made.stderr

    def _ours(self) -> dict[str, Any]:
        """How its programs are run: as an account that PostgreSQL accepts."""
        account = self._account
        return {
            "user": account.pw_uid if account else None,
            "group": account.pw_gid if account else None,
            "extra_groups": [] if account else None,
            "cwd": self._data,
            "env": {"PATH": os.defpath, "LC_ALL": "C"},
        }


@contextmanager
def running(password: str | None = None) -> Iterator[Server]:
    """Run a server that asks for the password, if any, with an empty database."""
    with tempfile.TemporaryDirectory(prefix="openrouter-pg-", ignore_cleanup_errors=True) as home:
        # Not under pytest's own directories: those are closed to the server's account.
        Path(home).chmod(0o755)
        server = Server(Path(home) / "data", password)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def server(password: str | None = None) -> Iterator[str]:
    """The same; yield the URL of the database."""
    with running(password) as one:
        yield one.url


@contextmanager
def server_or_skip() -> Iterator[str]:
    """The same; skip the test where there is no PostgreSQL."""
    if reason := why_not():
        pytest.skip(reason)
    pytest.importorskip("psycopg", reason="PostgreSQL needs the driver psycopg")
    with server() as url:
        yield url


def new_database(server_url: str) -> str:
    """The URL of an empty database of a server."""
    import sqlalchemy as sa

    name = f"test_{time.time_ns()}"
    engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(sa.text(f"create database {name}"))
    engine.dispose()
    return f"{server_url.rsplit('/', 1)[0]}/{name}"


def _here() -> Path:
    where = binaries()
    assert where is not None
    return where


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
