"""Sound in answers: what is asked for, and what the answer holds. Pure but for one line in the log.

OpenRouter gives sound in streams only, and streams take `audio.format: "pcm16"` alone
(Agent-Field/agentfield#584 and #968, verified live 2026-08-26). That is raw samples, which few players read,
so WAV is made of them where it was asked for.
"""

from __future__ import annotations

import logging
from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any

from openrouter_core.media import pcm16_to_wav

STREAMED = "pcm16"
_log = logging.getLogger("openrouter")


def is_asked_for(body: Mapping[str, Any]) -> bool:
    """Whether an answer is to hold sound: a call for it reads a stream to its end."""
    return "audio" in (body.get("modalities") or ())


def ask_for_streamed(body: dict[str, Any]) -> bool:
    """Ask for the samples that streams have in the place of WAV; whether WAV was asked for."""
    audio = body.get("audio")
    if not (isinstance(audio, Mapping) and audio.get("format") == "wav" and is_asked_for(body)):
        return False
    body["audio"] = {**audio, "format": STREAMED}
    _log_replaced()
    return True


@cache
def _log_replaced() -> None:
    _log.info("Sound is streamed as %s only: WAV is made of it when the answer is whole.", STREAMED)


def named(reply: Mapping[str, Any], form: str | None, *, as_wav: bool) -> dict[str, Any]:
    """Return a whole reply whose sound says in `format` what it is.

    Args:
        form: The `audio.format` that was sent.
        as_wav: Whether to wrap the samples as WAV.
    """
    return {**reply, "choices": [_choice(choice, form, as_wav) for choice in reply["choices"]]}


def _choice(choice: Mapping[str, Any], form: str | None, as_wav: bool) -> dict[str, Any]:  # noqa: FBT001  # passed on
    message: Mapping[str, Any] = choice.get("message") or {}
    audio = message.get("audio")
    if not (isinstance(audio, Mapping) and audio.get("data")):
        return dict(choice)
    known = {"format": form, **audio}
    if as_wav:
        samples = b64decode(audio["data"])
        known |= {"data": b64encode(pcm16_to_wav(samples)).decode(), "format": "wav"}
    return {**choice, "message": {**message, "audio": known}}
