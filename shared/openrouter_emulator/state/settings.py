"""The settings of an emulator. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass
class Settings:
    """What a test can set at any time; each is read when a request comes."""

    generation_delay_s: float = 0.0
    """Seconds until a generation's record can be looked up; 404 before."""
    generation_cost_factor: Decimal = Decimal(1)
    """`total_cost` of the record = `usage.cost` of the reply times this."""
    latency_s: float = 0.0
    """Seconds before any answer begins."""
    first_event_delay_s: float = 0.0
    """Seconds of comments between the headers of a stream and its first event."""
    tokens_per_s: float = 0.0
    """How fast models write, streamed or not; 0 for at once. Four characters are a token."""
    chunk_gap_s: float = 0.0
    """Seconds between two events of a stream. Above 0, a client that leaves is noticed at once."""
    usage_form: int = 3
    """Where a stream reports usage: 1 an extra chunk with a choice, 2 `choices: []`, 3 the finish chunk again."""
    done_after_messages: bool = False
    """End /messages streams with `[DONE]` too: recorded, not documented, and Anthropic's SDK fails on it."""
    comments: int = 2
    """Keep-alive comments before the first event of a stream."""
    comment_every: int = 0
    """A keep-alive comment after every so many events; 0 for none."""
    byok: bool = False
    """Whether calls run on the caller's own provider key."""
    byok_fee: Decimal = Decimal(0)
    """OpenRouter's share of a BYOK call, as a fraction of the list price."""
    down_models: set[str] = field(default_factory=set[str])
    """Models whose providers all answer 503."""
    down_providers: set[str] = field(default_factory=set[str])
    """Providers (display names or slugs) that answer 503, so that the next one serves."""
    denied_models: set[str] = field(default_factory=set[str])
    """Models without any endpoint for this account: 404."""
    forget_reasoning_items: bool = False
    """Refuse replayed OpenAI reasoning items (`rs_…`) as expired, with the 400 that OpenAI sends."""
    dialects: bool = True
    """Refuse what the provider behind a model refuses, in its words: see `dialects`."""
    check_reasoning: bool = True
    """Refuse tool-call messages of signing models that come back without their reasoning details."""
    free_per_minute: int | None = None
    """Requests a minute on `:free` models before the 429 with its reset header; None for no limit."""
    polls_until_done: int = 2
    """How often a job (video, batch) is looked at until it has ended."""
    jobs_end: str = "completed"
    """How jobs end: "completed", "failed", "cancelled" or "expired"."""
    webhook_secret: str | None = None
    """Signs the webhooks of jobs; None leaves the signature out."""
    requests_kept: int = 10_000
    """How many requests `requests` holds, the latest; of bodies it holds about 256 MB at most."""
    calls_kept: int = 10_000
    """How many finished calls `charges`, generations, activity and analytics know, the latest; of their content
    they hold about 256 MB at most. Credit, keys and `total_charged` count all."""
    log_content: bool = True
    """Whether `GET /generation/content` has prompt and answer; else 403."""
