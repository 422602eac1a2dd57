"""The one reader of usage objects and generation records. Called by `Cost`; pure.

The endpoints name the same things differently; the tables below list the names in order of trust.
A value of an unexpected type counts as not said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any, Final

from openrouter_core._json import as_mapping
from openrouter_core.errors import ConfigurationError
from openrouter_core.observers.storable import storable

Names = tuple[str, ...]

_PROMPT: Final[Names] = ("prompt_tokens", "input_tokens")
_COMPLETION: Final[Names] = ("completion_tokens", "output_tokens")
_PROMPT_DETAILS: Final[Names] = ("prompt_tokens_details", "input_tokens_details")
_COMPLETION_DETAILS: Final[Names] = ("completion_tokens_details", "output_tokens_details")
_REASONING: Final[Names] = ("reasoning_tokens", "thinking_tokens")
_UPSTREAM_PROMPT: Final[Names] = ("upstream_inference_prompt_cost", "upstream_inference_input_cost")
_UPSTREAM_COMPLETION: Final[Names] = (
    "upstream_inference_completions_cost",
    "upstream_inference_output_cost",
)
_SERVER_TOOLS: Final[Names] = ("server_tool_use_details", "server_tool_use")
# /messages puts cache counts beside the token counts, the other endpoints inside the details.
_MESSAGES_CACHED: Final = "cache_read_input_tokens"
_MESSAGES_WRITTEN: Final = "cache_creation_input_tokens"
_EMPTY: Final[Mapping[str, Any]] = {}
_LARGEST_COUNT: Final = 10**15
"""A larger number of tokens is a mistake of whoever sent it: the sum of a few would not fit a database's integer."""
_LONGEST_AMOUNT = 60
_LARGEST_POWER, _SMALLEST_POWER = 15, -40
"""Powers of ten of USD. "1e999999" is a number too, but no price, and a gigabyte of digits."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token counts of one call. The plain names count in the provider's tokenizer: what is billed."""

    prompt: int | None = None
    completion: int | None = None
    """Reasoning included."""
    total: int | None = None
    cached: int | None = None
    """Prompt tokens read from the provider's cache."""
    cache_write: int | None = None
    reasoning: int | None = None
    normalized_prompt: int | None = None
    """In OpenRouter's own tokenizer; only generation records say it."""
    normalized_completion: int | None = None


NO_TOKENS = Tokens()


def usd(value: object) -> Decimal | None:
    """Read an amount: a JSON number or a decimal string. None for anything else.

    A JSON number arrives as a float; its shortest decimal form is taken, which is the number as
    written unless that carried binary dust (0.0018599999999999999 is read as 0.00186).
    """
    if value is None:
        return None
    if type(value) is float and isfinite(value):
        amount = Decimal(repr(value))
        return amount if _SMALLEST_POWER <= amount.adjusted() <= _LARGEST_POWER else None
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    if isinstance(value, str) and len(value) > _LONGEST_AMOUNT:
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    is_amount = amount.is_finite() and _SMALLEST_POWER <= amount.adjusted() <= _LARGEST_POWER
    return amount if is_amount else None


def amount_of(value: Decimal | str | float, name: str) -> Decimal:
    """Read an amount that a user gave.

    Raises:
        ConfigurationError: It is not an amount; `name` is what the sentence calls it.
    """
    amount = usd(value)
    if amount is None or amount < 0:
        raise ConfigurationError(f'{name} must be an amount in USD, e.g. 2 or "0.50".')
    return amount


def read_usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `Cost` that a usage object holds."""
    details = _object(usage, ("cost_details",))
    return {
        "charged": usd(usage.get("cost")),
        "upstream": usd(details.get("upstream_inference_cost")),
        "upstream_prompt": _first_usd(details, _UPSTREAM_PROMPT),
        "upstream_completion": _first_usd(details, _UPSTREAM_COMPLETION),
        "cache_discount": usd(usage.get("cache_discount")),
        "is_byok": _flag(usage.get("is_byok")),
        "tokens": _tokens(usage),
        "server_tool_use": _counts(_object(usage, _SERVER_TOOLS)),
        "seconds": usd(usage.get("seconds")),
        "search_units": count(usage.get("search_units")),
    }


def read_generation(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `Cost` that a generation record holds."""
    is_byok = _flag(record.get("is_byok"))
    upstream = usd(record.get("upstream_inference_cost"))
    searches = {
        "web_search_results": count(record.get("num_search_results")),
        "web_fetch_requests": count(record.get("num_fetches")),
    }
    return {
        "charged": _first_usd(record, ("total_cost", "usage")),
        # Without BYOK the record says 0 or null here, which is not the provider's price.
        "upstream": upstream if is_byok or upstream else None,
        "cache_discount": usd(record.get("cache_discount")),
        "is_byok": is_byok,
        "tokens": _generation_tokens(record),
        "server_tool_use": {name: n for name, n in searches.items() if n},
        "model": _text(record.get("model")),
        "provider": _text(record.get("provider_name")),
        "generation_id": _text(record.get("id")),
    }


def count(value: object) -> int | None:
    """Read a count; None unless it is a whole number."""
    if type(value) is not int:
        if not (isinstance(value, float) and value.is_integer()):
            return None
        value = int(value)
    return value if -_LARGEST_COUNT <= value <= _LARGEST_COUNT else None


def _tokens(usage: Mapping[str, Any]) -> Tokens:
    prompt, completion = _first_count(usage, _PROMPT), _first_count(usage, _COMPLETION)
    reads, spent = _object(usage, _PROMPT_DETAILS), _object(usage, _COMPLETION_DETAILS)
    cached, written = count(usage.get(_MESSAGES_CACHED)), count(usage.get(_MESSAGES_WRITTEN))
    total = None if cached or written else _total(usage, prompt, completion)
    cached = _first_count(reads, ("cached_tokens",), cached)
    written = _first_count(reads, ("cache_write_tokens",), written)
    return Tokens(prompt, completion, total, cached, written, _first_count(spent, _REASONING))


def _total(usage: Mapping[str, Any], prompt: int | None, completion: int | None) -> int | None:
    total = count(usage.get("total_tokens"))
    if total is not None or prompt is None or completion is None:
        return total
    return prompt + completion


def _generation_tokens(record: Mapping[str, Any]) -> Tokens:
    prompt = count(record.get("native_tokens_prompt"))
    completion = count(record.get("native_tokens_completion"))
    return Tokens(
        prompt,
        completion,
        None if prompt is None or completion is None else prompt + completion,
        count(record.get("native_tokens_cached")),
        None,
        count(record.get("native_tokens_reasoning")),
        count(record.get("tokens_prompt")),
        count(record.get("tokens_completion")),
    )


def _object(holder: Mapping[str, Any], names: Names) -> Mapping[str, Any]:
    """The first of `names` that holds an object; it may be absent or null."""
    for name in names:
        if (mapping := as_mapping(holder.get(name))) is not None:
            return mapping
    return _EMPTY


def _first_usd(holder: Mapping[str, Any], names: Names) -> Decimal | None:
    for name in names:
        if (amount := usd(holder.get(name))) is not None:
            return amount
    return None


def _first_count(
    holder: Mapping[str, Any], names: Names, otherwise: int | None = None
) -> int | None:
    for name in names:
        if (number := count(holder.get(name))) is not None:
            return number
    return otherwise


def _counts(holder: Mapping[str, Any]) -> dict[str, int]:
    return {str(name): n for name, value in holder.items() if (n := count(value)) is not None}


def _flag(value: object) -> bool | None:
    return value if value is True or value is False else None


def _text(value: object) -> str | None:
    return storable(value) if isinstance(value, str) and value else None
