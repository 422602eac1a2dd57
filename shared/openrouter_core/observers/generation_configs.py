"""Remembers which settings made a generation, so that a framework's callback can look it up later.

A callback sees the generation id in an answer's metadata, but not the client. The memory is bounded,
lives in this process only, and keeps no config alive: a key ends with the client that has it.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from weakref import ref

from openrouter_core.config import ClientConfig

_REMEMBERED = 20_000
_configs: OrderedDict[str, ref[ClientConfig]] = OrderedDict()


def remember_origin(generation_id: object, config: ClientConfig) -> None:
    """Note that `config` made this generation. The oldest notes go when there are too many."""
    if not (isinstance(generation_id, str) and generation_id.startswith("gen-")):
        return
    _configs[generation_id] = ref(config)
    while len(_configs) > _REMEMBERED:
        with suppress(KeyError):  # another thread took the last one
            _configs.popitem(last=False)


def name_generation(error: BaseException, generation_id: object) -> None:
    """Let what ends a call name its generation, as our errors do: a cancellation knows of none.

    The cost handlers of frameworks learn of the end by the exception alone.
    """
    if isinstance(generation_id, str) and getattr(error, "generation_id", None) is None:
        error.generation_id = generation_id  # type: ignore[attr-defined]  # of all exceptions


def origin_of(generation_id: str) -> ClientConfig | None:
    """Return the settings that made a generation in this process; None if they are gone."""
    noted = _configs.get(generation_id)
    return None if noted is None else noted()
