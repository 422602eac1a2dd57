"""Speech and transcriptions. Read by `resources/audio.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict

from openrouter_core.wire._base import WireModel
from openrouter_core.wire._fields import Usd
from openrouter_core.wire._options import CallOptions, Trace


class AudioProvider(TypedDict, total=False):
    """Which providers may answer, and settings for each by its slug."""

    options: Mapping[str, Mapping[str, object]] | None
    data_collection: Literal["allow", "deny"] | str | None
    zdr: bool | None


class SpeechTurn(TypedDict, total=False):
    """What one voice says in a dialogue."""

    text: Required[str]
    voice: str | None
    instructions: str | None


class SpeechOptions(CallOptions, total=False):
    """How text is spoken."""

    voice: str | None
    """A voice of the model (`Model.supported_voices`); some providers have a default."""
    response_format: Literal["mp3", "pcm"] | str | None
    """The API's default is "pcm", without a header that players understand."""
    speed: float | None
    instructions: str | None
    """How to speak, in words."""
    input_references: Sequence[Mapping[str, object]] | None
    """A voice to copy: an `input_audio` part, with a `text` part of what is said in it."""
    provider: AudioProvider | None
    session_id: str | None
    trace: Trace | None
    user: str | None


class AudioInput(TypedDict, total=False):
    """Sound to transcribe: base64 data with its format, or a URL."""

    data: str
    """Base64, not a data URI."""
    format: str | None
    """E.g. "wav" or "mp3"."""
    url: str


class TranscriptionOptions(CallOptions, total=False):
    """How sound is written down."""

    language: str | None
    """Two letters, e.g. "en"; by default it is recognised."""
    temperature: float | None
    response_format: Literal["json", "verbose_json"] | str | None
    """"verbose_json" adds segments and words, at some providers."""
    timestamp_granularities: Sequence[Literal["word", "segment"] | str] | None
    diarize: bool | None
    """Tell speakers apart."""
    keyterms: Sequence[str] | None
    """Words to expect."""
    provider: AudioProvider | None
    session_id: str | None
    trace: Trace | None
    user: str | None


class Segment(WireModel):
    """A stretch of speech."""

    id: int | None = None
    start: float | None = None
    """Seconds from the beginning."""
    end: float | None = None
    text: str | None = None
    speaker: int | None = None
    """Which speaker, counted from 0."""
    speaker_label: str | None = None
    channel: int | None = None
    seek: int | None = None
    tokens: list[int] | None = None
    temperature: float | None = None
    avg_logprob: float | None = None
    compression_ratio: float | None = None
    no_speech_prob: float | None = None


class Word(WireModel):
    """A word and when it is said."""

    word: str | None = None
    start: float | None = None
    """Seconds from the beginning."""
    end: float | None = None
    type: Literal["word", "audio_event"] | str | None = None
    confidence: float | None = None
    """0 to 1."""
    speaker: int | None = None
    speaker_label: str | None = None
    channel: int | None = None


class TranscribedEntity(WireModel):
    """A name or a thing that is mentioned."""

    text: str | None = None
    type: str | None = None
    start_char: int | None = None
    end_char: int | None = None


class TranscriptionUsage(WireModel):
    """What it took: seconds or tokens, by provider."""

    seconds: float | None = None
    """Length of the sound."""
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cost: Usd | None = None


class Transcription(WireModel):
    """What was said."""

    text: str
    language: str | None = None
    language_confidence: float | None = None
    """0 to 1."""
    confidence: float | None = None
    """0 to 1."""
    duration: float | None = None
    """Seconds."""
    task: str | None = None
    segments: list[Segment] | None = None
    words: list[Word] | None = None
    entities: list[TranscribedEntity] | None = None
    usage: TranscriptionUsage | None = None
