"""Models whose providers do not know base64."""

from __future__ import annotations

from typing import Any

import pytest

MODELS = ["nvidia/nemotron-3-embed-1b:free", "google/gemini-embedding-2-preview"]


def vectors(wire: Any, model: str, form: str) -> list[Any]:
    answer = wire.post("/embeddings", {"model": model, "input": "x", "encoding_format": form})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.mark.parametrize("model", MODELS)
def test_they_answer_with_nothing(wire: Any, model: str):
    assert vectors(wire, model, "base64") == []
    assert len(vectors(wire, model, "float")) == 1


def test_others_know_it(wire: Any):
    assert len(vectors(wire, "openai/text-embedding-3-small", "base64")) == 1


@pytest.mark.parametrize("model", MODELS)
def test_without_dialects_they_know_it(wire: Any, model: str):
    wire.emulator.dialects = False

    assert len(vectors(wire, model, "base64")) == 1
