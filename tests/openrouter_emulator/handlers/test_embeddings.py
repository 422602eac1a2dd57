"""POST /embeddings: forms of input, encodings, and vectors that mean something."""

from __future__ import annotations

import base64
import math
import struct

import pytest

MODEL = "openai/text-embedding-3-small"


def _embed(wire, input, **body):
    return wire.post("/embeddings", {"model": MODEL, "input": input, **body})


def _vectors(wire, input, **body):
    answer = _embed(wire, input, **body)
    assert answer.status_code == 200, answer.text
    return [row["embedding"] for row in answer.json()["data"]]


def test_the_reply_has_the_recorded_shape(wire):
    answer = _embed(wire, ["a", "b"])
    body = answer.json()

    assert set(body) == {"object", "data", "model", "usage", "provider", "id"}
    assert (body["object"], body["model"]) == ("list", "text-embedding-3-small")
    assert body["id"].startswith("gen-emb-")
    assert "x-generation-id" not in answer.headers
    assert [row["index"] for row in body["data"]] == [0, 1]
    assert "completion_tokens" not in body["usage"]


def test_vectors_are_unit_long_and_the_same_for_the_same_text(wire):
    first, second = _vectors(wire, ["the cat sat", "the cat sat"])

    assert first == second
    assert len(first) == 1536
    assert math.isclose(sum(v * v for v in first), 1, abs_tol=1e-5)


def test_texts_with_words_in_common_are_nearer(wire):
    cat, kitten, stock = _vectors(
        wire, ["the cat sat on a mat", "a cat on the mat", "bonds rallied"]
    )

    def dot(a, b):
        return sum(x * y for x, y in zip(a, b, strict=True))

    assert dot(cat, kitten) > dot(cat, stock) + 0.2


def test_base64_carries_the_same_numbers(wire):
    (floats,) = _vectors(wire, "x", dimensions=8)
    (encoded,) = _vectors(wire, "x", dimensions=8, encoding_format="base64")

    assert list(struct.unpack("<8f", base64.b64decode(encoded))) == floats


@pytest.mark.parametrize(
    ("input", "count"),
    [("one", 1), (["one", "two"], 2), ([1, 2, 3], 1), ([[1], [2, 3]], 2)],
    ids=["text", "texts", "tokens", "token-lists"],
)
def test_every_form_of_input_is_taken(wire, input, count):
    assert len(_vectors(wire, input)) == count


def test_parts_are_fused_to_one_vector_on_a_multimodal_model(wire):
    parts = [
        {"type": "text", "text": "x"},
        {"type": "input_video", "input_video": {"data": "QUJD", "format": "mp4"}},
    ]
    body = {"model": "google/gemini-embedding-2", "input": [{"content": parts}]}

    assert len(wire.post("/embeddings", body).json()["data"]) == 1
    assert _embed(wire, [{"content": parts}]).status_code == 404


@pytest.mark.parametrize(
    ("input", "body"),
    [
        ("", {}),
        ([], {}),
        ([""], {}),
        ([1, "a"], {}),
        (None, {}),
        ([{"content": [{"type": "video_url", "video_url": {"url": "https://a"}}]}], {}),
        ("x", {"dimensions": 0}),
        ("x", {"encoding_format": 8}),
        ("x", {"provider": {"sort": 1}}),
    ],
)
def test_junk_is_refused(wire, input, body):
    assert _embed(wire, input, **body).status_code == 400


def test_models_that_embed_are_listed(wire):
    rows = wire.http.get(wire.emulator.base_url + "/embeddings/models").json()["data"]

    assert MODEL in [m["id"] for m in rows]
    assert all(m["architecture"]["output_modalities"] == ["embeddings"] for m in rows)
