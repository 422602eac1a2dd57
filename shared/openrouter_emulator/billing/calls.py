"""What every endpoint that generates shares: ids, prices, and the charge at the end of a call."""

from __future__ import annotations

import random
import string
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openrouter_emulator.billing import charges, generation_records
from openrouter_emulator.billing.charges import Bill, Charge, Usage
from openrouter_emulator.catalogue.routing import Chosen
from openrouter_emulator.planned_response import Closing, JsonObject
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state.records import Generation

_ALPHABET = string.ascii_letters + string.digits
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


def new_id(prefix: str, request: HandlerRequest) -> str:
    """A generation id: `gen-<seconds>-<20 characters>`; "gen-emb" for embeddings, "gen-batch" in batches."""
    prefix = "gen-batch" if request.in_batch else prefix
    tail = "".join(random.choices(_ALPHABET, k=20))  # noqa: S311  # an id, not a secret
    return f"{prefix}-{int(time.time())}-{tail}"


def bill(usage: Usage, chosen: Chosen, request: HandlerRequest) -> Bill:
    """Price a call under the emulator's settings; tokens cost half in a batch."""
    settings = request.state.settings
    prices = charges.under_conditions(chosen.prices, chosen.overrides, usage.prompt)
    if request.in_batch:
        prices = {name: Decimal(value) * _BATCH_FACTOR for name, value in prices.items()}
    return charges.price(usage, prices, byok=settings.byok, fee=settings.byok_fee)


def closing(request: HandlerRequest, finished: Finished) -> Closing:
    """The object that charges the call when its end is known."""

    def book(share: float, failed: bool) -> None:  # noqa: FBT001  # the signature of Closing.book
        if not _streams(request):
            share = 1.0
        usage = _used(finished, share, failed=failed)
        cost = bill(usage, finished.chosen, request)
        if failed:
            cost = Bill(Decimal(0), Decimal(0), Decimal(0), cost.is_byok, Decimal(0))
        cancelled = share < 1 and not failed
        charge = _booking(request, finished, usage, cost, cancelled=cancelled, failed=failed)
        request.state.add_charge(
            charge, _generation(request, finished, usage, cost, charge), request.caller
        )

    return Closing(book)


def _used(finished: Finished, share: float, *, failed: bool) -> Usage:
    """What a call used that was cut off: all of it where the provider goes on regardless."""
    if failed or share >= 1 or not generation_records.stops_billing(finished.provider):
        return finished.usage
    usage = finished.usage
    return replace(
        usage, completion=int(usage.completion * share), image_out=int(usage.image_out * share)
    )


def _booking(
    request: HandlerRequest,
    finished: Finished,
    usage: Usage,
    cost: Bill,
    *,
    cancelled: bool,
    failed: bool,
) -> Charge:
    return Charge(
        generation_id=finished.id,
        model=finished.model,
        provider=finished.provider,
        cost=cost.cost,
        upstream_cost=cost.total,
        is_byok=cost.is_byok,
        prompt_tokens=usage.prompt,
        completion_tokens=usage.completion,
        streamed=_streams(request),
        cancelled=cancelled,
        failed=failed,
        key_hash=request.caller.hash,
    )


def _generation(
    request: HandlerRequest, finished: Finished, usage: Usage, cost: Bill, charge: Charge
) -> Generation:
    sent: Any = request.received.json
    body: JsonObject = sent if isinstance(sent, dict) else {}
    call = generation_records.Call(
        id=finished.id,
        api_type=finished.api_type,
        chosen=finished.chosen,
        model=finished.model,
        provider=finished.provider,
        streamed=charge.streamed,
        finish=finished.finish,
        headers=request.headers,
        body=body,
        created_at=datetime.now(UTC),
        elapsed_ms=max(1, round((time.monotonic() - finished.started) * 1000)),
        workspace_id=request.caller.workspace_id,
    )
    record = generation_records.record(
        call,
        usage,
        cost,
        cost_factor=request.state.settings.generation_cost_factor,
        cancelled=charge.cancelled,
        failed=charge.failed,
    )
    content = generation_records.content(body, finished.answer, finished.reasoning)
    size = len(request.received.content)
    return Generation(finished.id, record, content, ready_at=0.0, size=size)


def _streams(request: HandlerRequest) -> bool:
    return isinstance(request.received.json, dict) and bool(request.received.json.get("stream"))


def once(
    request: HandlerRequest, chosen: Chosen, usage: Usage, *, prefix: str, api_type: str
) -> Finished:
    """A call that is over as soon as it is made, as everything but chat is here.

    Args:
        prefix: Of the generation id, e.g. "gen-img".
    """
    return Finished(
        id=new_id(prefix, request),
        api_type=api_type,
        chosen=chosen,
        model=chosen.model.slug,
        provider=chosen.endpoint.provider,
        usage=usage,
        started=time.monotonic(),
    )
