"""Speech and transcriptions. Sounds are one tone; a transcription gives the size of the sound."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import UploadFile

from openrouter_core.resources.audio import Audio
from openrouter_emulator import billing
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.billing import charges
from openrouter_emulator.billing.charges import Usage
from openrouter_emulator.catalogue.routing import choose
from openrouter_emulator.inference import media
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.validation import chat_request, checks

_SPOKEN = checks.fields({"text": checks.string(least=1)}, required=["text"])
_SPEECH = checks.fields(
    {
        "model": checks.string(least=1),
        "input": checks.either(checks.array(_SPOKEN, least=1), checks.string(least=1)),
        "voice": checks.nullable(checks.string(least=1)),
        "response_format": checks.nullable(checks.one_of("mp3", "pcm")),
        "speed": checks.nullable(checks.number(0, above=True)),
        "provider": checks.nullable(chat_request.PROVIDER),
    },
    required=["model", "input"],
)
_KINDS = {"mp3": "audio/mpeg", "pcm": "audio/pcm"}


@handles(Audio.speak, Audio.stream_speech)
def speak(request: HandlerRequest) -> PlannedResponse:
    """Speak a text: PCM unless MP3 is asked for. A character is a unit of price."""
    body = request.body
    _SPEECH(body, "")
    chosen = choose(_named(body), request.state, kind="speech")
    billing.admit(request, chosen, body)
    given = body["input"]
    text = given if isinstance(given, str) else " ".join(turn["text"] for turn in given)
    usage = Usage(len(text))
    finished = billing.once(request, chosen, usage, prefix="gen-tts", api_type="tts")
    form = body.get("response_format") or "pcm"
    return PlannedResponse(
        [media.sound(text, form)],
        headers={"X-Generation-Id": finished.id},
        content_type=_KINDS[form],
        closing=billing.closing(request, finished),
    )


def _named(body: JsonObject) -> JsonObject:
    return {k: body[k] for k in ("model", "provider") if body.get(k)}


# ---------------------------------------------------------------- transcriptions

_MOST_BYTES = 25 * 1024 * 1024
_BYTES_A_SECOND = 16_000
_SETTINGS = {
    "model": checks.string(least=1),
    "language": checks.nullable(checks.string()),
    "temperature": checks.nullable(checks.number(0, 1)),
    "response_format": checks.nullable(checks.one_of("json", "verbose_json")),
    "timestamp_granularities": checks.nullable(checks.array(checks.open_to("word", "segment"))),
    "provider": checks.nullable(chat_request.PROVIDER),
}
_SOUND = checks.either(
    checks.fields({"url": checks.string(least=1)}, required=["url"]),
    checks.fields(
        {"data": checks.string(least=1), "format": checks.string(least=1)},
        required=["data", "format"],
    ),
)
_JSON = checks.fields({**_SETTINGS, "input_audio": _SOUND}, required=["model", "input_audio"])
_FORM = checks.fields(_SETTINGS, required=["model"])


@handles(Audio.transcribe, Audio.transcribe_file)
async def transcribe(request: HandlerRequest) -> PlannedResponse:
    """Write down a sound, from JSON or from a form."""
    settings, sound = (
        await _uploaded(request) if request.form is not None else _inline(request.body)
    )
    chosen = choose(_named(settings), request.state, kind="transcription")
    billing.admit(request, chosen, settings)
    seconds = max(1, round(len(sound) / _BYTES_A_SECOND))
    text = f"A recording of {len(sound)} bytes."
    usage = Usage(10 * seconds, charges.count(text), audio_in=10 * seconds)
    # The prompt of the record is the sound, which is not text.
    finished = billing.once(request, chosen, usage, prefix="gen-stt", api_type="stt")
    bill = billing.bill(usage, chosen, request)
    shown: JsonObject = {
        "text": text,
        "usage": {
            "seconds": seconds,
            "input_tokens": usage.prompt,
            "output_tokens": usage.completion,
            "total_tokens": usage.prompt + usage.completion,
            "cost": bill.cost,
        },
    }
    if settings.get("response_format") == "verbose_json":
        shown |= _details(text, float(seconds), settings)
    headers = {"X-Generation-Id": finished.id}
    return PlannedResponse([shown], headers=headers, closing=billing.closing(request, finished))


def _inline(body: JsonObject) -> tuple[JsonObject, bytes]:
    _JSON(body, "")
    sound: Mapping[str, Any] = body["input_audio"]
    if "url" in sound:
        return body, str(sound["url"]).encode()
    try:
        return body, base64.b64decode(sound["data"], validate=True)
    except ValueError:  # binascii's is one, and letters beyond ASCII
        raise ApiError(400, "input_audio.data: Must be base64, without a data URI") from None


async def _uploaded(request: HandlerRequest) -> tuple[JsonObject, bytes]:
    assert request.form is not None
    sent = request.form.get("file")
    if not isinstance(sent, UploadFile):
        raise ApiError(400, "file: Required")
    sound = await sent.read()
    if len(sound) > _MOST_BYTES:
        raise ApiError(413, "The file is larger than 25 MB")
    settings: JsonObject = {k: v for k, v in request.form.items() if isinstance(v, str)}
    if "temperature" in settings:
        settings["temperature"] = _number(settings["temperature"])
    if "provider" in settings:
        settings["provider"] = _json(settings["provider"])
    grains = request.form.getlist("timestamp_granularities[]")
    settings.pop("timestamp_granularities[]", None)
    if grains:
        settings["timestamp_granularities"] = grains
    _FORM(settings, "")
    return settings, sound


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ApiError(400, "provider: Must be JSON") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ApiError(400, "temperature: Expected number, received string") from None


def _details(text: str, seconds: float, settings: JsonObject) -> JsonObject:
    """What the long form adds: the whole as one segment, and words of equal length."""
    words = text.split()
    step = seconds / len(words)
    spoken = [
        {"word": word, "start": round(at * step, 3), "end": round((at + 1) * step, 3)}
        for at, word in enumerate(words)
    ]
    shown: JsonObject = {"task": "transcribe", "duration": seconds}
    shown["language"] = settings.get("language") or "en"
    shown["segments"] = [{"id": 0, "start": 0.0, "end": seconds, "text": text}]
    if "word" in (settings.get("timestamp_granularities") or ()):
        shown["words"] = spoken
    return shown
