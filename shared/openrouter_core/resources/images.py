"""Images. Reached as `client.images`."""

from __future__ import annotations

from functools import partial
from typing import Unpack

from openrouter_core._call import Call, StreamCall
from openrouter_core.resources._calls import (
    body_of,
    get_call,
    json_call,
    stream_call,
    with_session_header,
)
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.streaming.images import ImageAccumulator
from openrouter_core.wire._base import Page
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.images import (
    ImageEvent,
    ImageModel,
    ImageModelEndpoints,
    ImageOptions,
)
from openrouter_core.wire.images import Images as ImageReply


class Images(Resource[Mode]):
    """Making images, and the models that do."""

    @http.post("/images", "createImages", billed=True)
    def create(
        self, prompt: str, *, model: str, **options: Unpack[ImageOptions]
    ) -> Call[ImageReply]:
        """Make images; they come as base64.

        Raises:
            BadRequestError: The model does not honour a parameter, or two of them disagree.

        Source: createImages
        """
        return json_call(
            ImageReply, {"model": model, "prompt": prompt}, with_session_header(options)
        )

    @http.sse("/images", "createImages", billed=True)
    def stream(
        self, prompt: str, *, model: str, **options: Unpack[ImageOptions]
    ) -> StreamCall[ImageEvent, ImageAccumulator]:
        """Make images with previews on the way, where the provider sends any.

        Source: createImages
        """
        body: dict[str, object] = {"model": model, "prompt": prompt, "stream": True}
        wanted = body_of({}, options).get("n")
        wanted = wanted if isinstance(wanted, int) else 1
        return stream_call(
            partial(ImageAccumulator, wanted), ImageEvent, body, with_session_header(options)
        )

    @http.get("/images/models", "listImageModels", key="none")
    def list_models(self, **options: Unpack[CallOptions]) -> Call[Page[ImageModel]]:
        """List the models that make images, with what each can be asked for.

        Source: listImageModels
        """
        return get_call(Page[ImageModel], options)

    @http.get("/images/models/{author}/{slug}/endpoints", "listImageModelEndpoints", key="none")
    def endpoints(
        self, author: str, slug: str, **options: Unpack[CallOptions]
    ) -> Call[ImageModelEndpoints]:
        """Fetch every provider's prices and limits for an image model.

        Source: listImageModelEndpoints
        """
        return get_call(ImageModelEndpoints, options, path={"author": author, "slug": slug})
