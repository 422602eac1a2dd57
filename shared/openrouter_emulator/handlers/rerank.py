"""POST /rerank: documents by the words that they share with the query."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from openrouter_core.resources.rerank import Rerank
from openrouter_emulator import billing
from openrouter_emulator.billing import charges
from openrouter_emulator.billing.charges import Usage
from openrouter_emulator.catalogue.routing import choose
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.validation import chat_request, checks
from openrouter_emulator.validation.checks import refuse


def _document(value: Any, where: str) -> None:
    checks.fields({"text": checks.string(), "image": checks.string(least=1)})(value, where)
    if not value.get("text") and not value.get("image"):
        refuse(where, "A document needs text or image")


_BODY = checks.fields(
    {
        "model": checks.string(least=1),
        "query": checks.string(least=1),
        "documents": checks.array(checks.either(checks.string(), _document), least=1),
        "top_n": checks.nullable(checks.integer(1)),
        "provider": checks.nullable(chat_request.PROVIDER),
    },
    required=["model", "query", "documents"],
)


@handles(Rerank.create)
def create(request: HandlerRequest) -> PlannedResponse:
    """The documents, most relevant first."""
    body = request.body
    _BODY(body, "")
    chosen = choose(body, request.state, kind="rerank")
    billing.admit(request, chosen, body)
    texts = [_text(d) for d in body["documents"]]
    usage = Usage(charges.count(body["query"]) + sum(charges.count(t) for t in texts))
    bill = billing.bill(usage, chosen, request)
    by_search = Decimal(chosen.prices.get("request", "0")) > 0
    counted: JsonObject = {"search_units": 1} if by_search else {"total_tokens": usage.prompt}
    name = chosen.model.slug.split("/")[-1]
    finished = billing.Finished(
        id=billing.new_id("gen-rerank", request),
        api_type="rerank",
        chosen=chosen,
        model=name,
        provider=chosen.endpoint.provider,
        usage=usage,
        started=time.monotonic(),
    )
    shown = {
        "model": name,
        "results": _ranked(body, texts),
        "usage": {**counted, "cost": bill.cost},
        "provider": finished.provider,
        "id": finished.id,
    }
    return PlannedResponse([shown], closing=billing.closing(request, finished))


def _text(document: str | Mapping[str, Any]) -> str:
    return document if isinstance(document, str) else str(document.get("text") or "")


def _ranked(body: JsonObject, texts: Sequence[str]) -> list[JsonObject]:
    scores = [relevance(body["query"], text) for text in texts]
    order = sorted(range(len(texts)), key=lambda at: (-scores[at], at))
    documents = [{"text": d} if isinstance(d, str) else d for d in body["documents"]]
    return [
        {"index": at, "relevance_score": scores[at], "document": documents[at]}
        for at in order[: body.get("top_n") or len(order)]
    ]


def relevance(query: str, text: str) -> float:
    """The share of the query's words that a text has, in 0..1, with a little off for length."""
    wanted = set(re.findall(r"\w+", query.lower()))
    words = set(re.findall(r"\w+", text.lower()))
    share = len(wanted & words) / max(1, len(wanted))
    return round(0.9 * share + 0.1 / (1 + len(words)), 6)
