"""`openrouter doctor`: key, network, proxy, TLS, clock and versions, each with what to do about it."""

from __future__ import annotations

import os
import platform
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version

import typer

from openrouter_core._version import __version__
from openrouter_core.cli.clients import client, kept_key
from openrouter_core.cli.output import Json, print_facts, print_json, usd
from openrouter_core.client import OpenRouterClient
from openrouter_core.config import base_url_of, from_environment
from openrouter_core.errors import OpenRouterError
from openrouter_core.extras import OTHER_DISTRIBUTION, other_distribution

_PACKAGES = (
    *("openrouter-adapters", "langchain-core", "langchain", "llama-index-core", "httpx2"),
    *("langchain-openrouter", "llama-index-llms-openrouter"),
)
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_CREDENTIALS = re.compile(r"(?<=//)[^/]*@|^[^/]*@")
"""What stands before the host of a proxy, with a scheme or without one."""
_MOST_DRIFT_S = 120.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    found: str
    advice: str = ""
    """What to do; empty when all is well."""


def doctor(*, as_json: Json = False) -> None:
    """Look at everything that can be wrong on this side, and say what to do."""
    found = list(checks())
    if as_json:
        print_json([{"name": c.name, "found": c.found, "advice": c.advice} for c in found])
    else:
        print_facts({check.name: check.found for check in found})
        for check in found:
            if check.advice:
                print(f"\n{check.name}: {check.advice}")
    if any(check.advice for check in found):
        raise typer.Exit(1)


def checks() -> Iterator[Check]:
    """Look at one thing after another."""
    yield Check("versions", _versions())
    yield from _clash()
    yield Check("python", f"{platform.python_version()} on {platform.platform(terse=True)}")
    yield Check("TLS", ssl.OPENSSL_VERSION)
    yield Check("proxy", _proxies() or "none")
    yield Check("base URL", base_url_of(None))
    yield _key()
    with client() as opened:
        yield from _network(opened)


def _versions() -> str:
    found = {name: _version(name) for name in _PACKAGES}
    found["openrouter-adapters"] = found["openrouter-adapters"] or __version__
    return ", ".join(f"{name} {number}" for name, number in found.items() if number)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _clash() -> Iterator[Check]:
    if sentence := other_distribution():
        yield Check("official package", f"{OTHER_DISTRIBUTION} is installed too", sentence)


def _proxies() -> str:
    names = [name for name in (*_PROXIES, *map(str.lower, _PROXIES)) if os.environ.get(name)]
    return ", ".join(f"{name}={_CREDENTIALS.sub('***@', os.environ[name])}" for name in names)


def _key() -> Check:
    if from_environment("api_key"):
        return Check("key", "from OPENROUTER_API_KEY")
    if kept_key():
        return Check("key", "from `openrouter login`; programs need OPENROUTER_API_KEY")
    return Check("key", "none", "Run `openrouter login`, or set OPENROUTER_API_KEY.")


def _network(opened: OpenRouterClient) -> Iterator[Check]:
    began = datetime.now(UTC)
    try:
        count = opened.models.count()
    except OpenRouterError as error:
        yield Check("network", "failed", str(error))
        return
    took_s = (datetime.now(UTC) - began).total_seconds()
    yield Check("network", f"{count.count:,} models, after {took_s:.2f} s")
    yield from _clock(count.http.headers.get("date"))
    try:
        current = opened.keys.current()
    except OpenRouterError as error:
        yield Check("account", "failed", str(error))
    else:
        left = "no limit" if current.limit is None else f"{usd(current.limit_remaining)} left"
        yield Check("account", f"{current.label or 'a key'}: {left}, {usd(current.usage)} used")


def _clock(date: str | None) -> Iterator[Check]:
    if date is None:
        return
    drift_s = (datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds()
    advice = (
        ""
        if abs(drift_s) < _MOST_DRIFT_S
        else "Set this machine's clock: certificates and logs need it."
    )
    yield Check("clock", f"{drift_s:+.0f} s against the server", advice)
