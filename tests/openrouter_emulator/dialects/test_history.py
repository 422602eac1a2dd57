"""Histories that providers refuse, in their words; each is accepted with `dialects` off."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

CLAUDE = "anthropic/claude-haiku-4.5"
GEMINI = "google/gemini-3-flash-preview"
GPT = "openai/gpt-5.5"
MISTRAL = "mistralai/mistral-medium-3.1"
KIMI = "moonshotai/kimi-k2-thinking"
QUESTION = {"role": "user", "content": "Go on."}
EPHEMERAL = {"cache_control": {"type": "ephemeral"}}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").decode()


def turn(*details: Any, **more: Any) -> list[Any]:
    answer = {"role": "assistant", "content": "So.", **more}
    return [
        QUESTION,
        {**answer, "reasoning_details": list(details)} if details else answer,
        QUESTION,
    ]


def called(*ids: str) -> list[Any]:
    calls = [
        {"id": i, "type": "function", "function": {"name": "f", "arguments": "{}"}} for i in ids
    ]
    results = [{"role": "tool", "tool_call_id": i, "content": "1"} for i in ids]
    return [QUESTION, {"role": "assistant", "content": None, "tool_calls": calls}, *results]


def parts(*content: Any) -> list[Any]:
    return [{"role": "user", "content": list(content)}]


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def image(url: str) -> list[Any]:
    return parts(text("Look."), {"type": "image_url", "image_url": {"url": url}})


OF_CLAUDE = {
    "type": "reasoning.text",
    "text": "Hm.",
    "signature": "s",
    "format": "anthropic-claude-v1",
}
OF_GPT = {"type": "reasoning.encrypted", "data": "k", "id": "rs_1", "format": "openai-responses-v1"}
OF_AZURE = {**OF_GPT, "format": "azure-openai-responses-v1"}
OF_GEMINI = {"type": "reasoning.text", "text": "", "signature": "g", "format": "google-gemini-v1"}
SEALED_BY_GEMINI = {"type": "reasoning.encrypted", "data": "g", "format": "google-gemini-v1"}

REFUSED = [
    (CLAUDE, parts(text(""), text("x")), "messages: text content blocks must be non-empty"),
    (CLAUDE, parts(text(" "), text("x")), "must contain non-whitespace text"),
    (CLAUDE, turn(content=""), "messages: text content blocks must be non-empty"),
    (CLAUDE, parts(text("x"), text("", **EPHEMERAL)), "cannot be set for empty text blocks"),
    (CLAUDE, parts(*(text(str(n), **EPHEMERAL) for n in range(5))), "A maximum of 4 blocks"),
    (CLAUDE, called("functions.f:0"), "tool_use.id: String should match pattern"),
    (CLAUDE, [*called("f0"), *called("f0")], "`tool_use` ids must be unique"),
    (CLAUDE, turn(OF_GEMINI), "Invalid `signature` in `thinking` block"),
    (CLAUDE, image(f"data:image/jpeg;base64,{PNG}"), "appears to be a image/png image"),
    (CLAUDE, image(f"data:image/jpg;base64,{PNG}"), "media_type: Input should be 'image/jpeg'"),
    (CLAUDE, image(f"data:image/png;base64,data:image/png;base64,{PNG}"), "invalid base64 data"),
    (GEMINI, turn(OF_CLAUDE), "Corrupted thought signature."),
    (MISTRAL, called("call_123456789"), "must be a-z, A-Z, 0-9, with a length of 9."),
    (GPT, called("x" * 65), "string too long. Expected a string with maximum length 64"),
]


@pytest.mark.parametrize(("model", "messages", "words"), REFUSED, ids=[case[2] for case in REFUSED])
def test_a_provider_refuses_in_its_own_words(wire: Any, model: str, messages: Any, words: str):
    answer = wire.chat(messages, model=model)

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["message"] == "Provider returned error"
    assert words in json.loads(error["metadata"]["raw"]).__str__()
    assert error["metadata"]["provider_name"]


@pytest.mark.parametrize(
    ("model", "detail"),
    [(GPT, SEALED_BY_GEMINI), (GEMINI, OF_GPT), (CLAUDE, OF_AZURE), (KIMI, OF_GPT)],
    ids=["gpt", "gemini", "claude", "kimi"],
)
def test_openrouter_finds_nobody_for_encrypted_reasoning_of_another_vendor(
    wire: Any, model: str, detail: Any
):
    status, words = wire.refusal(turn(detail), model=model)

    assert status == 404
    assert "produced under a different model" in words


@pytest.mark.parametrize(
    ("model", "messages"),
    [
        (GPT, turn(OF_GPT)),
        (GPT, turn(OF_AZURE)),
        (GPT, turn(OF_CLAUDE)),
        (GPT, parts(text(""), text("x"))),
        (GPT, parts(*(text(str(n), **EPHEMERAL) for n in range(5)))),
        (GPT, called("functions.f:0")),
        (GPT, image(f"data:image/jpeg;base64,{PNG}")),
        (CLAUDE, turn(OF_CLAUDE)),
        (CLAUDE, parts(*(text(str(n), **EPHEMERAL) for n in range(4)))),
        (CLAUDE, turn(content="")[:2]),
        (CLAUDE, image("data:image/png;base64,AAAA")),
        (GEMINI, turn(SEALED_BY_GEMINI)),
        (MISTRAL, called("6vLUWtMFK")),
        (KIMI, called("functions.f:0")),
    ],
)
def test_what_a_provider_takes_is_taken(wire: Any, model: str, messages: Any):
    assert wire.ok(messages, model=model)


@pytest.mark.parametrize(("model", "messages"), [case[:2] for case in REFUSED])
def test_without_dialects_all_of_it_is_taken(wire: Any, model: str, messages: Any):
    wire.emulator.dialects = False
    assert wire.ok(messages, model=model)
