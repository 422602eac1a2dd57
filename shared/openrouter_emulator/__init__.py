"""A local OpenRouter for tests, demos and offline work: a real HTTP server with deterministic models.

    with Emulator() as emulator:
        client = OpenRouterClient(emulator.api_key, base_url=emulator.base_url)

See README.md beside this file for what it does not imitate. Names are imported on first use: pytest loads
this package in every run where the pytest plugin is installed, also without the extra `emulator`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openrouter_emulator import faults
    from openrouter_emulator.answers import ApiError, Ask, RecordedRequest
    from openrouter_emulator.books import Booking
    from openrouter_emulator.drafts import Cut, Draft, Pause
    from openrouter_emulator.faults import Fault
    from openrouter_emulator.replies import Raw, Reply, ToolCall
    from openrouter_emulator.server import Emulator
    from openrouter_emulator.state import Table

__all__ = [
    "ApiError",
    "Ask",
    "Booking",
    "Cut",
    "Draft",
    "Emulator",
    "Fault",
    "Pause",
    "Raw",
    "RecordedRequest",
    "Reply",
    "Table",
    "ToolCall",
    "faults",
]

_HOME = {
    "ApiError": "answers",
    "Ask": "answers",
    "Booking": "books",
    "Cut": "drafts",
    "Draft": "drafts",
    "Emulator": "server",
    "Fault": "faults",
    "Pause": "drafts",
    "Raw": "replies",
    "RecordedRequest": "answers",
    "Reply": "replies",
    "Table": "state",
    "ToolCall": "replies",
}
_OF_THE_EXTRA = {"starlette", "uvicorn", "python_multipart"}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        try:
            return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        except ModuleNotFoundError as error:
            if error.name not in _OF_THE_EXTRA:
                raise
            raise ModuleNotFoundError(
                f"The emulator needs {error.name}: pip install 'openrouter-adapters[emulator]'",
                name=error.name,
            ) from error
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
