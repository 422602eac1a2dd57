"""What every endpoint that generates shares: ids, credit checks, prices, and booking the end of a call.

Called by the chat, embeddings and rerank handlers (and by whoever adds another inference endpoint).
"""

from __future__ import annotations

import random
import string
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openrouter_emulator import books, limits, records
from openrouter_emulator.answers import ApiError, Ask
from openrouter_emulator.books import Bill, Booking, Usage
from openrouter_emulator.drafts import Closing, JsonObject
from openrouter_emulator.routing import Chosen
from openrouter_emulator.state import Generation, KeyRecord, State

_ALPHABET = string.ascii_letters + string.digits
_WINDOW_S = 60.0
_BATCH_FACTOR = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Finished:
    """A call whose answer is ready to be sent."""

    id: str
    api_type: str
    chosen: Chosen
    model: str
    provider: str
    usage: Usage
    finish: tuple[str | None, str | None] = (None, None)
    answer: str | None = None
    reasoning: str | None = None
    started: float = 0.0


def new_id(prefix: str, ask: Ask) -> str:
    """A generation id: `gen-<seconds>-<20 characters>`; "gen-emb" for embeddings, "gen-batch" in batches."""
    prefix = "gen-batch" if ask.in_batch else prefix
    tail = "".join(random.choices(_ALPHABET, k=20))  # noqa: S311  # an id, not a secret
    return f"{prefix}-{int(time.time())}-{tail}"


def bill(usage: Usage, chosen: Chosen, ask: Ask) -> Bill:
    """Price a call under the emulator's settings; tokens cost half in a batch."""
    settings = ask.state.settings
    prices: Mapping[str, Any] = chosen.prices
    if ask.in_batch:
        prices = {name: Decimal(value) * _BATCH_FACTOR for name, value in prices.items()}
    return books.price(usage, prices, byok=settings.byok, fee=settings.byok_fee)


def closing(ask: Ask, finished: Finished) -> Closing:
    """The object that books the call when its end is known."""

    def book(share: float, failed: bool) -> None:  # noqa: FBT001  # the signature of Closing.book
        if not _streams(ask):
            share = 1.0
        usage = _used(finished, share, failed=failed)
        cost = bill(usage, finished.chosen, ask)
        if failed:
            cost = Bill(Decimal(0), Decimal(0), Decimal(0), cost.is_byok, Decimal(0))
        cancelled = share < 1 and not failed
        booking = _booking(ask, finished, usage, cost, cancelled=cancelled, failed=failed)
        ask.state.book(booking, _generation(ask, finished, usage, cost, booking), ask.caller)

    return Closing(book)


def _used(finished: Finished, share: float, *, failed: bool) -> Usage:
    """What a call used that was cut off: all of it where the provider goes on regardless."""
    if failed or share >= 1 or not records.stops_billing(finished.provider):
        return finished.usage
    usage = finished.usage
    return replace(
        usage, completion=int(usage.completion * share), image_out=int(usage.image_out * share)
    )


def _booking(
    ask: Ask, finished: Finished, usage: Usage, cost: Bill, *, cancelled: bool, failed: bool
) -> Booking:
    return Booking(
        generation_id=finished.id,
        model=finished.model,
        provider=finished.provider,
        cost=cost.cost,
        upstream_cost=cost.total,
        is_byok=cost.is_byok,
        prompt_tokens=usage.prompt,
        completion_tokens=usage.completion,
        streamed=_streams(ask),
        cancelled=cancelled,
        failed=failed,
        key_hash=ask.caller.hash,
    )


def _generation(
    ask: Ask, finished: Finished, usage: Usage, cost: Bill, booking: Booking
) -> Generation:
    sent: Any = ask.request.json
    body: JsonObject = sent if isinstance(sent, dict) else {}
    call = records.Call(
        id=finished.id,
        api_type=finished.api_type,
        chosen=finished.chosen,
        model=finished.model,
        provider=finished.provider,
        streamed=booking.streamed,
        finish=finished.finish,
        headers=ask.request.headers,
        body=body,
        created_at=datetime.now(UTC),
        elapsed_ms=max(1, round((time.monotonic() - finished.started) * 1000)),
        workspace_id=ask.caller.workspace_id,
    )
    record = records.record(
        call,
        usage,
        cost,
        cost_factor=ask.state.settings.generation_cost_factor,
        cancelled=booking.cancelled,
        failed=booking.failed,
    )
    content = records.content(body, finished.answer, finished.reasoning)
    return Generation(finished.id, record, content, ready_at=0.0)


def _streams(ask: Ask) -> bool:
    return isinstance(ask.request.json, dict) and bool(ask.request.json.get("stream"))


def once(ask: Ask, chosen: Chosen, usage: Usage, *, prefix: str, api_type: str) -> Finished:
    """A call that is over as soon as it is made, as everything but chat is here.

    Args:
        prefix: Of the generation id, e.g. "gen-img".
    """
    return Finished(
        id=new_id(prefix, ask),
        api_type=api_type,
        chosen=chosen,
        model=chosen.model.slug,
        provider=chosen.endpoint.provider,
        usage=usage,
        started=time.monotonic(),
    )


# ---------------------------------------------------------------- credit and limits


def admit(ask: Ask, chosen: Chosen, body: Mapping[str, Any]) -> None:
    """Refuse a call that credit, limits, budgets, guardrails or the free tier do not cover."""
    key = ask.caller
    if key.limit_remaining == 0:
        raise ApiError(
            403,
            "Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys",
        )
    limits.check(ask.state, key, chosen.model)
    if chosen.model.id.endswith(":free"):
        _check_free_tier(ask.state)
    _check_credit(key, chosen, body, ask.state)


def _check_credit(key: KeyRecord, chosen: Chosen, body: Mapping[str, Any], state: State) -> None:
    """The balance must cover the longest answer that the call allows."""
    rate = Decimal(chosen.prices["completion"])
    balance = state.balance
    if key.limit_remaining is not None:
        balance = min(balance, key.limit_remaining)
    asked = body.get("max_completion_tokens") or body.get("max_tokens")
    wanted = int(asked or chosen.model.max_output or 0)
    affordable = int(balance / rate) if rate > 0 else wanted
    if balance < 0 or affordable < wanted:
        raise out_of_credit(wanted, max(0, affordable))


def out_of_credit(requested: int, affordable: int) -> ApiError:
    """The 402 of a balance that is too small."""
    message = (
        "This request requires more credits, or fewer max_tokens. You requested up to "
        f"{requested} tokens, but can only afford {affordable}. To increase, visit "
        "https://openrouter.ai/settings/credits and add more credits"
    )
    metadata = {"limit_source": "openrouter_credits", "provider_name": None}
    return ApiError(402, message, metadata=metadata)


def _check_free_tier(state: State) -> None:
    """So many requests a minute on `:free` models, with the reset in milliseconds."""
    limit = state.settings.free_per_minute
    if limit is None:
        return
    now = time.time()
    with state.lock:
        while state.free_calls and state.free_calls[0] <= now - _WINDOW_S:
            state.free_calls.popleft()
        if len(state.free_calls) < limit:
            state.free_calls.append(now)
            return
        reset_ms = str(int((state.free_calls[0] + _WINDOW_S if limit else now) * 1000))
    quoted = {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": reset_ms,
    }
    raise ApiError(
        429,
        "Rate limit exceeded: free-models-per-min. ",
        metadata={"headers": quoted, "provider_name": None},
        headers=quoted,
    )


# ---------------------------------------------------------------- router metadata


def router_metadata(ask: Ask, chosen: Chosen) -> JsonObject:
    """`openrouter_metadata`, when the request asks for it."""
    headers = ask.request.headers
    asked = headers.get("x-openrouter-metadata") or headers.get(
        "x-openrouter-experimental-metadata", ""
    )
    if asked.lower() != "enabled":
        return {}
    model = chosen.model
    offered = [
        {"provider": e.provider, "model": model.slug, "selected": e is chosen.endpoint}
        for e in model.endpoints
    ]
    attempts = [*chosen.attempts, (chosen.endpoint, 200)]
    return {
        "openrouter_metadata": {
            "requested": ask.body.get("model"),
            "strategy": "auto" if chosen.router else "direct",
            "region": None,
            "summary": f"{model.slug} by {chosen.endpoint.provider}",
            "attempt": len(attempts),
            "is_byok": ask.state.settings.byok,
            "endpoints": {"total": len(offered), "available": offered},
            "attempts": [
                {"provider": e.provider, "model": model.slug, "status": s} for e, s in attempts
            ],
        }
    }
