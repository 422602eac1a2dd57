"""Arguments of a call that would go out where nobody wants them. Asked by the descriptors; pure.

What no option names becomes a body field or a query parameter. A setting of the client there would put a key
into a URL; a `stream` would buy an answer that cannot be read.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_type_hints

from openrouter_core.config import CLIENT_SETTINGS
from openrouter_core.errors import ConfigurationError

_MISPLACED = CLIENT_SETTINGS | {"timeout", "stream"}
SUSPECTS = _MISPLACED
"""Names that are worth a look; a call without them is not looked at further."""


def refuse_misplaced(
    describe: Callable[..., Any], given: Mapping[str, Any], group: str, method: str
) -> None:
    """Refuse what belongs to the client, or decides for the other method.

    An endpoint that declares a field of such a name, as `base_url` of a private endpoint, gets it.

    Raises:
        ConfigurationError: The call names one. The message quotes no value.
    """
    name = f"{group}.{method}"
    extra: Mapping[str, Any] = given.get("extra_body") or {}
    suspects = [n for n in given if n in _MISPLACED] + [n for n in extra if n == "stream"]
    for suspect in suspects:
        if suspect in _declared(describe):
            continue
        if suspect == "stream":
            raise ConfigurationError(
                f"'stream' is not an option of a call, so nothing was sent. Use {group}.stream(...) to "
                f"stream, and {group}'s other methods not to."
            )
        if suspect == "timeout":
            raise ConfigurationError(
                f"{name} takes timeout_s, in seconds, not timeout. Nothing was sent."
            )
        raise ConfigurationError(
            f"{suspect} is a setting of the client, not of {name}, so nothing was sent. "
            f"Use client.with_options({suspect}=...); a call takes timeout_s, extra_headers, "
            "extra_query and extra_body."
        )


def _declared(describe: Callable[..., Any]) -> set[str]:
    """The names that a declaration has: its own arguments, and its options."""
    names = set(inspect.signature(describe).parameters)
    for parameter in inspect.signature(describe).parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            hint = get_type_hints(describe, include_extras=True)[parameter.name]
            names |= get_type_hints(get_args(hint)[0]).keys()
    return names
