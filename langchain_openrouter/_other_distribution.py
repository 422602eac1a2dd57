"""Says so when the distribution `langchain-openrouter` is installed beside this one, or was.

Both install an import package of this name, so one overwrites files of the other, and removes them when it is
uninstalled. Looked for when the package is imported, when one of its names is missing, and by modules that only
this distribution has: they find the other's `__init__`, or none. It must not import the framework.
"""

from __future__ import annotations

import sys
import warnings
from importlib.metadata import PackageNotFoundError, version

_OTHER = "langchain-openrouter"
_PACKAGE = "langchain_openrouter"
_MEND = (
    "in a checkout of openrouter-adapters, `pip install --force-reinstall --no-deps .` puts its "
    "files back."
)


def warn_of_other_distribution() -> None:
    """Warn when the other distribution is present, with the two commands that mend it."""
    try:
        found = version(_OTHER)
    except PackageNotFoundError:
        return
    _warn(
        f"{_OTHER} {found} is installed too, and both it and openrouter-adapters own the package "
        f"{_PACKAGE}: their files overwrite each other. Keep one: `pip uninstall {_OTHER}`, then, {_MEND}"
    )


def warn_of_foreign_init() -> None:
    """Warn when the package's `__init__` is not ours: the other was installed later, or taken away."""
    if hasattr(sys.modules[_PACKAGE], "_HOMES"):
        return
    try:
        version(_OTHER)
    except PackageNotFoundError:
        _warn(
            f"Files of openrouter-adapters are missing from {_PACKAGE}, most likely since {_OTHER} "
            f"was uninstalled: {_MEND}"
        )
    else:
        warn_of_other_distribution()


def _warn(message: str) -> None:
    warnings.warn(message, RuntimeWarning, stacklevel=4)
