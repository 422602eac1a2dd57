"""Images: made plain or as events, and the models that make them. Pictures have one color."""

from __future__ import annotations

import base64
import time
from decimal import Decimal
from typing import Any

from openrouter_core.resources.images import Images
from openrouter_emulator import billing
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.billing import charges
from openrouter_emulator.billing.charges import Usage
from openrouter_emulator.catalogue.model_specs import Endpoint, ModelSpec
from openrouter_emulator.catalogue.routing import choose
from openrouter_emulator.inference import media
from openrouter_emulator.planned_response import COMMENT, DONE, JsonObject, Part, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.validation import chat_request, checks

_TOKENS = 1_290
"""What one picture counts."""
_FORMATS = ("png", "jpeg", "webp", "svg")
_RESOLUTIONS = ("512", "768", "1K", "1.5K", "2K", "4K")
_QUALITIES = ("auto", "low", "medium", "high", "xhigh", "max")
_REFERENCE = checks.fields(
    {"type": checks.one_of("image_url"), "image_url": checks.fields({}, required=["url"])},
    required=["type", "image_url"],
)
_BODY = checks.fields(
    {
        "model": checks.string(least=1),
        "prompt": checks.string(least=1),
        "n": checks.nullable(checks.integer(1, 10)),
        "resolution": checks.nullable(checks.open_to(*_RESOLUTIONS)),
        "aspect_ratio": checks.nullable(checks.string(least=3)),
        "size": checks.nullable(checks.string(least=2)),
        "quality": checks.nullable(checks.open_to(*_QUALITIES)),
        "background": checks.nullable(checks.open_to("auto", "transparent", "opaque")),
        "output_format": checks.nullable(checks.open_to(*_FORMATS)),
        "output_compression": checks.nullable(checks.integer(0, 100)),
        "seed": checks.nullable(checks.integer()),
        "stream": checks.nullable(checks.boolean),
        "input_references": checks.nullable(checks.array(_REFERENCE, most=16)),
        "provider": checks.nullable(chat_request.PROVIDER),
    },
    required=["model", "prompt"],
)


@handles(Images.create, Images.stream)
def create(request: HandlerRequest) -> PlannedResponse:
    """Make pictures. Whatever format is asked for, they are PNG."""
    body = request.body
    _BODY(body, "")
    if body.get("background") == "transparent" and body.get("output_format") in ("jpeg", "svg"):
        checks.refuse("background", "transparent needs output_format png or webp")
    chosen = choose(
        {k: body[k] for k in ("model", "provider") if body.get(k)},
        request.state,
        kind="image",
    )
    billing.admit(request, chosen, body)
    count = body.get("n") or 1
    usage = Usage(charges.count(body["prompt"]), count * _TOKENS, image_out=count * _TOKENS)
    finished = billing.once(request, chosen, usage, prefix="gen-img", api_type="image")
    shown = charges.usage_object(usage, billing.bill(usage, chosen, request))
    closing = billing.closing(request, finished)
    pictures = [_picture(f"{body['prompt']}{at}") for at in range(count)]
    headers = {"X-Generation-Id": finished.id, "X-Provider-Name": chosen.endpoint.provider}
    created = int(time.time())
    if not body.get("stream"):
        data = [{"b64_json": p, "media_type": "image/png"} for p in pictures]
        answer = {"created": created, "data": data, "usage": shown}
        return PlannedResponse([answer], headers=headers, closing=closing)
    parts = _events(pictures, created, shown)
    gap_s = request.state.settings.chunk_gap_s
    return PlannedResponse(parts, headers=headers, streamed=True, gap_s=gap_s, closing=closing)


def _picture(text: str) -> str:
    return base64.b64encode(media.png(text)).decode()


def _events(pictures: list[str], created: int, usage: JsonObject) -> list[Part]:
    """A preview and the whole of each picture; the last one has the usage."""
    parts: list[Part] = [COMMENT]
    kind = "image_generation"
    for at, picture in enumerate(pictures):
        preview = {"partial_image_index": at, "b64_json": picture}
        whole: JsonObject = {"b64_json": picture, "media_type": "image/png", "created": created}
        if at == len(pictures) - 1:
            whole["usage"] = usage
        parts.append({"type": f"{kind}.partial_image", **preview})
        parts.append({"type": f"{kind}.completed", **whole})
    return [*parts, DONE]


# ---------------------------------------------------------------- models

_ABILITIES: JsonObject = {
    "n": {"type": "range", "min": 1, "max": 10},
    "resolution": {"type": "enum", "values": ["1K", "2K"]},
    "output_format": {"type": "enum", "values": ["png"]},
    "seed": {"type": "boolean"},
}


def _makers(request: HandlerRequest) -> list[ModelSpec]:
    return [m for m in request.state.catalogue if "image" in m.outputs and not m.router]


@handles(Images.list_models)
def list_models(request: HandlerRequest) -> JsonObject:
    """The models that make pictures."""
    return {"data": [_model(spec) for spec in _makers(request)]}


def _model(spec: ModelSpec) -> JsonObject:
    outline = spec.architecture()
    return {
        "id": spec.id,
        "name": spec.name,
        "description": f"{spec.name}, as the local emulator plays it.",
        "created": spec.created,
        "architecture": {k: outline[k] for k in ("input_modalities", "output_modalities")},
        "supported_parameters": _ABILITIES,
        "supports_streaming": True,
        "endpoints": f"/api/v1/images/models/{spec.id}/endpoints",
    }


@handles(Images.endpoints)
def endpoints(request: HandlerRequest) -> JsonObject:
    """Every provider of a model, without a `data` envelope."""
    name = f"{request.path['author']}/{request.path['slug']}"
    for spec in _makers(request):
        if name in (spec.id, spec.slug):
            return {"id": spec.id, "endpoints": [_endpoint(spec, e) for e in spec.endpoints]}
    raise ApiError(404, "Model not found")


def _endpoint(spec: ModelSpec, endpoint: Endpoint) -> JsonObject:
    prices: dict[str, Any] = {**spec.prices, **endpoint.prices}
    price = {
        "billable": "output_image",
        "unit": "token",
        "cost_usd": Decimal(prices["image_output"]),
    }
    return {
        "provider_name": endpoint.provider,
        "provider_slug": endpoint.slug,
        "provider_tag": endpoint.tag,
        "supported_parameters": _ABILITIES,
        "allowed_passthrough_parameters": [],
        "supports_streaming": True,
        "pricing": [price],
    }
