"""`content_blocks` of OpenRouter's messages: LangChain's standard blocks, nothing lost."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk

from langchain_openrouter import chat_models  # noqa: F401  # registers the block translator

OURS = {"model_provider": "openrouter"}


def blocks(content: Any = "", **extra: Any) -> list[Any]:
    calls = extra.pop("tool_calls", [])
    return AIMessage(
        content, additional_kwargs=extra, response_metadata=OURS, tool_calls=calls
    ).content_blocks


def test_reasoning_is_one_block_per_detail_with_the_rest_in_extras():
    details = [
        {"type": "reasoning.summary", "summary": "S", "id": "rs_1", "format": "f", "index": 0},
        {"type": "reasoning.text", "text": "T", "signature": "sig", "id": None, "index": 1},
    ]

    assert blocks(reasoning_details=details, reasoning_content="ST") == [
        {
            "type": "reasoning",
            "reasoning": "S",
            "id": "rs_1",
            "extras": {"type": "reasoning.summary", "format": "f", "index": 0},
        },
        {
            "type": "reasoning",
            "reasoning": "T",
            "extras": {"type": "reasoning.text", "signature": "sig", "id": None, "index": 1},
        },
    ]


def test_a13_encrypted_reasoning_is_carried_but_never_shown():
    """quirks.md A13."""
    (block,) = blocks(reasoning_details=[{"type": "reasoning.encrypted", "data": "gAAA"}])

    assert block["reasoning"] == ""
    assert block["extras"]["data"] == "gAAA"


def test_a8_plain_reasoning_is_a_reasoning_block():
    """quirks.md A8."""
    assert blocks("Hi", reasoning_content="Hm.") == [
        {"type": "reasoning", "reasoning": "Hm."},
        {"type": "text", "text": "Hi"},
    ]


@pytest.mark.parametrize(
    ("result", "status"),
    [('{"status": "ok"}', "success"), ('{"status": "error"}', "error"), ("plain", "success")],
)
def test_server_tool_activity_is_a_call_and_its_result(result: str, status: str):
    detail = {
        "type": "reasoning.server_tool_call",
        "tool_name": "openrouter:web_search",
        "arguments": '{"query": "x"}',
        "result": result,
        "tool_call_id": "s1",
    }

    call, answer = blocks(reasoning_details=[detail])

    assert call == {
        "type": "server_tool_call",
        "id": "s1",
        "name": "openrouter:web_search",
        "args": {"query": "x"},
    }
    assert (answer["tool_call_id"], answer["status"], answer["output"]) == ("s1", status, result)


def test_row21_unknown_detail_is_non_standard():
    detail = {"type": "reasoning.future", "x": 1}

    assert blocks(reasoning_details=[detail]) == [{"type": "non_standard", "value": detail}]


def test_g1_row7_citations_are_annotations_of_the_text():
    """quirks.md G1, gap row 7: every inner field is optional."""
    cited = {"url": "https://a.b", "title": "T", "content": "words", "start_index": 0, "score": 1}
    annotations = [
        {"type": "url_citation", "url_citation": cited},
        {"type": "url_citation", "url_citation": {}},
        {"type": "file", "file": {"hash": "h"}},
    ]

    (text,) = blocks("Hi", annotations=annotations)

    assert text["annotations"] == [
        {
            "type": "citation",
            "url": "https://a.b",
            "title": "T",
            "cited_text": "words",
            "start_index": 0,
            "extras": {"score": 1},
        },
        {"type": "citation"},
        {"type": "non_standard_annotation", "value": {"type": "file", "file": {"hash": "h"}}},
    ]


def test_annotations_without_text_are_kept():
    annotation = {"type": "file", "file": {"hash": "h"}}

    assert blocks(annotations=[annotation]) == [{"type": "non_standard", "value": annotation}]


@pytest.mark.parametrize(
    ("image", "block"),
    [
        (
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
            {"type": "image", "base64": "AA", "mime_type": "image/png"},
        ),
        ({"image_url": {"url": "https://a.b"}}, {"type": "image", "url": "https://a.b"}),
        ({"odd": 1}, {"type": "non_standard", "value": {"odd": 1}}),
    ],
)
def test_g4_row6_output_images_are_image_blocks(image: Any, block: Any):
    """quirks.md G4, gap row 6."""
    assert blocks(images=[image]) == [block]


def test_row9_output_audio_is_an_audio_block():
    audio = {"id": "a1", "data": "AA", "transcript": "Hi", "expires_at": 1}

    assert blocks(audio=audio) == [
        {
            "type": "audio",
            "id": "a1",
            "base64": "AA",
            "extras": {"transcript": "Hi", "expires_at": 1},
        }
    ]


def test_row17_refusal_is_a_block():
    (block,) = blocks(refusal="No.")

    found = block["value"] if block["type"] == "non_standard" else block
    assert found == {"type": "refusal", "refusal": "No."}


def test_tool_calls_are_blocks():
    call = {"name": "f", "args": {"a": 1}, "id": "c1"}

    assert blocks("Hi", tool_calls=[call]) == [
        {"type": "text", "text": "Hi"},
        {"type": "tool_call", **call},
    ]


def test_content_parts_of_other_types_are_kept():
    parts = ["Hi", {"type": "image_url", "image_url": {"url": "https://a.b"}}, {"type": "new"}]

    assert blocks(parts) == [
        {"type": "text", "text": "Hi"},
        {"type": "image", "url": "https://a.b"},
        {"type": "non_standard", "value": {"type": "new"}},
    ]


def test_chunk_shows_its_piece():
    chunk = AIMessageChunk(
        "",
        response_metadata=OURS,
        additional_kwargs={"reasoning_content": "Hm"},
        tool_call_chunks=[{"name": "f", "args": "{", "id": "c1", "index": 0}],
    )

    assert chunk.content_blocks == [
        {"type": "reasoning", "reasoning": "Hm"},
        {"type": "tool_call_chunk", "name": "f", "args": "{", "id": "c1", "index": 0},
    ]


def test_last_chunk_does_not_repeat_reasoning_that_went_before():
    detail = {"type": "reasoning.text", "text": "Hm.", "signature": "sig"}
    last = AIMessageChunk(
        "",
        response_metadata=OURS,
        additional_kwargs={"reasoning_details": [detail]},
        chunk_position="last",
    )

    assert last.content_blocks == [
        {"type": "reasoning", "extras": {"type": "reasoning.text", "signature": "sig"}}
    ]


def test_messages_of_other_providers_are_not_touched():
    message = AIMessage("Hi", response_metadata={"model_provider": "openai"})

    assert message.content_blocks == [{"type": "text", "text": "Hi"}]
