"""What one call cost: `Cost`, the same for every endpoint.

Money is Decimal USD, and what nobody said is None, never 0. Read by the ledger, budgets, reports and
adapters; reads mappings only and does no I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any, Literal

from openrouter_core.costs.records.usage import NO_TOKENS, Tokens, read_generation, read_usage

Source = Literal["response", "generation", "estimate"]

_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call cost, in USD, and what it used."""

    charged: Decimal | None = None
    """What OpenRouter took from the account. With your own provider key (BYOK): its fee, often 0."""
    upstream: Decimal | None = None
    """The provider's price. You pay it yourself with BYOK; else it is already inside `charged`."""
    upstream_prompt: Decimal | None = None
    upstream_completion: Decimal | None = None
    cache_discount: Decimal | None = None
    """Saved by prompt caching; negative when writing the cache cost extra."""
    is_byok: bool | None = None
    tokens: Tokens = NO_TOKENS
    server_tool_use: Mapping[str, int] = field(default_factory=dict[str, int])
    """Counts of server-side work, e.g. {"web_search_requests": 2}."""
    seconds: Decimal | None = None
    """Seconds of audio, for transcriptions billed by time."""
    search_units: int | None = None
    """For rerank models billed by search."""
    model: str | None = None
    provider: str | None = None
    generation_id: str | None = None
    source: Source = "response"
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)
    """The usage object or the generation record, verbatim."""

    @property
    def total(self) -> Decimal | None:
        """What the call cost you: `charged`, plus `upstream` if, and only if, `is_byok` is True."""
        if not self.is_byok:
            return self.charged
        if self.charged is None or self.upstream is None:
            return None
        return self.charged + self.upstream

    @property
    def counted_usd(self) -> Decimal | None:
        """What the call counts with in a budget: `total`; with BYOK and no provider's bill, the fee.

        None where no price is known; a negative figure is not a price.
        """
        usd = self.charged if self.total is None else self.total
        return None if usd is None or usd < 0 else usd

    @property
    def is_priced(self) -> bool:
        """Whether `total` is known."""
        return self.total is not None

    @property
    def is_estimate(self) -> bool:
        """True if the figures were computed from list prices and nobody has confirmed them."""
        return self.source == "estimate"

    @staticmethod
    def of_usage(
        usage: Mapping[str, Any] | None,
        *,
        model: str | None = None,
        provider: str | None = None,
        generation_id: str | None = None,
    ) -> Cost:
        """Read the `usage` of any endpoint's answer.

        Chat, completions, responses, messages, embeddings, rerank, images, videos, speech,
        transcriptions and batches are all read by their field names, so no endpoint is named here.

        Args:
            usage: The object as the answer holds it; None when none arrived.
        """
        raw = {k: {**v} if type(v) is dict else v for k, v in (usage or _NOTHING).items()}
        return Cost(
            **read_usage(raw), model=model, provider=provider, generation_id=generation_id, raw=raw
        )

    @classmethod
    def of_generation(cls, record: Mapping[str, Any]) -> Cost:
        """Read a record of `GET /generation`, with or without its `data` envelope.

        Source: getGeneration
        """
        inner = record.get("data")
        inner = inner if isinstance(inner, Mapping) else record
        return cls(**read_generation(inner), source="generation", raw=inner)

    def filled_from(self, other: Cost) -> Cost:
        """Return this cost with what it does not say taken from `other`."""
        tokens = replace(self.tokens, **_missing(self.tokens, other.tokens))
        return replace(self, **{**_missing(self, other), "tokens": tokens})

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; money becomes strings. `Cost.from_dict` reads them back."""
        plain = {name: getattr(self, name) for name in _NAMES}
        plain["tokens"] = {f: v for f in _TOKEN_NAMES if (v := getattr(self.tokens, f)) is not None}
        return {k: _plain(v) for k, v in plain.items() if v is not None and v != {}}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Cost:
        """Read what `to_dict` wrote. Names that this version does not know are left out."""
        known = {name: value for name, value in plain.items() if name in _NAMES}
        for name in _MONEY & known.keys():
            known[name] = Decimal(known[name])
        known["tokens"] = Tokens(
            **{k: v for k, v in known.get("tokens", {}).items() if k in _TOKEN_NAMES}
        )
        return cls(**known)


def _missing(mine: Any, other: Any) -> dict[str, Any]:
    """The fields that `mine` leaves empty and `other` does not."""
    return {
        f.name: getattr(other, f.name)
        for f in fields(mine)
        if f.name not in ("source", "raw", "tokens")
        and getattr(mine, f.name) in (None, {})
        and getattr(other, f.name) not in (None, {})
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return dict(value) if isinstance(value, Mapping) else value


_NAMES = tuple(f.name for f in fields(Cost))
_TOKEN_NAMES = tuple(f.name for f in fields(Tokens))
_MONEY = {
    "charged",
    "upstream",
    "upstream_prompt",
    "upstream_completion",
    "cache_discount",
    "seconds",
}
