"""Speech and transcriptions. Reached as `client.audio`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Unpack

from openrouter_core._call import Call
from openrouter_core.media import Upload, upload_part
from openrouter_core.resources._calls import json_call, with_session_header
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire.audio import (
    AudioInput,
    SpeechOptions,
    SpeechTurn,
    Transcription,
    TranscriptionOptions,
)


class Audio(Resource[Mode]):
    """Text to speech and back."""

    @http.post("/audio/speech", "createAudioSpeech", billed=True)
    def speak(
        self,
        input: str | Sequence[SpeechTurn],
        *,
        model: str,
        **options: Unpack[SpeechOptions],
    ) -> Call[bytes]:
        """Speak a text; return the sound's bytes.

        Args:
            input: Text, or the turns of a dialogue.

        Source: createAudioSpeech
        """
        return json_call(bytes, {"model": model, "input": input}, with_session_header(options))

    @http.download("/audio/speech", "createAudioSpeech", billed=True, method="POST")
    def stream_speech(
        self,
        input: str | Sequence[SpeechTurn],
        *,
        model: str,
        **options: Unpack[SpeechOptions],
    ) -> Call[bytes]:
        """Speak a text; read the sound piece by piece, while it is still being made.

        Source: createAudioSpeech
        """
        return json_call(bytes, {"model": model, "input": input}, with_session_header(options))

    @http.post("/audio/transcriptions", "createAudioTranscriptions", billed=True)
    def transcribe(
        self, input_audio: AudioInput, *, model: str, **options: Unpack[TranscriptionOptions]
    ) -> Call[Transcription]:
        """Write down what is said, from base64 data or a URL.

        Args:
            input_audio: E.g. `openrouter_core.media.inline(Path("talk.mp3"))`.

        Source: createAudioTranscriptions
        """
        return json_call(
            Transcription,
            {"model": model, "input_audio": input_audio},
            with_session_header(options),
        )

    @http.post("/audio/transcriptions", "createAudioTranscriptions", billed=True)
    def transcribe_file(
        self,
        file: Upload,
        *,
        model: str,
        filename: str | None = None,
        **options: Unpack[TranscriptionOptions],
    ) -> Call[Transcription]:
        """Write down what is said in a file of at most 25 MB; larger ones go to `transcribe`.

        Source: createAudioTranscriptions
        """
        call = json_call(Transcription, {"model": model}, with_session_header(options))
        parts: dict[str, Any] = {"file": upload_part(file, filename=filename)}
        return Call(
            Transcription,
            query=call.query,
            headers=call.headers,
            timeout_s=call.timeout_s,
            json=call.json,
            form=_fields(call.json),
            files=parts,
        )


def _fields(body: Any) -> dict[str, object]:
    """Write a body as form fields: lists repeat under `name[]`, objects are JSON, null is left out."""
    return {_field_name(k, v): _field_value(v) for k, v in body.items() if v is not None}


def _field_name(name: str, value: object) -> str:
    return f"{name}[]" if isinstance(value, (list, tuple)) else name


def _field_value(value: object) -> object:
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, (list, tuple)) else str(value)
