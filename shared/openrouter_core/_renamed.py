"""Names that users may still have in their programs: each warns, and works for one minor version."""

from __future__ import annotations

import warnings


def warn_renamed(old: str, new: str, *, stacklevel: int = 3) -> None:
    """Say what a name is called now. `stacklevel` counts as `warnings.warn` does, from here."""
    warnings.warn(
        f"{old} is called {new} now; the old name goes with the next minor version.",
        DeprecationWarning,
        stacklevel=stacklevel,
    )
