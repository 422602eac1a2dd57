"""Content parts that every provider takes: images of their true type, marks where they may stand."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from openrouter_core.chat.content_parts import (
    mark_last_part,
    sniffed_type,
    with_true_media,
    without_empty_text,
)

MARK = {"cache_control": {"type": "ephemeral"}}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


# ---------------------------------------------------------------- marks


@pytest.mark.parametrize(
    ("parts", "marked"),
    [
        ([text("a"), text("b")], 1),
        ([text("a"), IMAGE], 0),
        ([text("a"), text("")], 0),
        ([IMAGE, text("")], 0),
        ([IMAGE, IMAGE], 1),
        ([text("")], None),
        ([], None),
    ],
    ids=["last text", "before an image", "before empty", "image", "last image", "empty", "nothing"],
)
def test_the_last_part_that_may_carry_a_mark_is_marked(parts: Any, marked: int | None):
    expected = [{**part, **MARK} if at == marked else part for at, part in enumerate(parts)]
    assert mark_last_part(parts, MARK) == expected


def test_a_mark_that_a_part_has_gives_way_to_a_later_one():
    earlier, later = (
        {"cache_control": {"type": "ephemeral"}},
        {"cache_control": {"type": "ephemeral", "ttl": "1h"}},
    )
    assert without_empty_text([text("a", **earlier), text("", **later)]) == [text("a", **later)]


# ---------------------------------------------------------------- media

_BYTES = {
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1",
    "gif": b"GIF89a\1\0\1\0\0\0\0",
    "webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "svg+xml": b"<svg xmlns='http:",
    "pdf": b"%PDF-1.7 and more",
}
DATA = {kind: base64.b64encode(content).decode() for kind, content in _BYTES.items()}


def url_of(mime: str, kind: str) -> str:
    return f"data:{mime};base64,{DATA[kind]}"


@pytest.mark.parametrize(
    ("declared", "true"),
    [
        (url_of("image/jpeg", "png"), url_of("image/png", "png")),
        (url_of("image/png", "jpeg"), url_of("image/jpeg", "jpeg")),
        (url_of("image/png", "webp"), url_of("image/webp", "webp")),
        (url_of("application/octet-stream", "gif"), url_of("image/gif", "gif")),
        (url_of("image/jpg", "jpeg"), url_of("image/jpeg", "jpeg")),
        ("data:image/jpg;base64,AAAAAAAA", "data:image/jpeg;base64,AAAAAAAA"),
        ("data:image/png;base64," + url_of("image/jpeg", "png"), url_of("image/png", "png")),
        (url_of("image/png", "png"), url_of("image/png", "png")),
        (url_of("image/svg+xml", "svg+xml"), url_of("image/svg+xml", "svg+xml")),
        (url_of("image/png", "pdf"), url_of("image/png", "pdf")),
        ("data:image/heic;base64,AAAAAAAA", "data:image/heic;base64,AAAAAAAA"),
        ("data:image/png;base64,!", "data:image/png;base64,!"),
        (
            "data:image/png;base64,"
            + base64.b64encode(url_of("image/jpeg", "png").encode()).decode(),
            url_of("image/png", "png"),
        ),
        (
            "https://example.com/a.jpg?data:image/jpg;base64,",
            "https://example.com/a.jpg?data:image/jpg;base64,",
        ),
    ],
)
def test_the_bytes_of_an_image_decide_its_type(declared: str, true: str):
    part = {"type": "image_url", "image_url": {"url": declared, "detail": "low"}}
    assert with_true_media(part) == {
        "type": "image_url",
        "image_url": {"url": true, "detail": "low"},
    }


@pytest.mark.parametrize("wrapped", ["{}", "data:audio/wav;base64,{}"])
def test_sound_is_sent_as_bare_base64(wrapped: str):
    sound = {
        "type": "input_audio",
        "input_audio": {"data": wrapped.format("AAAA"), "format": "wav"},
    }
    assert with_true_media(sound)["input_audio"] == {"data": "AAAA", "format": "wav"}


def test_what_is_no_image_url_keeps_what_it_says():
    file = {
        "type": "file",
        "file": {"filename": "a", "file_data": url_of("application/pdf", "png")},
    }
    assert with_true_media(file) is file
    assert with_true_media({"type": "of-tomorrow"}) == {"type": "of-tomorrow"}


@pytest.mark.parametrize(
    ("kind", "mime"),
    [("png", "image/png"), ("webp", "image/webp"), ("pdf", "application/pdf"), ("svg+xml", None)],
)
def test_a_type_is_read_off_the_first_bytes(kind: str, mime: str | None):
    assert sniffed_type(DATA[kind]) == mime


def test_megabytes_of_data_are_looked_at_in_their_first_characters_only():
    """A conversation with pictures goes through here with every turn."""
    data = DATA["png"] + "A" * 40_000_000
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    assert with_true_media(part) is part
