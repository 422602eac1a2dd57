"""Videos: jobs that take minutes, and the models that make them. Read by `resources/videos.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from openrouter_core.wire._base import WireModel
from openrouter_core.wire._fields import Usd, UtcTime
from openrouter_core.wire._options import CallOptions, Trace

VideoStatus = Literal["pending", "in_progress", "completed", "failed", "cancelled", "expired"] | str
ENDED = frozenset({"completed", "failed", "cancelled", "expired"})
"""Statuses that do not change any more."""


class FrameImage(TypedDict):
    """The first or the last picture of a video."""

    type: Literal["image_url"]
    image_url: Mapping[str, str]
    """{"url": "..."}; an http(s) or data URL."""
    frame_type: Literal["first_frame", "last_frame"] | str


class VideoProvider(TypedDict, total=False):
    """Settings for one provider, by its slug."""

    options: Mapping[str, Mapping[str, object]] | None


class VideoOptions(CallOptions, total=False):
    """What a video can be asked for."""

    prompt: str | None
    duration: int | None
    """Seconds."""
    resolution: Literal["360p", "480p", "720p", "768p", "1080p", "1K", "2K", "4K"] | str | None
    aspect_ratio: str | None
    """E.g. "16:9"."""
    size: str | None
    """E.g. "1280x720"; instead of resolution and aspect ratio."""
    frame_images: Sequence[FrameImage] | None
    """They count more than `input_references`."""
    input_references: Sequence[Mapping[str, object]] | None
    """`image_url`, `audio_url` and `video_url` parts."""
    generate_audio: bool | None
    seed: int | None
    callback_url: str | None
    """An https address that gets a webhook when the job ends."""
    creativity: int | None
    """For upscalers."""
    upscale_factor: float | None
    """For upscalers, more than 0."""
    previous_job_id: str | None
    """The job whose video is carried on."""
    provider: VideoProvider | None
    session_id: str | None
    trace: Trace | None
    user: str | None


class VideoUsage(WireModel):
    """What the video cost."""

    cost: Usd | None = None
    is_byok: bool | None = None


class Video(WireModel):
    """A job that makes a video."""

    id: str
    status: VideoStatus | None = None
    polling_url: str | None = None
    generation_id: str | None = None
    """For `client.generations.get`."""
    unsigned_urls: list[str] | None = None
    """Where the videos are; on OpenRouter's host the key is needed to read them."""
    urls: list[str] | None = None
    expires_at: UtcTime | None = None
    usage: VideoUsage | None = None
    error: str | None = None
    """Why the job failed."""

    @property
    def is_ended(self) -> bool:
        """Whether the status does not change any more."""
        return self.status in ENDED


class UpscaleRange(WireModel):
    """How far an upscaler goes."""

    min: float | None = None
    max: float | None = None


class VideoModel(WireModel):
    """A model that makes videos, and what it can be asked for."""

    id: str
    canonical_slug: str | None = None
    name: str | None = None
    created: UtcTime | None = None
    description: str | None = None
    hugging_face_id: str | None = None
    supported_resolutions: list[str] | None = None
    supported_aspect_ratios: list[str] | None = None
    supported_sizes: list[str] | None = None
    supported_durations: list[int] | None = None
    """Seconds."""
    supported_frame_images: list[str] | None = None
    generate_audio: bool | None = None
    seed: bool | None = None
    creativity: list[int] | None = None
    upscale_factor: UpscaleRange | None = None
    pricing_skus: dict[str, Usd] | None = None
    """USD per unit, by what is billed."""
    allowed_passthrough_parameters: list[str] | None = None
