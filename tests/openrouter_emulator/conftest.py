"""Fixtures of the emulator's own tests: one server for all of them, and plain HTTP to speak to it.

These tests stand on httpx2 alone, so that they judge the emulator and not the client.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from openrouter_emulator import Emulator

_MODEL = "openai/gpt-4o-mini"


class Wire:
    """Speaks HTTP to the emulator and reads what it says, as literally as can be."""

    def __init__(self, emulator: Emulator, http: httpx2.Client) -> None:
        self.emulator = emulator
        self.http = http

    def headers(self, key: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {key or self.emulator.api_key}"}

    def get(self, path: str, *, key: str | None = None, **query: Any) -> httpx2.Response:
        url = self.emulator.base_url + path
        return self.http.get(url, params=query, headers=self.headers(key))

    def post(
        self, path: str, body: Any, *, key: str | None = None, **headers: str
    ) -> httpx2.Response:
        sent = {**self.headers(key), **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.http.post(self.emulator.base_url + path, json=body, headers=sent)

    def chat(self, prompt: Any = "Hello", *, headers: dict[str, str] | None = None, **body: Any):
        """POST a chat request; a string becomes one user message."""
        messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        body = {"model": _MODEL, "messages": messages, **body}
        return self.post("/chat/completions", body, **(headers or {}))

    def ok(self, prompt: Any = "Hello", **body: Any) -> dict[str, Any]:
        """The body of a chat that must succeed."""
        answer = self.chat(prompt, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def message(self, prompt: Any = "Hello", **body: Any) -> dict[str, Any]:
        return self.ok(prompt, **body)["choices"][0]["message"]

    def refusal(self, prompt: Any = "Hello", **body: Any) -> tuple[int, str]:
        """Status and message of a chat that must fail in the API's envelope."""
        answer = self.chat(prompt, **body)
        assert answer.status_code >= 400, answer.text
        error = answer.json()["error"]
        assert error["code"] == answer.status_code
        return answer.status_code, error["message"]

    def stream(self, prompt: Any = "Hello", **body: Any) -> Stream:
        """A whole stream."""
        answer = self.chat(prompt, stream=True, **body)
        assert answer.status_code == 200, answer.text
        return Stream(answer)


class Stream:
    """A stream that was read to its end."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.headers = answer.headers
        self.frames = [f for f in answer.text.split("\n\n") if f]
        self.comments = [f for f in self.frames if f.startswith(":")]
        self.data = [f[6:] for f in self.frames if f.startswith("data: ")]
        self.done = bool(self.data) and self.data[-1] == "[DONE]"
        self.chunks = [json.loads(d) for d in self.data if d != "[DONE]"]

    @property
    def deltas(self) -> list[dict[str, Any]]:
        return [c["choices"][0]["delta"] for c in self.chunks if c.get("choices")]

    @property
    def text(self) -> str:
        return "".join(d.get("content") or "" for d in self.deltas)

    @property
    def usage(self) -> dict[str, Any]:
        found = [c["usage"] for c in self.chunks if "usage" in c]
        assert len(found) == 1
        return found[0]

    @property
    def tool_pieces(self) -> list[dict[str, Any]]:
        return [t for d in self.deltas for t in d.get("tool_calls") or []]

    def arguments(self) -> dict[int, Any]:
        """The parsed arguments of each call, by index."""
        texts: dict[int, str] = {}
        for piece in self.tool_pieces:
            at = piece["index"]
            texts[at] = texts.get(at, "") + piece["function"].get("arguments", "")
        return {at: json.loads(text) for at, text in texts.items()}


@pytest.fixture(scope="session")
def _server() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def _http() -> Iterator[httpx2.Client]:
    with httpx2.Client(timeout=10) as http:
        yield http


@pytest.fixture
def emulator(_server: Emulator) -> Emulator:
    """A local OpenRouter without memories."""
    _server.wait_idle()
    _server.reset()
    return _server


@pytest.fixture
def wire(emulator: Emulator, _http: httpx2.Client) -> Wire:
    return Wire(emulator, _http)


def function(name: str, *, required: bool = True, **properties: Any) -> dict[str, Any]:
    """A function tool; each property is a schema or the name of a type."""
    schemas = {k: {"type": v} if isinstance(v, str) else v for k, v in properties.items()}
    parameters = {"type": "object", "properties": schemas}
    if required:
        parameters["required"] = list(schemas)
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


@pytest.fixture
def tool():
    return function
