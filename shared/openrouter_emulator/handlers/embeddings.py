"""POST /embeddings and GET /embeddings/models. Vectors come from the text, so equal texts are equal."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import struct
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from openrouter_core.resources.embeddings import Embeddings
from openrouter_emulator import billing
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.billing import charges
from openrouter_emulator.billing.charges import Usage
from openrouter_emulator.catalogue.routing import choose
from openrouter_emulator.dialects.embeddings import leaves_out_vectors
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.validation import chat_request, checks

_MEDIA = checks.fields(
    {"data": checks.string(least=1), "format": checks.string()}, required=["data"]
)
_PART = checks.tagged(
    {
        "text": checks.fields({"text": checks.string(least=1)}, required=["text"]),
        "image_url": checks.fields(
            {"image_url": checks.fields({"url": checks.string(least=1)}, required=["url"])},
            required=["image_url"],
        ),
        "input_audio": checks.fields({"input_audio": _MEDIA}, required=["input_audio"]),
        "input_video": checks.fields({"input_video": _MEDIA}, required=["input_video"]),
        "input_file": checks.fields({"input_file": _MEDIA}, required=["input_file"]),
    }
)
_TOKENS = checks.array(checks.integer(0), least=1)
_PARTS = checks.fields({"content": checks.array(_PART, least=1)}, required=["content"])
_INPUT = checks.either(
    checks.string(least=1),
    _TOKENS,
    checks.array(_TOKENS, least=1),
    checks.array(_PARTS, least=1),
    checks.array(checks.string(least=1), least=1),
)
_BODY = checks.fields(
    {
        "model": checks.string(least=1),
        "input": _INPUT,
        "encoding_format": checks.nullable(checks.open_to("float", "base64")),
        "dimensions": checks.nullable(checks.integer(1)),
        "input_type": checks.nullable(checks.string()),
        "user": checks.nullable(checks.string()),
        "provider": checks.nullable(chat_request.PROVIDER),
    },
    required=["model", "input"],
)
_PART_NAMES = {
    "image_url": "image",
    "input_audio": "audio",
    "input_video": "video",
    "input_file": "file",
}
_DEFAULT_DIMENSIONS = 256


@handles(Embeddings.create)
def create(request: HandlerRequest) -> PlannedResponse:
    """One vector for each input."""
    body = request.body
    _BODY(body, "")
    chosen = choose(body, request.state, kind="embeddings")
    billing.admit(request, chosen, body)
    inputs = _inputs(body["input"])
    _check_abilities(inputs, chosen.model.inputs)
    usage = Usage(sum(_tokens(item) for item in inputs))
    bill = billing.bill(usage, chosen, request)
    name = chosen.model.slug.split("/")[-1]
    finished = billing.Finished(
        id=billing.new_id("gen-emb", request),
        api_type="embeddings",
        chosen=chosen,
        model=name,
        provider=chosen.endpoint.provider,
        usage=usage,
        started=time.monotonic(),
    )
    empty = request.state.settings.dialects and leaves_out_vectors(body, chosen)
    dimensions = chosen.model.dimensions or _DEFAULT_DIMENSIONS
    shown = {
        "object": "list",
        "data": [] if empty else _vectors(inputs, body, dimensions),
        "model": name,
        "usage": _usage(charges.usage_object(usage, bill)),
        "provider": finished.provider,
        "id": finished.id,
    }
    return PlannedResponse([shown], closing=billing.closing(request, finished))


@handles(Embeddings.list_models)
def list_models(request: HandlerRequest) -> JsonObject:
    """The models that embed."""
    rows = [m.object() for m in request.state.catalogue if "embeddings" in m.outputs]
    return {"data": rows, "total_count": len(rows), "links": {"next": None}}


def _inputs(value: Any) -> list[Any]:
    """The inputs one by one. A flat list of numbers is one tokenised text."""
    if isinstance(value, str) or (isinstance(value, list) and isinstance(value[0], int)):
        return [value]
    return list(value)


def _check_abilities(inputs: Sequence[Any], known: Sequence[str]) -> None:
    for item in inputs:
        for part in item["content"] if isinstance(item, dict) else ():
            kind = _PART_NAMES.get(part["type"], "text")
            if kind not in known:
                raise ApiError(404, f"No endpoints found that support {kind} input")


def _tokens(item: Any) -> int:
    if isinstance(item, str):
        return charges.count(item)
    return len(item) if isinstance(item, list) else charges.content_tokens(item["content"])


def _vectors(inputs: Sequence[Any], body: JsonObject, dimensions: int) -> list[JsonObject]:
    size = int(body.get("dimensions") or dimensions)
    encoded = body.get("encoding_format") == "base64"
    rows: list[JsonObject] = []
    for index, item in enumerate(inputs):
        text = item if isinstance(item, str) else json.dumps(item, sort_keys=True)
        vector = vector_of(text, size)
        value = base64.b64encode(struct.pack(f"<{size}f", *vector)).decode() if encoded else vector
        rows.append({"object": "embedding", "embedding": value, "index": index})
    return rows


def vector_of(text: str, size: int) -> list[float]:
    """A unit vector that sums a fixed direction for each word: texts with words in common are near."""
    total = [0.0] * size
    for word in re.findall(r"\w+", text.lower()) or [text]:
        total = [a + b for a, b in zip(total, _direction(word, size), strict=True)]
    length = math.sqrt(sum(v * v for v in total)) or 1.0
    return [_single(v / length) for v in total]


@lru_cache(maxsize=4096)
def _direction(word: str, size: int) -> tuple[float, ...]:
    needed = -(-size // 32)
    raw = b"".join(hashlib.sha256(f"{word}:{n}".encode()).digest() for n in range(needed))
    return tuple(byte / 127.5 - 1 for byte in raw[:size])


def _single(value: float) -> float:
    """Round to what base64 carries, so that both encodings give the same numbers."""
    single: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return single


def _usage(chat: JsonObject) -> JsonObject:
    """Embeddings have no completion tokens."""
    kept = ("prompt_tokens", "total_tokens", "cost", "is_byok", "cost_details")
    return {name: chat[name] for name in kept}
