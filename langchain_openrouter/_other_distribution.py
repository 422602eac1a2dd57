"""Says so when the distribution `langchain-openrouter` is installed beside this one, or was.

Both install an import package of this name, so one overwrites files of the other, and removes them when it is
uninstalled. Looked for when the package is imported, when one of its names is missing, and by modules that only
this distribution has: they find the other's `__init__`, or none. It must not import the framework.
"""

from __future__ import annotations

import sys
import warnings

from openrouter_core.extras import OTHER_DISTRIBUTION, REINSTALL, other_distribution

_PACKAGE = "langchain_openrouter"


def warn_of_other_distribution() -> None:
    """Warn when the other distribution is present, with the two commands that mend it."""
    if sentence := other_distribution():
        _warn(sentence)


def warn_of_foreign_init() -> None:
    """Warn when the package's `__init__` is not ours: the other was installed later, or taken away."""
    if hasattr(sys.modules[_PACKAGE], "_HOMES"):
        return
    _warn(
        other_distribution()
        or f"Files of openrouter-adapters are missing from {_PACKAGE}, most likely since {OTHER_DISTRIBUTION} "
        f"was uninstalled: {REINSTALL}"
    )


def _warn(message: str) -> None:
    warnings.warn(message, RuntimeWarning, stacklevel=4)
