"""The recorded exchanges: where they are, what they hold. Imports nothing of the packages under test.

The recordings are not part of this project. They are looked for in OPENROUTER_TRAFFIC_DIR, then in a
folder `shared/traffic` next to the checkout.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

ABSENT = (
    "Recorded traffic not found: set OPENROUTER_TRAFFIC_DIR to a folder of recordings "
    "to run the proof on real traffic."
)
_SHORTENED = re.compile(r"(?<![A-Za-z0-9+/])([A-Za-z0-9+/]*)\.\.\.TRUNCATED:\d+")
_CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, eq=False)
class Recording:
    """One HTTP exchange."""

    id: str
    tags: frozenset[str]
    method: str
    url: str
    request_body: Any
    status: int
    headers: dict[str, str]
    sse: str | None
    body: Any
    is_made: bool = False
    """Written by hand for a test: it does not count as traffic."""

    @property
    def path(self) -> str:
        """The path below the API's base, e.g. "/chat/completions"."""
        return urlsplit(self.url).path.removeprefix("/api/v1")

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query))

    @property
    def is_chat(self) -> bool:
        return self.path == "/chat/completions"

    @property
    def is_streamed(self) -> bool:
        return self.sse is not None

    @property
    def wants_stream(self) -> bool:
        """Whether the caller asked for a stream, whatever came back."""
        return self.is_streamed or bool(self.request.get("stream"))

    @property
    def request(self) -> dict[str, Any]:
        """The JSON body that was sent; empty when the recording has none."""
        return self.request_body if isinstance(self.request_body, dict) else {}

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The recorded conversation; a greeting where the recording has none."""
        return self.request.get("messages") or [{"role": "user", "content": "Hello"}]

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return self.request.get("model") or (self.request.get("models") or ["some/model"])[0]

    def __repr__(self) -> str:
        return f"<recording {self.id}>"


def folder() -> Path | None:
    """Return the folder of recordings, or None when there is none."""
    named = os.environ.get("OPENROUTER_TRAFFIC_DIR")
    place = Path(named) if named else _CHECKOUT.parent / "shared" / "traffic"
    return place if any(place.glob("*.json")) else None


@cache
def load_all() -> tuple[Recording, ...]:
    """Read every recording, in the order of the ids."""
    place = folder()
    if place is None:
        return ()
    return tuple(
        read(json.loads(_mended(f.read_text("utf-8")))) for f in sorted(place.glob("*.json"))
    )


def _mended(text: str) -> str:
    """Make base64 that was shortened for storage valid again: whole groups, without the note."""
    if "...TRUNCATED:" not in text:
        return text
    return _SHORTENED.sub(lambda found: found[1][: len(found[1]) // 4 * 4], text)


def read(data: dict[str, Any]) -> Recording:
    """Read one recording from its JSON."""
    request, response = data["request"], data["response"]
    return Recording(
        id=data["id"],
        tags=frozenset(data.get("tags", ())),
        method=request["method"],
        url=request["url"],
        request_body=request.get("body"),
        status=response["status"],
        headers={name.lower(): value for name, value in (response.get("headers") or {}).items()},
        sse=response.get("sse"),
        body=response.get("body"),
    )


def made(response: dict[str, Any], *, id: str = "made", **request: Any) -> Recording:
    """Make a recording by hand, for tests that need no real one."""
    return Recording(
        id=id,
        tags=frozenset(),
        method="POST",
        url="https://openrouter.ai/api/v1/chat/completions",
        request_body={"model": "m", "messages": [{"role": "user", "content": "Hello"}], **request},
        status=response.get("status", 200),
        headers={},
        sse=response.get("sse"),
        body=response.get("body"),
        is_made=True,
    )


def sse_of(*chunks: dict[str, Any]) -> str:
    """An event stream of these chunks, framed as OpenRouter frames it."""
    lines = [f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in chunks]
    return ": OPENROUTER PROCESSING\n\n" + "".join(lines) + "data: [DONE]\n\n"
