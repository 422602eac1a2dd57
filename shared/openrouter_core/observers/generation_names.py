"""Lets what ends a call say which generation it ended: a framework's callback sees nothing else of the end."""

from __future__ import annotations


def name_generation(error: BaseException, generation_id: object) -> None:
    """Let what ends a call name its generation, as our errors do: a cancellation knows of none.

    The cost handlers of frameworks learn of the end by the exception alone.
    """
    if isinstance(generation_id, str) and getattr(error, "generation_id", None) is None:
        error.generation_id = generation_id  # type: ignore[attr-defined]  # of all exceptions
