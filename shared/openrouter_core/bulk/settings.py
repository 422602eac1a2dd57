"""What decides an answer beside the prompt: model, settings, prompts of a chain, code of a function.

A job keys its items by it, so that a changed setting is a new item. Settings that only say how a call
travels (timeouts, retries, headers) change nothing: a model object is known by the request that it makes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from types import CodeType, FunctionType, MethodType
from typing import Any

from pydantic import BaseModel

from openrouter_core.config import CLIENT_SETTINGS

_DEEPEST = 12
_PROBE = "x"
_TRANSPORT = (CLIENT_SETTINGS - {"base_url", "api_base", "openrouter_api_base"}) | {
    *("callbacks", "callback_manager", "metadata", "tags", "name", "verbose", "cache", "config"),
    *("rate_limiter", "timeout_s", "request_timeout", "profile", "num_workers", "embed_batch_size"),
    *("batch_size", "batch_bytes", "max_concurrency"),
}
"""Fields that do not change an answer."""


def settings_of(target: Any, version: str) -> str:
    """Return a digest of what decides the answers of a target.

    Args:
        version: The user's own word for it; it counts too.
    """
    described = repr((version, _described(target, 0)))
    return hashlib.sha256(described.encode()).hexdigest()


def _described(value: Any, depth: int) -> Any:
    """The value as something whose `repr` is the same in every process."""
    if value is None or isinstance(value, (str, int, float, bytes)):
        return value
    if depth > _DEEPEST:
        return type(value).__qualname__
    if isinstance(value, Mapping):
        return [(str(k), _described(v, depth + 1)) for k, v in value.items()]
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    if isinstance(value, Sequence):
        return [_described(one, depth + 1) for one in value]
    return _of_class(value) if isinstance(value, type) else _of_object(value, depth)


def _of_object(value: Any, depth: int) -> Any:
    name = type(value).__qualname__
    if hasattr(type(value), "build_request"):
        return name, value.core_client.config.base_url, _without_messages(value)
    if isinstance(value, MethodType):
        return _described(value.__self__, depth + 1), value.__name__
    if isinstance(value, FunctionType):
        return _of_function(value, depth)
    fields = _fields(value)
    return name, [(k, _described(v, depth + 1)) for k, v in fields if k not in _TRANSPORT]


def _fields(value: Any) -> list[tuple[str, Any]]:
    """The fields of an object that may be shown, by name."""
    if not isinstance(value, BaseModel):
        return sorted((k, v) for k, v in getattr(value, "__dict__", {}).items() if k[:1] != "_")
    shown = type(value).model_fields
    kept = ((k, v) for k, v in value.__dict__.items() if k in shown and not shown[k].exclude)
    return sorted(kept, key=lambda field: field[0])


def _without_messages(model: Any) -> Any:
    body = dict(model.build_request(_PROBE if hasattr(type(model), "to_message") else []))
    body.pop("messages", None)
    body.pop("session_id", None)
    return sorted((name, repr(value)) for name, value in body.items())


def _of_class(kind: type) -> Any:
    if issubclass(kind, BaseModel):
        return kind.__qualname__, repr(kind.model_json_schema())
    return f"{kind.__module__}.{kind.__qualname__}"


def _of_function(function: FunctionType, depth: int) -> Any:
    """Its code, and what it uses of its surroundings: texts, models, pydantic objects."""
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    names = function.__code__.co_names
    used = [function.__globals__[name] for name in names if name in function.__globals__]
    kept = [v for v in (*cells, *used) if isinstance(v, (str, BaseModel))]
    return _of_code(function.__code__), [_described(v, depth + 1) for v in kept]


def _of_code(code: CodeType) -> Any:
    consts = [_of_code(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return code.co_code.hex(), code.co_names, consts
