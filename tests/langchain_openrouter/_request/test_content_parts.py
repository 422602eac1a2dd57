"""Content blocks of every dialect become the content parts of the wire."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from langchain_openrouter._request import content_parts
from langchain_openrouter._request.content_parts import to_part
from langchain_openrouter.errors import ConfigurationError

PNG = "iVBORw0KGgoAAAA="
MARK = {"type": "ephemeral", "ttl": "1h"}

BLOCKS: dict[str, tuple[Any, dict[str, Any]]] = {
    "string": ("Hi", {"type": "text", "text": "Hi"}),
    "text": ({"type": "text", "text": "Hi"}, {"type": "text", "text": "Hi"}),
    "text-bookkeeping": (
        {
            "type": "text",
            "text": "Hi",
            "id": "x",
            "index": 0,
            "annotations": [{"type": "citation"}],
        },
        {"type": "text", "text": "Hi"},
    ),
    "text-extra-key": (
        {"type": "text", "text": "Hi", "brand_new": 1},
        {"type": "text", "text": "Hi", "brand_new": 1},
    ),
    "text-breakpoint": (
        {"type": "text", "text": "Hi", "extras": {"prompt_cache_breakpoint": {"mode": "explicit"}}},
        {"type": "text", "text": "Hi", "prompt_cache_breakpoint": {"mode": "explicit"}},
    ),
    "text-plain": (
        {"type": "text-plain", "text": "Body", "title": "T", "mime_type": "text/plain"},
        {"type": "text", "text": "T\n\nBody"},
    ),
    "text-plain-base64": (
        {"type": "text-plain", "base64": "SGk=", "mime_type": "text/plain"},
        {"type": "file", "file": {"file_data": "data:text/plain;base64,SGk="}},
    ),
    "image-url": (
        {"type": "image", "url": "https://a.b/c.png?x=1"},
        {"type": "image_url", "image_url": {"url": "https://a.b/c.png?x=1"}},
    ),
    "image-base64": (
        {"type": "image", "base64": "AAAA", "mime_type": "image/webp"},
        {"type": "image_url", "image_url": {"url": "data:image/webp;base64,AAAA"}},
    ),
    "image-sniffed": (
        {"type": "image", "base64": PNG},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
    ),
    "image-file-id": (
        {"type": "image", "file_id": "file-1"},
        {"type": "file", "file": {"file_id": "file-1"}},
    ),
    "image-detail": (
        {"type": "image", "url": "https://a.b/c", "extras": {"detail": "original"}},
        {"type": "image_url", "image_url": {"url": "https://a.b/c", "detail": "original"}},
    ),
    "image-v0": (
        {"type": "image", "source_type": "base64", "data": "AAAA", "mime_type": "image/gif"},
        {"type": "image_url", "image_url": {"url": "data:image/gif;base64,AAAA"}},
    ),
    "image-anthropic-base64": (
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
    ),
    "image-anthropic-url": (
        {"type": "image", "source": {"type": "url", "url": "https://a.b/c"}},
        {"type": "image_url", "image_url": {"url": "https://a.b/c"}},
    ),
    "image-anthropic-file": (
        {"type": "image", "source": {"type": "file", "file_id": "file-1"}},
        {"type": "file", "file": {"file_id": "file-1"}},
    ),
    "image_url": (
        {"type": "image_url", "image_url": {"url": "https://a.b/c", "detail": "low", "new": 1}},
        {"type": "image_url", "image_url": {"url": "https://a.b/c", "detail": "low", "new": 1}},
    ),
    "image_url-string": (
        {"type": "image_url", "image_url": "https://a.b/c"},
        {"type": "image_url", "image_url": {"url": "https://a.b/c"}},
    ),
    "audio-mpeg-is-mp3": (
        {"type": "audio", "base64": "AAAA", "mime_type": "audio/mpeg"},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
    ),
    "audio-x-wav": (
        {"type": "audio", "base64": "AAAA", "mime_type": "audio/x-wav"},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
    ),
    "audio-with-parameters": (
        {"type": "audio", "base64": "AAAA", "mime_type": "audio/ogg; codecs=opus"},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "ogg"}},
    ),
    "audio-pcm16": (
        {"type": "audio", "base64": "AAAA", "mime_type": "audio/pcm16"},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "pcm16"}},
    ),
    "audio-data-url": (
        {"type": "audio", "url": "data:audio/flac;base64,AAAA"},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "flac"}},
    ),
    "input_audio": (
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "pcm24"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "pcm24"}},
    ),
    "video-url": (
        {"type": "video", "url": "https://youtu.be/x"},
        {"type": "video_url", "video_url": {"url": "https://youtu.be/x"}},
    ),
    "video-base64": (
        {"type": "video", "base64": "AAAA"},
        {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}},
    ),
    "input_video": (
        {"type": "input_video", "video_url": {"url": "https://a.b/c.mp4"}},
        {"type": "input_video", "video_url": {"url": "https://a.b/c.mp4"}},
    ),
    "file-pdf": (
        {"type": "file", "base64": "AAAA", "mime_type": "application/pdf", "filename": "a.pdf"},
        {
            "type": "file",
            "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
        },
    ),
    "file-url": (
        {"type": "file", "url": "https://a.b/c.pdf", "extras": {"filename": "c.pdf"}},
        {"type": "file", "file": {"filename": "c.pdf", "file_data": "https://a.b/c.pdf"}},
    ),
    "file-id": (
        {"type": "file", "file_id": "file-1"},
        {"type": "file", "file": {"file_id": "file-1"}},
    ),
    "file-v0": (
        {"type": "file", "source_type": "base64", "data": "AA", "mime_type": "text/csv"},
        {"type": "file", "file": {"file_data": "data:text/csv;base64,AA"}},
    ),
    "file-openai": (
        {"type": "file", "file": {"file_data": "https://a.b/c.pdf", "filename": "c.pdf", "new": 1}},
        {"type": "file", "file": {"file_data": "https://a.b/c.pdf", "filename": "c.pdf", "new": 1}},
    ),
    "document-base64": (
        {
            "type": "document",
            "title": "c.pdf",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "AA"},
        },
        {
            "type": "file",
            "file": {"filename": "c.pdf", "file_data": "data:application/pdf;base64,AA"},
        },
    ),
    "document-text": (
        {
            "type": "document",
            "source": {"type": "text", "media_type": "text/plain", "data": "Body"},
        },
        {"type": "text", "text": "Body"},
    ),
    "search_result": (
        {
            "type": "search_result",
            "title": "T",
            "source": "https://a.b",
            "content": [{"type": "text", "text": "Found"}],
        },
        {"type": "text", "text": "T\n\nhttps://a.b\n\nFound"},
    ),
    "non_standard-known": (
        {
            "type": "non_standard",
            "value": {"type": "image_url", "image_url": {"url": "https://a.b"}},
        },
        {"type": "image_url", "image_url": {"url": "https://a.b"}},
    ),
}


@pytest.mark.parametrize(("block", "part"), BLOCKS.values(), ids=BLOCKS.keys())
def test_block_becomes_its_part(block: Any, part: dict[str, Any]):
    assert to_part(block) == part


@pytest.mark.parametrize(
    "name", ["text", "image-url", "audio-mpeg-is-mp3", "file-pdf", "video-url"]
)
@pytest.mark.parametrize("place", ["block", "extras"])
def test_f1_row44_cache_control_survives_on_any_block(name: str, place: str):
    """quirks.md F1, gap row 44: also inside the `extras` of an image."""
    block, part = BLOCKS[name]
    marked = {"cache_control": MARK} if place == "block" else {"extras": {"cache_control": MARK}}

    assert to_part({**block, **marked}) == {**part, "cache_control": MARK}


def test_g5_unknown_block_is_sent_unchanged_and_logged_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    """quirks.md G5: unknown block types are passed on."""
    monkeypatch.setattr(content_parts, "_logged", set())
    block = {"type": "hologram", "hologram": {"depth": 3}, "index": 4}

    with caplog.at_level(logging.WARNING, "openrouter"):
        sent = [to_part(block), to_part(block)]

    assert sent == [block, block]
    assert [r.getMessage() for r in caplog.records] == [
        "Content block of type 'hologram' is not known here and is sent unchanged."
    ]


def test_block_without_type_is_sent_unchanged():
    assert to_part({"words": "Hi"}) == {"words": "Hi"}


def test_row4_audio_by_url_is_refused_with_what_to_do():
    with pytest.raises(ConfigurationError, match=r"base64 only.*Download"):
        to_part({"type": "audio", "url": "https://a.b/c.mp3"})


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ({"type": "audio", "base64": "AAAA"}, "mime_type"),
        ({"type": "image", "base64": "AAAA"}, "mime_type"),
        ({"type": "image"}, "url, base64 or file_id"),
        ({"type": "file"}, "url, base64 or file_id"),
    ],
)
def test_block_without_what_it_needs_is_refused(block: dict[str, Any], says: str):
    with pytest.raises(ConfigurationError, match=says):
        to_part(block)


def test_keys_that_langchain_moved_into_extras_come_back():
    """LangChain rewrites OpenAI's own parts before a model sees them."""
    audio = {"type": "audio", "base64": "AA", "mime_type": "audio/mp3", "extras": {"audio_rate": 8}}
    file = {"type": "file", "file_id": "f", "extras": {"file_filename": "a.pdf"}}

    assert to_part(audio)["input_audio"] == {"data": "AA", "format": "mp3", "rate": 8}
    assert to_part(file)["file"] == {"file_id": "f", "filename": "a.pdf"}
