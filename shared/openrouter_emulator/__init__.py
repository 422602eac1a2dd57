"""A local OpenRouter for tests, demos and offline work: a real HTTP server with deterministic models.

    with Emulator() as emulator:
        client = OpenRouterClient(emulator.api_key, base_url=emulator.base_url)

See README.md beside this file for what it does not imitate. Names are imported on first use: pytest loads
this package in every run where the pytest plugin is installed, also without the extra `emulator`.
"""

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from openrouter_core.extras import needs

if TYPE_CHECKING:
    from openrouter_emulator import faults
    from openrouter_emulator.api_error import ApiError
    from openrouter_emulator.billing.charges import Charge
    from openrouter_emulator.faults import Fault
    from openrouter_emulator.inference.replies import Raw, Reply, ToolCall
    from openrouter_emulator.planned_response import Cut, Pause, PlannedResponse
    from openrouter_emulator.requests import HandlerRequest, RecordedRequest
    from openrouter_emulator.server import Emulator
    from openrouter_emulator.state.recording import Exchange, Recording
    from openrouter_emulator.state.table import Table

__all__ = [
    "ApiError",
    "Charge",
    "Cut",
    "Emulator",
    "Exchange",
    "Fault",
    "HandlerRequest",
    "Pause",
    "PlannedResponse",
    "Raw",
    "RecordedRequest",
    "Recording",
    "Reply",
    "Table",
    "ToolCall",
    "faults",
]

_HOME = {
    "ApiError": "api_error",
    "Charge": "billing.charges",
    "Cut": "planned_response",
    "Emulator": "server",
    "Exchange": "state.recording",
    "Fault": "faults",
    "HandlerRequest": "requests",
    "Pause": "planned_response",
    "PlannedResponse": "planned_response",
    "Raw": "inference.replies",
    "RecordedRequest": "requests",
    "Recording": "state.recording",
    "Reply": "inference.replies",
    "Table": "state.table",
    "ToolCall": "inference.replies",
}
_RENAMED = {"Ask": "HandlerRequest", "Booking": "Charge", "Draft": "PlannedResponse"}
"""Names of 0.1, kept for one minor version."""


def __getattr__(name: str) -> Any:
    if name in _RENAMED:
        message = f"openrouter_emulator.{name} is now called {_RENAMED[name]}."
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        name = _RENAMED[name]
    if name in _HOME:
        with needs("The emulator", "emulator"):
            return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
