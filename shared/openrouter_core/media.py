"""Files, bytes and URLs as the parts that each endpoint takes: the endpoints name and shape them differently.

Called by applications and by the resources that upload. Reads files that are named by a path; sends nothing.
"""

from __future__ import annotations

import mimetypes
from base64 import b64encode
from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from struct import pack
from typing import IO, Any

from openrouter_core.errors import ConfigurationError

__all__ = [
    "Source",
    "Upload",
    "chat_audio",
    "chat_file",
    "embedding_part",
    "image_url",
    "inline",
    "stored_file",
    "upload_part",
    "video_url",
]

Source = bytes | PathLike[str]
"""The content of a file, or the path of one."""

Upload = bytes | str | PathLike[str] | IO[bytes]
"""What can be uploaded: content, a path, or a file opened in binary mode."""

AUDIO_FORMATS: Mapping[str, str] = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "aiff": "audio/aiff",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "pcm16": "audio/pcm",
    "pcm24": "audio/pcm",
    "webm": "audio/webm",
}
"""The API's names of audio formats (ChatContentAudio and STTRequest of its document), and their MIME types."""
PCM_RATE_HZ = 24_000
"""Samples per second of the `pcm16` that models speak: one channel, 16 bits, little-endian."""

_OTHER_NAMES = {
    **dict.fromkeys(("mpeg", "mpga", "x-mp3", "mpeg3", "x-mpeg"), "mp3"),
    **dict.fromkeys(("x-wav", "wave", "vnd.wave", "x-pn-wav"), "wav"),
    **dict.fromkeys(("mp4", "x-m4a", "m4b"), "m4a"),
    **dict.fromkeys(("x-aiff", "aif"), "aiff"),
    **dict.fromkeys(("x-aac", "aacp"), "aac"),
    **dict.fromkeys(("x-flac",), "flac"),
    **dict.fromkeys(("x-ogg", "vorbis", "opus", "oga"), "ogg"),
    **dict.fromkeys(("pcm", "l16"), "pcm16"),
    **dict.fromkeys(("l24",), "pcm24"),
}
"""Second halves of MIME types, and endings of files, that the API calls otherwise."""


def audio_format(name: str) -> str:
    """Return the API's name of an audio format.

        >>> audio_format("audio/x-flac"), audio_format(".MPEG"), audio_format("audio/L16; rate=24000")
        ('flac', 'mp3', 'pcm16')

    Args:
        name: A MIME type, the ending of a file or the name itself. What is unknown comes back as it is, in
            lower case.
    """
    bare = name.partition(";")[0].strip().lower().removeprefix(".").rpartition("/")[2]
    return _OTHER_NAMES.get(bare, bare)


def audio_mime_type(format: str) -> str:
    """Return the MIME type of a format; for raw samples of a model with their rate."""
    mime_type = AUDIO_FORMATS.get(format, f"audio/{format}")
    return f"{mime_type};rate={PCM_RATE_HZ}" if format == "pcm16" else mime_type


def pcm16_to_wav(samples: bytes, *, rate_hz: int = PCM_RATE_HZ, channels: int = 1) -> bytes:
    """Return raw 16-bit samples as a WAV file.

    Args:
        samples: Little-endian, the channels interleaved.
        rate_hz: Samples per second and channel.
    """
    frame = 2 * channels
    samples = samples[: len(samples) // frame * frame]
    head = pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, 1, channels),
        *(rate_hz, rate_hz * frame, frame, 16, b"data", len(samples)),
    )
    return head + samples


def upload_part(file: Upload, *, filename: str | None = None) -> tuple[str, bytes | IO[bytes]]:
    """Return the name and the content of a file for a multipart body.

    Raises:
        ConfigurationError: There is no such file, or it is opened as text.
    """
    if isinstance(file, bytes):
        return filename or "file", file
    if isinstance(file, (str, PathLike)):
        return filename or Path(file).name, _content(Path(file))
    if "b" not in getattr(file, "mode", "b"):
        raise ConfigurationError("The file is opened as text. Open it in binary mode ('rb').")
    name = getattr(file, "name", None)
    return filename or (Path(name).name if isinstance(name, str) else "file"), file


def image_url(source: Source | str, *, mime_type: str | None = None) -> dict[str, Any]:
    """Return an image part for chat, embeddings, images and videos.

    Args:
        source: An http(s) or data URL, a path, or the image itself.
        mime_type: E.g. "image/png"; for bytes it is needed, for a path it is guessed.
    """
    return {"type": "image_url", "image_url": {"url": _url(source, mime_type)}}


def video_url(source: Source | str, *, mime_type: str | None = None) -> dict[str, Any]:
    """Return a video part for chat and videos; embeddings take `embedding_part`."""
    return {"type": "video_url", "video_url": {"url": _url(source, mime_type)}}


def chat_audio(source: Source, *, format: str | None = None) -> dict[str, Any]:
    """Return an audio part for chat and transcriptions, which take no URL.

    Args:
        format: E.g. "wav" or "mp3"; for bytes it is needed, for a path it is its suffix.
    """
    return {"type": "input_audio", "input_audio": inline(source, format=format)}


def chat_file(
    source: Source | str, *, filename: str | None = None, mime_type: str | None = None
) -> dict[str, Any]:
    """Return a file part for chat, e.g. a PDF."""
    name = filename or (Path(source).name if isinstance(source, PathLike) else None)
    if name is None:
        raise ConfigurationError("Name the file: filename='report.pdf'.")
    return {"type": "file", "file": {"filename": name, "file_data": _url(source, mime_type)}}


def stored_file(file_id: str) -> dict[str, Any]:
    """Return a chat part that refers to a file of `client.files`."""
    return {"type": "file", "file": {"file_id": file_id}}


def embedding_part(kind: str, source: Source, *, format: str | None = None) -> dict[str, Any]:
    """Return an audio, video or file part for `client.embeddings`: a data URL, where chat takes bare base64.

    Args:
        kind: "audio", "video" or "file". Images are `image_url`, text is `{"type": "text", ...}`.
    """
    if kind not in ("audio", "video", "file"):
        raise ConfigurationError(f"Embeddings take audio, video or file parts, not {kind!r}.")
    name = _named(source, format)
    name = audio_format(name) if kind == "audio" else name.rpartition("/")[2]
    data = f"data:{_mime_type(kind, name)};base64,{_base64(source)}"
    return {"type": f"input_{kind}", f"input_{kind}": {"data": data, "format": name}}


def _mime_type(kind: str, format: str) -> str:
    if kind == "audio":
        return AUDIO_FORMATS.get(format, f"audio/{format}")
    guessed = mimetypes.guess_type(f"file.{format}")[0]
    return guessed or (f"video/{format}" if kind == "video" else "application/octet-stream")


def inline(source: Source, *, format: str | None = None) -> dict[str, str]:
    """Return sound as base64 with its format, e.g. {"data": "...", "format": "mp3"}."""
    return {"data": _base64(source), "format": audio_format(_named(source, format))}


def _named(source: Source, format: str | None) -> str:
    """The format that was given, else the ending of the path."""
    if format is None and isinstance(source, PathLike):
        format = Path(source).suffix.lstrip(".").lower()
    if not format:
        raise ConfigurationError("The format of the data is missing, e.g. format='mp3'.")
    return format


def _url(source: Source | str, mime_type: str | None) -> str:
    if isinstance(source, str):
        if "://" in source or source.startswith("data:"):
            return source
        raise ConfigurationError(
            "A string is taken as a URL, and this is none. Pass a file as pathlib.Path(...)."
        )
    if mime_type is None and isinstance(source, PathLike):
        mime_type = mimetypes.guess_type(fspath(source))[0]
    if mime_type is None:
        raise ConfigurationError("Say what the data is: mime_type='image/png'.")
    return f"data:{mime_type};base64,{_base64(source)}"


def _base64(source: Source) -> str:
    return b64encode(source if isinstance(source, bytes) else _content(Path(source))).decode()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path.name} cannot be read ({error.strerror}).") from error
