"""Videos: jobs that go on by being looked at, their bytes, and the models.

Each poll advances a job; after `Settings.polls_until_done` it has ended as `Settings.jobs_end` says, is
booked, and its webhook is sent.
"""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openrouter_core.resources.videos import Videos
from openrouter_emulator import billing
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.billing.calls import Finished
from openrouter_emulator.billing.charges import Usage
from openrouter_emulator.catalogue.model_specs import ModelSpec
from openrouter_emulator.catalogue.routing import choose
from openrouter_emulator.handlers import _webhooks
from openrouter_emulator.inference import media
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state.table import Table
from openrouter_emulator.validation import chat_request, checks

_PER_SECOND = Decimal("0.15")
_SECONDS = 8
_RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9", "9:21")
_RESOLUTIONS = ("360p", "480p", "720p", "768p", "1080p", "1K", "2K", "4K")
_FRAME = checks.fields(
    {
        "type": checks.one_of("image_url"),
        "image_url": checks.fields({"url": checks.string(least=1)}, required=["url"]),
        "frame_type": checks.open_to("first_frame", "last_frame"),
    },
    required=["type", "image_url", "frame_type"],
)
_BODY = checks.fields(
    {
        "model": checks.string(least=1),
        "prompt": checks.nullable(checks.string()),
        "duration": checks.nullable(checks.integer(1)),
        "resolution": checks.nullable(checks.open_to(*_RESOLUTIONS)),
        "aspect_ratio": checks.nullable(checks.open_to(*_RATIOS)),
        "size": checks.nullable(checks.string(least=3)),
        "frame_images": checks.nullable(checks.array(_FRAME)),
        "input_references": checks.nullable(checks.array(checks.mapping)),
        "generate_audio": checks.nullable(checks.boolean),
        "seed": checks.nullable(checks.integer()),
        "callback_url": checks.nullable(_webhooks.check_url),
        "creativity": checks.nullable(checks.integer()),
        "upscale_factor": checks.nullable(checks.number(0, above=True)),
        "previous_job_id": checks.nullable(checks.string(least=1)),
        "provider": checks.nullable(chat_request.PROVIDER),
    },
    required=["model"],
)


def _jobs(request: HandlerRequest) -> Table:
    return request.state.table("Video job")


@handles(Videos.create)
def create(request: HandlerRequest) -> PlannedResponse:
    """Start a job."""
    body = request.body
    _BODY(body, "")
    chosen = choose(
        {k: body[k] for k in ("model", "provider") if body.get(k)},
        request.state,
        kind="video",
    )
    billing.admit(request, chosen, body)
    seconds = body.get("duration") or _SECONDS
    usage = Usage(0, extra_cost=_PER_SECOND * seconds)
    job: JsonObject = {
        "id": f"job-{uuid.uuid4().hex[:20]}",
        "status": "pending",
        "polls": 0,
        "made_by": request,
        "finished": billing.once(request, chosen, usage, prefix="gen-vid", api_type="video"),
        "cost": None,
        "expires_at": int(time.time()) + 86_400,
    }
    return PlannedResponse.json(_shown(_jobs(request).add(job)), 202)


def _shown(job: JsonObject) -> JsonObject:
    url = f"{job['made_by'].origin}/api/v1/videos/{job['id']}"
    shown = {"id": job["id"], "polling_url": url, "status": job["status"]}
    if job["status"] == "completed":
        used = {"cost": job["cost"], "is_byok": job["made_by"].state.settings.byok}
        links = {"unsigned_urls": [f"{url}/content?index=0"], "expires_at": job["expires_at"]}
        return {**shown, "generation_id": job["finished"].id, **links, "usage": used}
    if job["status"] == "failed":
        return {**shown, "error": "The provider could not make the video."}
    return shown


@handles(Videos.get)
async def get(request: HandlerRequest) -> JsonObject:
    """How far a job is; each look moves it on."""
    job = _jobs(request).get(request.path["jobId"])
    if job["status"] in ("pending", "in_progress"):
        job["polls"] += 1
        done = job["polls"] >= request.state.settings.polls_until_done
        job["status"] = request.state.settings.jobs_end if done else "in_progress"
        if done:
            _end(job)
            await _send_webhook(job)
    return _shown(job)


def _end(job: JsonObject) -> None:
    """Book what a completed job cost; one that failed costs nothing."""
    made_by: HandlerRequest = job["made_by"]
    finished: Finished = job["finished"]
    closing = billing.closing(made_by, finished)
    if job["status"] != "completed":
        closing = closing.as_failed()
    closing.end(1.0)
    job["cost"] = billing.bill(finished.usage, finished.chosen, made_by).cost


async def _send_webhook(job: JsonObject) -> None:
    made_by: HandlerRequest = job["made_by"]
    url = made_by.body.get("callback_url")
    if url is None:
        return
    shown = {k: v for k, v in _shown(job).items() if k != "polling_url"}
    event = {
        "type": f"video.generation.{job['status']}",
        "created_at": datetime.now(UTC).isoformat(),
        "data": {"generation_id": None, **shown, "model": made_by.body["model"]},
    }
    await _webhooks.send(url, event, secret=made_by.state.settings.webhook_secret)


@handles(Videos.download)
def download(request: HandlerRequest) -> PlannedResponse:
    """The bytes of a completed job: the frame of an MP4 without pictures."""
    job = _jobs(request).get(request.path["jobId"])
    if job["status"] != "completed":
        raise ApiError(409, f"The job is {job['status']}, not completed")
    if request.query.get("index", "0") != "0":
        raise ApiError(404, "No video with this index")
    prompt = str(job["made_by"].body.get("prompt") or "")
    return PlannedResponse([media.mp4(prompt)], content_type="video/mp4")


@handles(Videos.list_models)
def list_models(request: HandlerRequest) -> JsonObject:
    """The models that make videos."""
    return {"data": [_model(m) for m in request.state.catalogue if "video" in m.outputs]}


def _model(spec: ModelSpec) -> JsonObject:
    known: dict[str, Any] = {
        "supported_resolutions": ["720p", "1080p"],
        "supported_aspect_ratios": ["16:9", "9:16"],
        "supported_sizes": None,
        "supported_durations": [4, 6, 8],
        "supported_frame_images": ["first_frame", "last_frame"],
        "generate_audio": True,
        "seed": True,
        "creativity": None,
        "upscale_factor": None,
    }
    return {
        "id": spec.id,
        "canonical_slug": spec.slug,
        "name": spec.name,
        "created": spec.created,
        "description": f"{spec.name}, as the local emulator plays it.",
        "hugging_face_id": None,
        "pricing_skus": {"video_second": str(_PER_SECOND)},
        "allowed_passthrough_parameters": [],
        **known,
    }
