"""Videos. Reached as `client.videos`: hand in, `wait`, `download`."""

from __future__ import annotations

from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call, json_call, with_session_header
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.resources._waiting import Waits
from openrouter_core.wire._base import Page
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.videos import Video, VideoModel, VideoOptions


class Videos(Resource[Mode]):
    """Jobs that make videos."""

    @http.post("/videos", "createVideos", job="starts", creates=True)
    def create(self, *, model: str, **options: Unpack[VideoOptions]) -> Call[Video]:
        """Start a job. Follow it with `wait`, then read the video with `download`.

        Source: createVideos
        """
        return json_call(Video, {"model": model}, with_session_header(options))

    @http.get("/videos/{jobId}", "getVideos", job="ends")
    def get(self, job_id: str, **options: Unpack[CallOptions]) -> Call[Video]:
        """Fetch how far a job is.

        Source: getVideos
        """
        return get_call(Video, options, path={"jobId": job_id})

    @http.download("/videos/{jobId}/content", "listVideosContent")
    def download(
        self, job_id: str, *, index: int | None = None, **options: Unpack[CallOptions]
    ) -> Call[bytes]:
        """Read the bytes of a completed job's video, piece by piece.

        Args:
            index: Which video, counted from 0.

        Source: listVideosContent
        """
        return get_call(bytes, options, path={"jobId": job_id}, query={"index": index})

    @http.get("/videos/models", "listVideosModels", key="none")
    def list_models(self, **options: Unpack[CallOptions]) -> Call[Page[VideoModel]]:
        """List the models that make videos, with what each can be asked for.

        Source: listVideosModels
        """
        return get_call(Page[VideoModel], options)

    wait = Waits(get, timeout_s=1800.0)
