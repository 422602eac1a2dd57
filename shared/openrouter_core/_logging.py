"""The log of requests; warnings that are said once per process; warnings of names that have changed.

Neither keys nor prompts nor query parameters stand in a line.
"""

from __future__ import annotations

import logging
import os
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

_log = logging.getLogger("openrouter")
requests = logging.getLogger("openrouter.requests")
"""One line at INFO for each answer, one at DEBUG for each request."""
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO}


def set_up() -> None:
    """Do what OPENROUTER_LOG says: "info" or "debug" shows what is logged here, on stderr."""
    wish = os.environ.get("OPENROUTER_LOG", "").strip().lower()
    if not wish:
        return
    if wish not in _LEVELS:
        _log.warning('OPENROUTER_LOG is "info" or "debug", not %r.', wish)
        return
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    _log.setLevel(_LEVELS[wish])


def log_request(request: httpx2.Request) -> None:
    """Log at DEBUG what is sent: never its body or headers."""
    size = request.headers.get("content-length", "0")
    requests.debug("HTTP request: %s %s, %s bytes", request.method, _place(request), size)


def log_answer(request: httpx2.Request, response: httpx2.Response) -> None:
    """Log at INFO what came back."""
    line = '%s %s "%s %d %s" %s'
    made = response.headers.get("x-generation-id", "")
    version, status = response.http_version, response.status_code
    requests.info(
        f"HTTP request: {line}",
        *(request.method, _place(request), version, status, response.reason_phrase, made),
    )


def _place(request: httpx2.Request) -> str:
    """The URL without its query, which may hold credentials."""
    return str(request.url.copy_with(query=None))


@lru_cache(maxsize=512)
def warn_once(message: str) -> None:
    """Log a warning, unless the same one was logged before."""
    _log.warning("%s", message)


def warn_renamed(old: str, new: str, *, stacklevel: int = 3) -> None:
    """Say what a name is called now; the old one works for one minor version more.

    Args:
        stacklevel: Counts as that of `warnings.warn`, from here.
    """
    warnings.warn(
        f"{old} is called {new} now; the old name goes with the next minor version.",
        DeprecationWarning,
        stacklevel=stacklevel,
    )
