"""The second request of a call whose reasoning items the provider has lost. Pure; the core decides."""

from __future__ import annotations

from langchain_openrouter._request import Request
from openrouter_core import BadRequestError
from openrouter_core.lost_items import without_lost_items


def repeated(request: Request, error: BadRequestError) -> Request:
    """Return the request to send instead of the refused one.

    Raises:
        BadRequestError: The error itself, when it is about something else.
    """
    messages = without_lost_items(request.body["messages"], error)
    return Request({**request.body, "messages": messages}, request.options)
