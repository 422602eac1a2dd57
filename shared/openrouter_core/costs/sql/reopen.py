"""How a ledger in a database goes to another process: by its URL, and never with the password in it.

There each database is opened once, whatever number of pickled ledgers name it, and every record is
written before its call returns: the worker of a pool may be killed as soon as its result is out.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import sqlalchemy as sa

from openrouter_core.costs._ending import WRITE, at_end
from openrouter_core.costs.sql.store import SqlStore
from openrouter_core.errors import ConfigurationError

PASSWORD_VARIABLE = "OPENROUTER_LEDGER_PASSWORD"  # noqa: S105  # its name
"""The environment variable with the password of a database that a pickle named without it."""

_PARAMETERS = frozenset({
    "application_name", "autocommit", "channel_binding", "charset", "check_hostname",
    "client_encoding", "collation", "command_timeout", "connect_timeout", "dbname", "driver",
    "encrypt", "gssencmode", "host", "hostaddr", "keepalives", "keepalives_count",
    "keepalives_idle", "keepalives_interval", "krbsrvname", "load_balance_hosts",
    "multisubnetfailover", "passfile", "port", "prepare_threshold", "read_timeout",
    "require_auth", "service", "ssl_ca", "ssl_cert", "ssl_check_hostname", "ssl_key", "sslcert",
    "sslcrl", "sslkey", "sslmode", "sslnegotiation", "sslrootcert", "target_session_attrs",
    "tcp_user_timeout", "timeout", "trustservercertificate", "unix_socket", "user",
    "write_timeout",
})  # fmt: skip
"""Parameters of database URLs that hold no password. Others are not guessed about: they are refused."""


Address = tuple[str, bool]
"""A database as it may stand in a pickle: its URL without a password, and whether there was one."""


def address_of(url: sa.URL) -> Address:
    """Return what may be known of a database elsewhere.

    Raises:
        TypeError: The URL has a parameter that may hold a password.
    """
    for name in url.query:
        if name.lower() not in _PARAMETERS:
            raise TypeError(
                f"A CostLedger with the parameter {name!r} in its URL cannot be pickled, for it may hold a "
                "password. Make the ledger in each process, or leave the parameter out."
            )
    bare = sa.URL.create(
        url.drivername,
        url.username,
        host=url.host,
        port=url.port,
        database=url.database,
        query=url.query,
    )
    return bare.render_as_string(), url.password is not None


_stores: dict[Address, SqlStore] = {}
_lock = threading.RLock()  # the garbage collector may end another observed call meanwhile


def reopened(address: Address) -> SqlStore:
    """Return the store of this process for a database that a pickle names.

    Raises:
        ConfigurationError: It cannot be opened from here.
    """
    with _lock:
        store = _stores.get(address)
        if store is None:
            store = _stores[address] = _open(*address)
        return store


def _open(address: str, had_password: bool) -> SqlStore:  # noqa: FBT001  # the parts of an Address
    url = sa.make_url(address)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise ConfigurationError(
            f"The pickled ledger's file {url.database} is not on this machine. An SQLite file is for the "
            "processes of one machine: use a database server, e.g. PostgreSQL, for several."
        )
    password = os.environ.get(PASSWORD_VARIABLE) if had_password else None
    try:
        return SqlStore(url.set(password=password), writes_through=True)
    except ConfigurationError as error:
        if not had_password or password is not None:
            raise
        raise ConfigurationError(
            f"{error.message}. Pickles carry no password: set {PASSWORD_VARIABLE}, or what the database's "
            "driver reads, such as PGPASSWORD or a passfile."
        ) from error


def _after_fork() -> None:
    global _lock
    _lock = threading.RLock()


def _at_exit() -> None:
    for store in _stores.values():  # nobody else can close them
        store.close()


at_end(WRITE, _at_exit)  # after the store's own step, which writes what is queued
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
