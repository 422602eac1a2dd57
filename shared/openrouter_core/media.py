"""Files, bytes and URLs as the parts that each endpoint takes: the endpoints name and shape them differently.

Called by applications and by the resources that upload. Reads files that are named by a path; sends nothing.
"""

from __future__ import annotations

import mimetypes
from base64 import b64encode
from os import PathLike, fspath
from pathlib import Path
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

_AUDIO_NAMES = {"audio/mpeg": "mp3", "audio/x-wav": "wav", "audio/wave": "wav", "audio/mp4": "m4a"}
"""MIME types whose usual name is not their second half."""


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
    """Return an audio, video or file part for `client.embeddings`.

    Args:
        kind: "audio", "video" or "file". Images are `image_url`, text is `{"type": "text", ...}`.
    """
    if kind not in ("audio", "video", "file"):
        raise ConfigurationError(f"Embeddings take audio, video or file parts, not {kind!r}.")
    return {"type": f"input_{kind}", f"input_{kind}": inline(source, format=format)}


def inline(source: Source, *, format: str | None = None) -> dict[str, str]:
    """Return content as base64 with its format, e.g. {"data": "...", "format": "mp3"}."""
    if format is None and isinstance(source, PathLike):
        format = Path(source).suffix.lstrip(".").lower()
    if not format:
        raise ConfigurationError("Say what the data is: format='mp3'.")
    name = _AUDIO_NAMES.get(format) or format.rpartition("/")[2]
    return {"data": _base64(source), "format": name}


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
