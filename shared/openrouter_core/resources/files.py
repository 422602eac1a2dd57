"""Files to refer to in later calls. Reached as `client.files`."""

from __future__ import annotations

from typing import Any, Literal, Unpack

from openrouter_core._call import Call
from openrouter_core.media import Upload, upload_part
from openrouter_core.resources._calls import get_call
from openrouter_core.resources._endpoint import Mode, Resource, http
from openrouter_core.wire.files import DeletedFile, FileScope, FilesPage, StoredFile


class Files(Resource[Mode]):
    """Stored files."""

    @http.get("/files", "listFiles", pages="cursor")
    def list(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        after: str | None = None,
        after_id: str | None = None,
        before_id: str | None = None,
        order: Literal["asc", "desc"] | str | None = None,
        **options: Unpack[FileScope],
    ) -> Call[FilesPage]:
        """List files.

        Args:
            limit: 1 to 1,000.
            cursor: The `cursor` of the page before.
            after: For OpenAI's files: the id of the last file of the page before. `after_id` and `before_id` are Anthropic's.

        Source: listFiles
        """
        query = {
            "limit": limit,
            "cursor": cursor,
            "after": after,
            "after_id": after_id,
            "before_id": before_id,
            "order": order,
        }
        return get_call(FilesPage, options, query=query)

    @http.post("/files", "uploadFile", creates=True)
    def create(
        self, file: Upload, *, filename: str | None = None, **options: Unpack[FileScope]
    ) -> Call[StoredFile]:
        """Upload a file of at most 100 MB. Its type is found out from the content.

        Args:
            file: A path, bytes, or a file opened in binary mode.
            filename: Default: the name of the path or file.

        Source: uploadFile
        """
        call = get_call(StoredFile, options)
        parts: dict[str, Any] = {"file": upload_part(file, filename=filename)}
        return Call(
            StoredFile,
            query=call.query,
            headers=call.headers,
            timeout_s=call.timeout_s,
            form=dict(options.get("extra_body", {})),
            files=parts,
        )

    @http.get("/files/{file_id}", "getFileMetadata")
    def get(self, file_id: str, **options: Unpack[FileScope]) -> Call[StoredFile]:
        """Fetch what is known of a file.

        Source: getFileMetadata
        """
        return get_call(StoredFile, options, path={"file_id": file_id})

    @http.download("/files/{file_id}/content", "downloadFileContent")
    def download(self, file_id: str, **options: Unpack[FileScope]) -> Call[bytes]:
        """Read a file's bytes, piece by piece.

        Raises:
            BadRequestError: The file was uploaded; only files that a tool made can be read back.

        Source: downloadFileContent
        """
        return get_call(bytes, options, path={"file_id": file_id})

    @http.delete("/files/{file_id}", "deleteFile")
    def delete(self, file_id: str, **options: Unpack[FileScope]) -> Call[DeletedFile]:
        """Delete a file.

        Source: deleteFile
        """
        return get_call(DeletedFile, options, path={"file_id": file_id})
