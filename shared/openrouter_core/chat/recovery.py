"""What to send when a provider has lost the reasoning items of earlier turns. Pure but for one log line.

OpenAI's models answer a replayed item that was not stored with 400 "Item with id 'rs_...' not found".
The call is then worth one more request without such items; the model thinks anew. Both adapters ask here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from openrouter_core.errors import BadRequestError

_log = logging.getLogger("openrouter")
_LOST = re.compile(r"item with id \W*rs_\w+\W* not found", re.IGNORECASE)


def without_lost_items(
    messages: Sequence[Mapping[str, Any]], error: BadRequestError
) -> list[dict[str, Any]]:
    """Return the messages without the reasoning items that the provider keeps, and log a warning.

    All such items go, not only the one that the error names: the second request is the last.

    Args:
        messages: The messages of the refused request, as they were sent. They are not changed.
        error: How the request was refused.

    Raises:
        BadRequestError: The error itself, when it is about something else or nothing can be left out.
    """
    kept = [_without_items(message) for message in messages]
    if not _LOST.search(f"{error.message} {error.raw}") or kept == list(messages):
        raise error
    _log.warning(
        "The provider has lost reasoning items of earlier turns, so the call is repeated without "
        'them. Set reasoning_replay="none" for models that never find them.'
    )
    return kept


def _without_items(message: Mapping[str, Any]) -> dict[str, Any]:
    details = message.get("reasoning_details")
    if not details:
        return dict(message)
    kept = [entry for entry in details if not str(entry.get("id")).startswith("rs_")]
    if kept:
        return {**message, "reasoning_details": kept}
    return {key: value for key, value in message.items() if key != "reasoning_details"}
