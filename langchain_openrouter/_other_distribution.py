"""Says so when the distribution `langchain-openrouter` is installed beside this one.

Both install an import package of this name, so one overwrites files of the other. Called once, by the
package's `__init__`; it must not import the framework.
"""

from __future__ import annotations

import warnings
from importlib.metadata import PackageNotFoundError, version

_OTHER = "langchain-openrouter"


def warn_of_other_distribution() -> None:
    """Warn when the other distribution is present, with the two commands that mend it."""
    try:
        found = version(_OTHER)
    except PackageNotFoundError:
        return
    warnings.warn(
        f"{_OTHER} {found} is installed too, and both it and openrouter-adapters own the package "
        "langchain_openrouter: their files overwrite each other. Keep one: "
        f"`pip uninstall {_OTHER}`, then, in a checkout of openrouter-adapters, "
        "`pip install --force-reinstall --no-deps .`.",
        RuntimeWarning,
        stacklevel=3,
    )
