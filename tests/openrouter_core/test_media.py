"""Media as the parts of each endpoint."""

from __future__ import annotations

import base64
import io
import wave
from io import BytesIO
from pathlib import Path

import pytest

from openrouter_core import ConfigurationError, media

PNG = b"\x89PNG..."
BASE64 = base64.b64encode(PNG).decode()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    path.write_bytes(PNG)
    return path


def test_a_url_is_passed_on_as_it_is():
    part = media.image_url("https://x.y/cat.png")

    assert part == {"type": "image_url", "image_url": {"url": "https://x.y/cat.png"}}


def test_a_path_becomes_a_data_url(picture: Path):
    part = media.image_url(picture)

    assert part["image_url"]["url"] == f"data:image/png;base64,{BASE64}"


def test_bytes_need_to_be_named(picture: Path):
    assert media.video_url(PNG, mime_type="video/mp4")["video_url"]["url"].startswith(
        "data:video/mp4;"
    )
    with pytest.raises(ConfigurationError, match="mime_type"):
        media.image_url(PNG)


def test_a_string_that_is_no_url_is_not_taken_for_a_path():
    with pytest.raises(ConfigurationError, match=r"pathlib\.Path"):
        media.image_url("cat.png")


@pytest.mark.parametrize(
    ("format", "sent"),
    [
        ("mp3", "mp3"),
        ("MPEG", "mp3"),
        ("audio/mpeg", "mp3"),
        ("audio/x-wav", "wav"),
        ("audio/vnd.wave", "wav"),
        ("audio/x-flac", "flac"),
        ("audio/x-m4a", "m4a"),
        ("audio/mp4", "m4a"),
        ("audio/x-aiff", "aiff"),
        ("audio/L16;rate=24000", "pcm16"),
        ("audio/pcm;rate=24000", "pcm16"),
        ("audio/brand-new", "brand-new"),
        *((name, name) for name in media.AUDIO_FORMATS),
        *((mime, name) for name, mime in media.AUDIO_FORMATS.items() if name != "pcm24"),
    ],
)
def test_chat_audio_is_raw_base64_with_a_format(format: str, sent: str):
    part = media.chat_audio(PNG, format=format)

    assert part == {"type": "input_audio", "input_audio": {"data": BASE64, "format": sent}}


def test_the_format_of_a_path_is_its_suffix(tmp_path: Path):
    path = tmp_path / "talk.MP3"
    path.write_bytes(PNG)

    assert media.inline(path) == {"data": BASE64, "format": "mp3"}


@pytest.mark.parametrize(
    ("kind", "format", "sent", "mime_type"),
    [
        ("video", "mp4", "mp4", "video/mp4"),
        ("audio", "audio/x-wav", "wav", "audio/wav"),
        ("audio", "mp4", "m4a", "audio/mp4"),
        ("file", "pdf", "pdf", "application/pdf"),
        ("file", "brand-new", "brand-new", "application/octet-stream"),
    ],
)
def test_embeddings_take_data_urls(kind: str, format: str, sent: str, mime_type: str):
    """As the examples of the API's document have them (ContentPartInputVideo and its siblings)."""
    assert media.embedding_part(kind, PNG, format=format) == {
        "type": f"input_{kind}",
        f"input_{kind}": {"data": f"data:{mime_type};base64,{BASE64}", "format": sent},
    }


def test_samples_become_a_wav_file():
    samples = bytes(range(12))

    with wave.open(BytesIO(media.pcm16_to_wav(samples + b"\x00"))) as heard:
        assert heard.getparams()[:4] == (1, 2, 24_000, 6)
        assert heard.readframes(6) == samples
    with wave.open(BytesIO(media.pcm16_to_wav(samples, rate_hz=8000, channels=2))) as heard:
        assert heard.getparams()[:4] == (2, 2, 8_000, 3)


def test_samples_of_a_model_say_their_rate():
    assert media.audio_mime_type("pcm16") == "audio/pcm;rate=24000"
    assert media.audio_mime_type("wav") == "audio/wav"
    assert media.audio_mime_type("brand-new") == "audio/brand-new"


def test_a_kind_that_embeddings_do_not_have_is_refused():
    with pytest.raises(ConfigurationError, match="'image'"):
        media.embedding_part("image", PNG, format="png")


def test_a_file_part_needs_a_name(tmp_path: Path):
    path = tmp_path / "report.pdf"
    path.write_bytes(PNG)

    part = media.chat_file(path)

    assert part["file"]["filename"] == "report.pdf"
    assert part["file"]["file_data"] == f"data:application/pdf;base64,{BASE64}"
    with pytest.raises(ConfigurationError, match="filename"):
        media.chat_file(PNG, mime_type="application/pdf")


def test_a_stored_file_is_named_by_its_id():
    assert media.stored_file("or_file_1") == {"type": "file", "file": {"file_id": "or_file_1"}}


def test_a_file_can_be_uploaded_from_a_path_from_bytes_and_open(picture: Path):
    opened = io.BytesIO(PNG)

    assert media.upload_part(picture) == ("cat.png", PNG)
    assert media.upload_part(str(picture), filename="x.png") == ("x.png", PNG)
    assert media.upload_part(PNG) == ("file", PNG)
    assert media.upload_part(opened, filename="y") == ("y", opened)


def test_a_file_opened_as_text_is_refused(picture: Path):
    with (
        picture.open(encoding="latin-1") as opened,
        pytest.raises(ConfigurationError, match="'rb'"),
    ):
        media.upload_part(opened)  # type: ignore[arg-type]  # the mistake under test


def test_a_file_that_is_not_there_is_named_without_its_folder(tmp_path: Path):
    with pytest.raises(ConfigurationError, match=r"none\.png cannot be read") as caught:
        media.upload_part(tmp_path / "none.png")

    assert str(tmp_path) not in str(caught.value)
