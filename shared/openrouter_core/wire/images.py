"""Images: what can be asked for, what comes back, whole or as a stream. Read by `resources/images.py`."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Required, TypedDict

from openrouter_core.wire._base import JsonValue, WireModel
from openrouter_core.wire._fields import Modality, Usd, UtcTime
from openrouter_core.wire._options import CallOptions, Trace


class ImageProvider(TypedDict, total=False):
    """Which providers may answer."""

    order: Sequence[str] | None
    only: Sequence[str] | None
    ignore: Sequence[str] | None
    allow_fallbacks: bool | None
    sort: str | Mapping[str, object] | None
    options: Mapping[str, Mapping[str, object]] | None
    """Settings for one provider, by its slug."""


class ImageOptions(CallOptions, total=False):
    """What an image can be asked for; `client.images.endpoints` says what a model honours."""

    n: int | None
    """1 to 10; providers may make fewer."""
    size: str | None
    """A tier such as "2K", or "1024x1536"; instead of resolution and aspect ratio."""
    resolution: Literal["512", "768", "1K", "1.5K", "2K", "4K"] | str | None
    aspect_ratio: str | None
    """E.g. "16:9" or "auto"."""
    quality: Literal["auto", "low", "medium", "high", "xhigh", "max"] | str | None
    background: Literal["auto", "transparent", "opaque"] | str | None
    output_format: Literal["png", "jpeg", "webp", "svg"] | str | None
    output_compression: int | None
    """0 to 100."""
    seed: int | None
    input_references: Sequence[Mapping[str, object]] | None
    """At most 16 `image_url` parts; `openrouter_core.media.image_url` makes them."""
    provider: ImageProvider | None
    session_id: str | None
    trace: Trace | None
    user: str | None


class Image(WireModel):
    """One image."""

    b64_json: str
    """The image as base64; there are no URLs. SVG comes this way too."""
    media_type: str | None = None
    """E.g. "image/png"."""

    @property
    def content(self) -> bytes:
        """The image's bytes."""
        return b64decode(self.b64_json)


class ImageCostDetails(WireModel):
    """What the cost is made of, in USD."""

    upstream_inference_cost: Usd | None = None
    upstream_inference_prompt_cost: Usd | None = None
    upstream_inference_completions_cost: Usd | None = None
    server_tool_cost: Usd | None = None


class ImageUsage(WireModel):
    """What the images took."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    cost: Usd | None = None
    cost_details: ImageCostDetails | None = None
    is_byok: bool | None = None
    prompt_tokens_details: dict[str, JsonValue] | None = None
    completion_tokens_details: dict[str, JsonValue] | None = None
    server_tool_use: dict[str, JsonValue] | None = None
    cache_creation: dict[str, JsonValue] | None = None
    iterations: list[JsonValue] | None = None
    service_tier: str | None = None
    speed: str | None = None


class Images(WireModel):
    """The images of one call. The generation id is `http.generation_id`; the body has none."""

    data: list[Image]
    created: UtcTime | None = None
    usage: ImageUsage | None = None


class ImageEvent(TypedDict, total=False):
    """One event of an image stream: a plain dict, as received. Types may be added by the API."""

    type: Required[
        Literal[
            "image_generation.partial_image",
            "image_generation.text_chunk",
            "image_generation.completed",
            "image_generation.whole_reply",
        ]
        | str
    ]
    """`whole_reply` is ours: the provider did not stream, and its reply stands in the event."""
    b64_json: str
    """The image so far, or the whole one when completed."""
    partial_image_index: int
    media_type: str
    phase: Literal["content", "reasoning", "draft"] | str
    """What `text` belongs to."""
    text: str
    created: int
    """Epoch seconds."""
    usage: dict[str, Any]
    data: list[dict[str, Any]]
    """The images of a whole reply."""


class ImageCapability(WireModel):
    """What a parameter accepts: listed values, a range, or true and false."""

    type: Literal["enum", "range", "boolean"] | str | None = None
    values: list[str] | None = None
    min: float | None = None
    max: float | None = None


class ImageArchitecture(WireModel):
    """What goes in and what comes out."""

    input_modalities: list[Modality] | None = None
    output_modalities: list[Modality] | None = None


class ImageModel(WireModel):
    """A model that makes images."""

    id: str
    name: str | None = None
    description: str | None = None
    created: UtcTime | None = None
    architecture: ImageArchitecture | None = None
    supported_parameters: dict[str, ImageCapability] | None = None
    """By parameter; what is missing is not supported."""
    supports_streaming: bool | None = None
    endpoints: str | None = None
    """A path on the API's host."""


class ImagePrice(WireModel):
    """One line of an endpoint's prices."""

    billable: (
        Literal["output_image", "input_image", "input_font", "input_reference", "input_text"]
        | str
        | None
    ) = None
    unit: Literal["request", "image", "megapixel", "token"] | str | None = None
    cost_usd: Usd | None = None
    """Per unit."""
    variant: str | None = None


class ImageEndpoint(WireModel):
    """One provider's offer of one image model."""

    provider_name: str | None = None
    provider_slug: str | None = None
    """What `provider.options` is keyed by."""
    provider_tag: str | None = None
    pricing: list[ImagePrice] | None = None
    supported_parameters: dict[str, ImageCapability] | None = None
    allowed_passthrough_parameters: list[str] | None = None
    supports_streaming: bool | None = None


class ImageModelEndpoints(WireModel):
    """An image model with every provider's offer of it."""

    id: str
    endpoints: list[ImageEndpoint] | None = None
