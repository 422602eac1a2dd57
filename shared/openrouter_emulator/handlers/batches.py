"""Batches: requests that are run one by one when the batch has been polled enough.

Each request goes through the handler of its endpoint, at half the price of tokens.
"""

from __future__ import annotations

import inspect
import time
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

from openrouter_core.resources.batches import Batches
from openrouter_core.resources.chat import Chat
from openrouter_core.resources.embeddings import Embeddings
from openrouter_core.resources.messages import Messages
from openrouter_core.resources.responses import Responses
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.catalogue.routing import choose
from openrouter_emulator.handlers._paging import whole_number
from openrouter_emulator.planned_response import JsonObject, PlannedResponse, dumps
from openrouter_emulator.registry import Bound, HasRoute, handler_of, handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state.table import Table
from openrouter_emulator.validation import checks

_ENDPOINTS: dict[str, tuple[HasRoute, str]] = {
    "/v1/chat/completions": (Chat.send, "text"),
    "/v1/responses": (Responses.create, "text"),
    "/v1/messages": (Messages.create, "text"),
    "/v1/embeddings": (Embeddings.create, "embeddings"),
}
_MEDIA = ("image_url", "input_audio", "video_url", "input_video", "file", "input_image", "image")
_REQUEST = checks.fields(
    {"custom_id": checks.string(least=1), "body": checks.mapping}, required=["custom_id", "body"]
)
_BODY = checks.fields(
    {
        "endpoint": checks.one_of(*_ENDPOINTS),
        "model": checks.string(least=1),
        "requests": checks.array(_REQUEST, least=1),
        "completion_window": checks.nullable(checks.one_of("24h")),
        "callback_url": checks.nullable(checks.string(least=1)),
    },
    required=["endpoint", "model", "requests"],
)
_NO_ENDS = {"first_id": None, "last_id": None}
_RUNNING = ("validating", "in_progress", "finalizing")


def _batches(request: HandlerRequest) -> Table:
    return request.state.table("Batch")


@handles(Batches.create)
def create(request: HandlerRequest) -> PlannedResponse:
    """Take a batch in. The body is read as it arrives, so endpoint and model come before the requests."""
    body = request.body
    order = list(body)
    if "requests" in order and not {"endpoint", "model"} <= set(order[: order.index("requests")]):
        raise ApiError(400, "endpoint and model must precede requests")
    _BODY(body, "")
    _check_requests(body)
    _, kind = _ENDPOINTS[body["endpoint"]]
    chosen = choose({"model": body["model"]}, request.state, kind=kind)
    row: JsonObject = {
        "id": f"batch_{uuid.uuid4().hex[:24]}",
        "object": "batch",
        "endpoint": body["endpoint"],
        "model": body["model"],
        "provider": chosen.endpoint.provider,
        "completion_window": "24h",
        "status": "validating",
        "created_at": int(time.time()),
        "expires_at": int(time.time()) + 86_400,
        "finalized_at": None,
        "request_counts": {"total": len(body["requests"]), "completed": 0, "failed": 0},
        "usage": None,
        "results": None,
        "error": None,
        "polls": 0,
        "made_by": request,
    }
    return PlannedResponse.json(_shown(_batches(request).add(row)), 202)


def _check_requests(body: JsonObject) -> None:
    names = [one["custom_id"] for one in body["requests"]]
    if len(set(names)) < len(names):
        checks.refuse("requests", "Every custom_id must be different")
    for at, one in enumerate(body["requests"]):
        where, wanted = f"requests.{at}.body", one["body"]
        if wanted.get("model", body["model"]) != body["model"]:
            checks.refuse(f"{where}.model", "Must be the model of the batch, or absent")
        if _has_media(wanted):
            checks.refuse(where, "Batches are text only")


def _has_media(value: Any) -> bool:
    if isinstance(value, dict):
        return value.get("type") in _MEDIA or any(_has_media(v) for v in value.values())
    return isinstance(value, list) and any(_has_media(v) for v in value)


def _shown(row: JsonObject) -> JsonObject:
    return {k: v for k, v in row.items() if k not in ("polls", "made_by")}


@handles(Batches.list)
def list_batches(request: HandlerRequest) -> JsonObject:
    """Batches without their results, the newest first."""
    limit = whole_number("limit", request.query.get("limit", "20"), low=1, high=100)
    rows = _batches(request).rows(lambda r: request.query.get("status") in (None, r["status"]))[
        ::-1
    ]
    ids = [row["id"] for row in rows]
    after = request.query.get("after")
    if after is not None and after not in ids:
        raise ApiError(400, "after: No such batch")
    start = 0 if after is None else ids.index(after) + 1
    page = [{**_shown(row), "results": None} for row in rows[start : start + limit]]
    ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else _NO_ENDS
    return {"object": "list", "data": page, **ends, "has_more": start + limit < len(rows)}


@handles(Batches.get)
async def get(request: HandlerRequest) -> JsonObject:
    """A batch; each look moves it on, and once it is completed the results are in it."""
    row = _batches(request).get(request.path["id"])
    if row["status"] in _RUNNING:
        row["polls"] += 1
        settings = request.state.settings
        if row["polls"] < settings.polls_until_done:
            row["status"] = "in_progress"
        elif settings.jobs_end != "completed":
            row |= {"status": settings.jobs_end, "finalized_at": int(time.time())}
            row["error"] = {"message": "The provider gave up."}
        else:
            await _finish(row)
    return _shown(row)


async def _finish(row: JsonObject) -> None:
    requests: list[JsonObject] = row["made_by"].body["requests"]
    results = [await _run(row, one) for one in requests]
    failed = sum(result["error"] is not None for result in results)
    counts = {"total": len(results), "completed": len(results) - failed, "failed": failed}
    row |= {"status": "completed", "finalized_at": int(time.time()), "request_counts": counts}
    row |= {"results": results, "usage": _usage(results)}


async def _run(row: JsonObject, line: JsonObject) -> JsonObject:
    """Let the endpoint's own handler answer, and charge for it."""
    entry: Bound = handler_of(_ENDPOINTS[row["endpoint"]][0])
    batch: HandlerRequest = row["made_by"]
    body = {"model": row["model"], **line["body"], "stream": False}
    received = replace(batch.received, json=body, content=dumps(body))
    request = replace(batch, route=entry.route, received=received, path={}, in_batch=True)
    shown = {"id": f"batch_req_{uuid.uuid4().hex[:24]}", "custom_id": line["custom_id"]}
    try:
        answer = entry.handler(request)
        planned: Any = await answer if inspect.isawaitable(answer) else answer
    except ApiError as error:
        kind = {"type": "invalid_request_error", "param": None, "message": error.message}
        return {**shown, "response": None, "error": kind}
    if planned.closing is not None:
        planned.closing.end(1.0)
    named = planned.headers.get("X-Generation-Id") or planned.parts[0].get("id", "")
    ids = {"request_id": named}
    response = {"status_code": 200, **ids, "body": planned.parts[0]}
    return {**shown, "response": response, "error": None}


def _usage(results: list[JsonObject]) -> JsonObject:
    """The sum over the requests."""
    used = [r["response"]["body"].get("usage") or {} for r in results if r["response"]]
    prompt = sum(u.get("prompt_tokens", u.get("input_tokens", 0)) for u in used)
    completion = sum(u.get("completion_tokens", u.get("output_tokens", 0)) for u in used)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "cost": sum((u["cost"] for u in used), Decimal(0)),
        "is_byok": any(u.get("is_byok") for u in used),
    }


@handles(Batches.delete)
def delete(request: HandlerRequest) -> JsonObject:
    """Remove an ended batch; 409 while it runs."""
    row = _batches(request).get(request.path["id"])
    if row["status"] in _RUNNING:
        raise ApiError(409, "The batch is still running")
    _batches(request).remove(row["id"])
    return {"id": row["id"], "object": "batch", "deletion": {"openrouter": "deleted"}}
