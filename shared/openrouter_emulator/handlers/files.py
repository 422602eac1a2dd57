"""Stored files, and the files of tool containers. What was uploaded cannot be read back; what a tool made can.

The API has three shapes and does not say how one is chosen. Here an upload with a `purpose` is OpenAI's, one
with an `anthropic-version` header Anthropic's, any other OpenRouter's; a list has the shape of the paging
parameters that it is asked with.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import UploadFile

from openrouter_core.resources.containers import Containers
from openrouter_core.resources.files import Files
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._paging import whole_number
from openrouter_emulator.planned_response import JsonObject, PlannedResponse
from openrouter_emulator.registry import handles
from openrouter_emulator.requests import HandlerRequest
from openrouter_emulator.state import seed_data
from openrouter_emulator.state.table import Table

_SHAPES = frozenset({"openai", "anthropic", "openrouter"})
_MOST_BYTES = 100 * 1024 * 1024
_MAGIC = (
    (b"%PDF", "application/pdf"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
)
_TEXT_KINDS = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "csv": "text/csv",
    "md": "text/markdown",
}


def _files(request: HandlerRequest) -> Table:
    return request.state.table("File")


def _kind(content: bytes, filename: str) -> str:
    """The type that the content shows; 400 when it is none that the API takes."""
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    if content[:4] == b"RIFF":
        return "image/webp" if content[8:12] == b"WEBP" else "audio/wav"
    try:
        content.decode()
    except UnicodeDecodeError:
        raise ApiError(400, "Unsupported file type") from None
    return _TEXT_KINDS.get(filename.rpartition(".")[2].lower(), "text/plain")


@handles(Files.create)
async def create(request: HandlerRequest) -> JsonObject:
    """Keep a file."""
    sent = request.form.get("file") if request.form else None
    if not isinstance(sent, UploadFile):
        raise ApiError(400, "file: Required")
    content = await sent.read()
    if not content:
        raise ApiError(400, "file: Must not be empty")
    if len(content) > _MOST_BYTES:
        raise ApiError(413, "The file is larger than 100 MB")
    assert request.form is not None
    purpose = request.form.get("purpose")
    return _shown(_keep(request, sent.filename or "file", content, purpose=purpose))


def _keep(
    request: HandlerRequest,
    filename: str,
    content: bytes,
    *,
    purpose: Any = None,
    downloadable: bool = False,
) -> JsonObject:
    row: JsonObject = {
        "id": f"or_file_{uuid.uuid4().hex[:24]}",
        "filename": filename,
        "mime_type": _kind(content, filename),
        "content": content,
        "at": time.time(),
        "purpose": purpose if isinstance(purpose, str) else "user_data",
        "downloadable": downloadable,
        "shape": _shape(request, purpose),
        "workspace_id": request.query.get("workspace_id") or request.caller.workspace_id,
    }
    return _files(request).add(row)


def _shape(request: HandlerRequest, purpose: object) -> str:
    if purpose is not None or request.query.get("provider") == "openai":
        return "openai"
    headers = request.headers
    if "anthropic-version" in headers or request.query.get("provider") == "anthropic":
        return "anthropic"
    return "openrouter"


def _shown(row: Mapping[str, Any], shape: str | None = None) -> JsonObject:
    shape = shape or row["shape"]
    head = {"_shape": shape, "id": row["id"], "filename": row["filename"]}
    if shape == "openai":
        facts = {"object": "file", "bytes": len(row["content"]), "created_at": int(row["at"])}
        return {**head, **facts, "purpose": row["purpose"], "status": "processed"}
    at = datetime.fromtimestamp(row["at"], UTC).isoformat(timespec="milliseconds")
    facts = {"type": "file", "created_at": at.replace("+00:00", "Z")}
    size = {"mime_type": row["mime_type"], "size_bytes": len(row["content"])}
    return {**head, **facts, **size, "downloadable": row["downloadable"]}


def _row(request: HandlerRequest) -> JsonObject:
    return _files(request).get(request.path["file_id"])


@handles(Files.list)
def list_files(request: HandlerRequest) -> JsonObject:
    """A page of files, oldest first; the cursor is the id of its last file."""
    query = request.query
    if "before_id" in query or query.get("order") == "desc":
        raise ApiError(400, "before_id and order=desc are not supported on OpenRouter's storage")
    workspace = query.get("workspace_id") or request.caller.workspace_id
    rows = _files(request).rows(lambda row: row["workspace_id"] == workspace)
    page, more = _after(rows, query)
    shape = _list_shape(query)
    ends = {
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
    }
    shown: JsonObject = {"_shape": shape, "data": [_shown(row, shape) for row in page], **ends}
    shown["has_more"] = more
    if shape == "openai":
        return {**shown, "object": "list"}
    return shown if shape == "anthropic" else {**shown, "cursor": ends["last_id"] if more else None}


def _list_shape(query: Mapping[str, str]) -> str:
    if "after" in query or "order" in query:
        return "openai"
    shape = "anthropic" if "after_id" in query else query.get("provider")
    return shape if shape in _SHAPES else "openrouter"


def _after(
    rows: list[JsonObject], query: Mapping[str, str], *, default: int = 100
) -> tuple[list[JsonObject], bool]:
    """The page behind the row that the query names, and whether more follow."""
    limit = whole_number("limit", query.get("limit", str(default)), low=1, high=1000)
    before = next((query[k] for k in ("cursor", "after", "after_id") if k in query), None)
    ids = [row["id"] for row in rows]
    if before is not None and before not in ids:
        raise ApiError(400, "The cursor names no file")
    start = ids.index(before) + 1 if before is not None else 0
    return rows[start : start + limit], start + limit < len(rows)


@handles(Files.get)
def get(request: HandlerRequest) -> JsonObject:
    """What is known of a file."""
    return _shown(_row(request))


@handles(Files.download)
def download(request: HandlerRequest) -> PlannedResponse:
    """The bytes of a file that a tool made; 400 for an uploaded one."""
    row = _row(request)
    if not row["downloadable"]:
        raise ApiError(400, "Only files that were created by a tool can be downloaded")
    return PlannedResponse([row["content"]], content_type="application/octet-stream")


@handles(Files.delete)
def delete(request: HandlerRequest) -> JsonObject:
    """Remove a file."""
    row = _files(request).remove(_row(request)["id"])
    if row["shape"] == "openai":
        return {"_shape": "openai", "id": row["id"], "object": "file", "deleted": True}
    return {"_shape": row["shape"], "id": row["id"], "type": "file_deleted"}


# ---------------------------------------------------------------- containers


def _container_files(request: HandlerRequest) -> list[JsonObject]:
    if request.path["container_id"] != seed_data.CONTAINER:
        return []
    return [
        {
            "id": id,
            "object": "container.file",
            "container_id": seed_data.CONTAINER,
            "path": path,
            "bytes": len(content),
            "created_at": seed_data.SINCE_S,
            "source": "assistant",
        }
        for id, (path, content) in seed_data.CONTAINER_FILES.items()
    ]


def _container_file(request: HandlerRequest) -> tuple[JsonObject, bytes]:
    for row in _container_files(request):
        if row["id"] == request.path["file_id"]:
            return row, seed_data.CONTAINER_FILES[row["id"]][1]
    raise ApiError(404, "Container file not found")


@handles(Containers.list_files)
def list_container_files(request: HandlerRequest) -> JsonObject:
    """The files of a container; none of one that does not exist."""
    page, more = _after(_container_files(request), request.query)
    ends = {
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
    }
    return {"object": "list", "data": page, "has_more": more, **ends}


@handles(Containers.get_file)
def get_container_file(request: HandlerRequest) -> JsonObject:
    """What is known of a container's file."""
    return _container_file(request)[0]


@handles(Containers.download)
def download_container_file(request: HandlerRequest) -> PlannedResponse:
    """The bytes of a container's file."""
    return PlannedResponse([_container_file(request)[1]], content_type="application/octet-stream")


@handles(Containers.promote)
def promote(request: HandlerRequest) -> JsonObject:
    """Keep a container's file among the stored files, where it can be downloaded."""
    row, content = _container_file(request)
    name = str(row["path"]).rpartition("/")[2]
    return _shown(_keep(request, name, content, downloadable=True))
