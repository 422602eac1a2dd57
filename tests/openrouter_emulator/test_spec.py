"""The other outside witness: what the emulator answers satisfies the JSON Schemas of the API's description."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema
import pytest

from tests.contract import spec


@cache
def _description() -> dict[str, Any]:
    opened: dict[str, Any] = _opened(spec.newest_document())
    return opened


@cache
def _schema(method: str, path: str) -> dict[str, Any]:
    known = _description()
    (found,) = [o for o in known["operations"] if (o["method"], o["path"]) == (method, path)]
    return {"anyOf": found["success_json"], "$defs": known["$defs"]}


def _opened(schema: Any) -> Any:
    """The schema with its open enums opened: `x-open` says that other values may come."""
    if isinstance(schema, list):
        return [_opened(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {k: _opened(v) for k, v in schema.items() if not (k == "enum" and "x-open" in schema)}


def _check(method: str, path: str, body: Any) -> None:
    validator = jsonschema.Draft202012Validator(_schema(method, path))
    problems = [
        f"{deep.json_path}: {deep.message[:200]}"
        for error in validator.iter_errors(body)
        for deep in (error.context or [error])
    ]
    assert problems == []


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/models", "/models?output_modalities=all"),
        ("/models/count", "/models/count"),
        ("/models/user", "/models/user"),
        ("/models/{author}/{slug}/endpoints", "/models/deepseek/deepseek-v3.2/endpoints"),
        ("/model/{author}/{slug}", "/model/openai/gpt-5.5"),
        ("/endpoints/zdr", "/endpoints/zdr"),
        ("/providers", "/providers"),
        ("/embeddings/models", "/embeddings/models"),
        ("/key", "/key"),
    ],
)
def test_what_is_read_fits_the_description(wire, path, url):
    _check("GET", path, wire.get(url).json())


def test_credits_fit_the_description(wire):
    _check("GET", "/credits", wire.get("/credits", key=wire.emulator.management_key).json())


TOOL = {"type": "function", "function": {"name": "w", "parameters": {"type": "object"}}}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"tools": [TOOL]},
        {"logprobs": True},
        {"model": "anthropic/claude-haiku-4.5", "reasoning": {"effort": "low"}},
        {"model": "openai/gpt-5.5"},
        {"model": "google/gemini-3-flash-preview", "tools": [TOOL]},
        {"model": "google/gemini-2.5-flash-image"},
        {"model": "perplexity/sonar"},
        {"model": "emulator/refuser"},
    ],
    ids=lambda b: b.get("model", "-".join(b) or "text"),
)
def test_chat_and_generation_fit_the_description(wire, body):
    """The schema of `/generation/content` is left out: a name in it means another thing elsewhere."""
    answer = wire.ok("Hello", **body)
    _check("POST", "/chat/completions", answer)
    _check("GET", "/generation", wire.get("/generation", id=answer["id"]).json())


def test_embeddings_fit_the_description(wire):
    """Rerank is left out: the description gives its `Result` the shape of another endpoint's."""
    body = {"model": "openai/text-embedding-3-small", "input": "x"}
    _check("POST", "/embeddings", wire.post("/embeddings", body).json())
