"""The account's credit. Reached as `client.credits`; needs a management key."""

from __future__ import annotations

from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.errors import ConfigurationError
from openrouter_core.resources._calls import get_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._base import JsonValue
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.credits import Credits as Balance


class Credits(Resource[Mode]):
    """Credit bought and used."""

    @http.get("/credits", "getCredits", key="management")
    def get(self, **options: Unpack[CallOptions]) -> Call[Balance]:
        """Fetch the credit bought and used so far, in USD.

        Raises:
            PermissionDeniedError: The key is not a management key.

        Source: getCredits
        """
        return get_call(Balance, options, envelope="data")

    @http.post("/credits/coinbase", "createCoinbaseCharge", key="none", creates=True)
    def create_coinbase_charge(self) -> Call[dict[str, JsonValue]]:
        """Refuse at once: OpenRouter has withdrawn this call and answers 410 to everyone.

        Raises:
            ConfigurationError: Always. Nothing is sent.

        Source: createCoinbaseCharge
        """
        raise ConfigurationError(
            "OpenRouter has withdrawn Coinbase charges (POST /credits/coinbase answers 410). "
            "Buy credit on https://openrouter.ai/settings/credits, where crypto is one of the "
            "ways to pay; client.credits.get() shows the balance.",
            status_code=410,
        )
