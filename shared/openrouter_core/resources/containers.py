"""Files that tools made in their sandboxes. Reached as `client.containers`."""

from __future__ import annotations

from typing import Unpack

from openrouter_core._call import Call
from openrouter_core.resources._calls import get_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire._options import CallOptions
from openrouter_core.wire.containers import ContainerFile, ContainerFiles
from openrouter_core.wire.files import StoredFile


class Containers(Resource[Mode]):
    """Files of containers; a container id comes with the result of a bash or shell tool."""

    @http.get("/containers/{container_id}/files", "listContainerFiles", pages="after")
    def list_files(
        self,
        container_id: str,
        *,
        limit: int | None = None,
        after: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Call[ContainerFiles]:
        """List the files of a container, by path.

        Args:
            after: The `last_id` of the page before.

        Source: listContainerFiles
        """
        return get_call(
            ContainerFiles,
            options,
            path={"container_id": container_id},
            query={"limit": limit, "after": after},
        )

    @http.get("/containers/{container_id}/files/{file_id}", "getContainerFile")
    def get_file(
        self, container_id: str, file_id: str, **options: Unpack[CallOptions]
    ) -> Call[ContainerFile]:
        """Fetch what is known of a file.

        Source: getContainerFile
        """
        return get_call(
            ContainerFile, options, path={"container_id": container_id, "file_id": file_id}
        )

    @http.download(
        "/containers/{container_id}/files/{file_id}/content", "downloadContainerFileContent"
    )
    def download(
        self, container_id: str, file_id: str, **options: Unpack[CallOptions]
    ) -> Call[bytes]:
        """Read a file's bytes, piece by piece.

        Source: downloadContainerFileContent
        """
        return get_call(bytes, options, path={"container_id": container_id, "file_id": file_id})

    @http.post(
        "/containers/{container_id}/files/{file_id}/promote", "promoteContainerFile", creates=True
    )
    def promote(
        self, container_id: str, file_id: str, **options: Unpack[CallOptions]
    ) -> Call[StoredFile]:
        """Copy a file into the workspace, where it outlives the container.

        Source: promoteContainerFile
        """
        return get_call(
            StoredFile, options, path={"container_id": container_id, "file_id": file_id}
        )
