"""The Batch API as another way to carry out a job: half the price, within a day.

Prompts are handed in now and collected later, also by another process. Each request's `custom_id` names the
hand-in and the item, so that results find their item in any order. What is handed in is in the file before
it is sent: a process that is killed in between finds its batch again among those of the key, by model,
size and time, instead of paying for another.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from openrouter_core._json import as_dict
from openrouter_core.bulk.item import Item
from openrouter_core.bulk.store import Ended, Entry, HandIn
from openrouter_core.bulk.target import Target
from openrouter_core.bulk.values import decode, encode
from openrouter_core.client import OpenRouterClient
from openrouter_core.costs.budget.budget import Budget
from openrouter_core.costs.budget.reservation import DEFAULT_RESERVE_USD, reservation
from openrouter_core.costs.records.cost import Cost
from openrouter_core.costs.records.price import catalogue_price
from openrouter_core.errors import (
    ApiStatusError,
    BudgetExceededError,
    ConfigurationError,
    OpenRouterError,
    PayloadTooLargeError,
    ServerError,
)
from openrouter_core.observers.calls import CallIntent
from openrouter_core.observers.protocol import observing
from openrouter_core.pagination import iterate
from openrouter_core.wire.batches import Batch

if TYPE_CHECKING:
    from openrouter_core.bulk.store import AnyStore

log = logging.getLogger("openrouter")

_ENDPOINT = "/v1/chat/completions"
_MOST_BYTES = 50_000_000
_GROUP = 500
_CLOCKS_DIFFER_S = 60.0
_LOOK_AGAIN_S = 5.0
_NOT_CARRIED_OUT = frozenset({"expired", "cancelled"})


class Offline:
    """Hands in and collects for one job."""

    def __init__(
        self, store: AnyStore, target: Target, *, keep_prompts: bool, budget: Budget | None
    ) -> None:
        if target.to_body is None or target.from_body is None or target.client is None:
            raise ConfigurationError(
                "The Batch API answers a ChatOpenRouter or an OpenRouter of LlamaIndex itself, not a chain "
                "or a function. Read structured answers out of the messages."
            )
        self._store, self._keep_prompts = store, keep_prompts
        self._to_body, self._from_body = target.to_body, target.from_body
        self._client: OpenRouterClient = target.client()
        self._budget = budget
        self._of_others = set[str | None]()
        """Batches that look like a lost one, and are not."""

    # ------------------------------------------------------------------ handing in

    def submit(self, size: int) -> int:
        """Hand in all that is not answered, in batches of that size at most; return how many prompts."""
        self._find_lost(wait=True)
        return sum(self._hand_in(part) for part in self._parts(size))

    def _parts(self, size: int) -> Iterator[list[Entry]]:
        part: list[Entry] = []
        chars = 0
        for page in self._store.pending():
            if not page:  # the rest is in the hands of others, who may wait for what is held here
                break
            for entry in page:
                if part and (len(part) >= size or chars + len(entry.prompt) > _MOST_BYTES):
                    yield part
                    part, chars = [], 0
                part.append(entry)
                chars += len(entry.prompt)
        if part:
            yield part

    def _hand_in(self, part: Sequence[Entry]) -> int:
        bodies = [self._to_body(decode(entry.prompt)) for entry in part]
        model = str(bodies[0].get("model"))
        token = uuid4().hex[:12]
        requests: Any = [
            {"custom_id": f"{token}-{entry.id}", "body": body}
            for entry, body in zip(part, bodies, strict=True)
        ]
        usd = self._may_cost({"model": model, "requests": requests})
        self._store.hand_in(token, model, [entry.id for entry in part], usd)
        try:
            with self._watched():
                batch = self._client.batches.create(requests, endpoint=_ENDPOINT, model=model)
        except (PayloadTooLargeError, BudgetExceededError):
            self._store.give_back(token)
            if len(part) == 1:
                raise
            half = len(part) // 2
            return self._hand_in(part[:half]) + self._hand_in(part[half:])
        except OpenRouterError as error:
            if _was_not_taken(error):
                self._store.give_back(token)
            raise
        self._store.handed_in(token, batch.id)
        return len(part)

    def _may_cost(self, body: dict[str, Any]) -> Decimal:
        intent = CallIntent("createBatches", body, self._client.config)
        return reservation(intent, catalogue_price, DEFAULT_RESERVE_USD)

    def _watched(self) -> AbstractContextManager[None]:
        """The budget sees a call, and none that the caller makes between two items."""
        return nullcontext() if self._budget is None else observing(self._budget)

    def _find_lost(self, *, wait: bool) -> None:
        """Find the batches whose creation was not seen to end; give back what never arrived.

        Args:
            wait: Until each is found or given back; a minute may pass until a batch is in the list.
        """
        while lost := [one for one in self._store.lost() if not self._is_settled(one)]:
            if not wait:
                return
            time.sleep(min(_LOOK_AGAIN_S, max(0.1, lost[0].at + _CLOCKS_DIFFER_S - time.time())))

    def _is_settled(self, lost: HandIn) -> bool:
        found = self._batch_like(lost)
        if found is not None:
            self._store.handed_in(lost.token, found)
        elif time.time() - lost.at > _CLOCKS_DIFFER_S:
            self._store.give_back(lost.token)
        else:
            return False
        return True

    def _batch_like(self, lost: HandIn) -> str | None:
        known = {one.batch_id for one in self._store.hand_ins(ended=True)} | self._of_others
        alike: list[tuple[float, str]] = []
        for batch in iterate(self._client.batches.list):
            at = batch.created_at.timestamp() if batch.created_at else lost.at
            if at < lost.at - _CLOCKS_DIFFER_S:
                break
            total = batch.request_counts.total if batch.request_counts else None
            if (batch.model, total) == (lost.model, lost.count) and batch.id not in known:
                alike.append((abs(at - lost.at), batch.id))
        return min(alike)[1] if alike else None

    # ------------------------------------------------------------------ collecting

    def collect(self, *, wait: bool, timeout_s: float) -> Iterator[list[Item[Any]]]:
        """Yield the items of each batch that has ended, once they are committed.

        Raises:
            RequestTimeoutError: A batch has not ended in time. It goes on.
        """
        for hand_in in self._made(wait=wait):
            batch = self._looked_at(str(hand_in.batch_id), timeout_s if wait else None)
            if batch.is_ended:
                yield from self._ended(hand_in, batch)

    def _looked_at(self, batch_id: str, timeout_s: float | None) -> Batch:
        with self._watched():
            if timeout_s is None:
                return self._client.batches.get(batch_id)
            return self._client.batches.wait(batch_id, timeout_s=timeout_s)

    def _made(self, *, wait: bool) -> Iterator[HandIn]:
        """Those that are a batch; with `wait` until none is left, also of those that others hand in or read."""
        before = set[str]()
        self._find_lost(wait=wait)
        while found := self._store.hand_ins():
            tokens = {one.token for one in found}
            if tokens == before:
                time.sleep(_LOOK_AGAIN_S)
                self._find_lost(wait=wait)
            before = tokens
            yield from (one for one in found if one.batch_id is not None)
            if not wait:
                return

    def _ended(self, hand_in: HandIn, batch: Batch) -> Iterator[list[Item[Any]]]:
        results = {str(one.get("custom_id")): one for one in batch.raw.get("results") or ()}
        own = {
            f"{hand_in.token}-{id_}": (id_, key) for id_, key in self._store.items_of(hand_in.token)
        }
        if results and own and own.keys().isdisjoint(results):
            self._correct(hand_in, batch, results)
            return
        outcomes = [
            self._outcome(*own[name], as_dict(results.get(name)), batch)
            for name in own
            if name in results or batch.status not in _NOT_CARRIED_OUT
        ]
        for at in range(0, len(outcomes), _GROUP):
            group = outcomes[at : at + _GROUP]
            self._store.commit([ended for ended, _ in group], (), keep_prompts=self._keep_prompts)
            yield [item for _, item in group]
            delivered = [ended.id for ended, _ in group]
            self._store.commit((), delivered, keep_prompts=self._keep_prompts)
        self._store.give_back(
            hand_in.token
        )  # what has no result was not carried out, and is free again

    def _correct(self, hand_in: HandIn, batch: Batch, results: Mapping[str, Any]) -> None:
        """Note whose a batch is that was taken for that of a lost hand-in: the names of its results say it."""
        log.warning(
            "Batch %s was taken for another that looks like it, which is looked for again.",
            batch.id,
        )
        noted = {one.token: one.batch_id for one in self._store.hand_ins(ended=True)}
        owners = {name.partition("-")[0] for name in results} & noted.keys()
        if noted[hand_in.token] == batch.id:
            self._store.handed_in(hand_in.token, None)
        for token in owners:
            self._store.handed_in(token, batch.id)
        if not owners:
            self._of_others.add(batch.id)

    def _outcome(
        self, id_: int, key: str, result: Mapping[str, Any], batch: Batch
    ) -> tuple[Ended, Item[Any]]:
        response = as_dict(result.get("response"))
        body = as_dict(response.get("body"))
        cost = Cost.of_usage(as_dict(body.get("usage"))).counted_usd if body else None
        error, answer = _why(result, response, batch), None
        if error is None:
            try:
                answer = self._from_body(body)
            except OpenRouterError as unreadable:
                error = f"{type(unreadable).__name__}: {unreadable}"
        text = encode(body) if body else None
        ended = Ended(id_, key, 1, error, None, text, body.get("id"), cost)
        return ended, ended.item(answer, body or None)


def _why(result: Mapping[str, Any], response: Mapping[str, Any], batch: Batch) -> str | None:
    """Why a request of a batch has no answer; None when it has one."""
    if not result:
        reason = batch.error.message if batch.error else None
        return (
            f"BatchError: The batch {batch.status}. {reason or 'It holds no result of this item.'}"
        )
    if error := as_dict(result.get("error")):
        return f"BatchError: {error.get('message') or error}"
    status = response.get("status_code") or 0
    if not 200 <= status < 300:
        return f"BatchError: status {status}: {as_dict(response.get('body')).get('error')}"
    return None


def _was_not_taken(error: OpenRouterError) -> bool:
    """Whether a batch was certainly not begun."""
    if isinstance(error, ApiStatusError):
        return not isinstance(error, ServerError)  # which is also who gave up waiting: 408, 499
    was_sent = getattr(error, "was_sent", True)
    return isinstance(error, ConfigurationError) or not was_sent
