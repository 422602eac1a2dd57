"""Messages that other LangChain packages made: read through LangChain's translators, never refused."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage

from langchain_openrouter._request import content_parts
from openrouter_emulator.validation.messages import MESSAGES, history
from tests.langchain_openrouter._request.conversation import to_wire

UNION = {"text", "image_url", "input_audio", "video_url", "input_video", "file"}
CALL = {"name": "f", "args": {"a": 1}, "id": "c1"}


def of(provider: str | None, content: Any, **more: Any) -> dict[str, Any]:
    """The wire message for an answer of another package."""
    metadata = {"model_provider": provider} if provider else {}
    (wire,) = to_wire([AIMessage(content, response_metadata=metadata, **more)])
    MESSAGES([{"role": "user", "content": "Hi"}, wire], "messages")
    history([wire])
    return wire


def server_tool(name: str, arguments: Any, result: Any, identity: str) -> dict[str, Any]:
    return {
        "type": "reasoning.server_tool_call",
        "tool_name": name,
        "arguments": json.dumps(arguments),
        "result": result if isinstance(result, str) else json.dumps(result),
        "tool_call_id": identity,
    }


# ---------------------------------------------------------------- server tools of others

FOUND = [
    {"type": "web_search_result", "title": "T", "url": "https://a.b", "encrypted_content": "e"}
]
ANTHROPIC_SEARCH = [
    {"type": "text", "text": "Let me look."},
    {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "q"}},
    {"type": "web_search_tool_result", "tool_use_id": "s1", "content": FOUND},
    {"type": "text", "text": "Found.", "citations": [{"type": "web_search_result_location", "url": "https://a.b", "cited_text": "x"}]},
]  # fmt: skip
RAN = {"type": "bash_code_execution_result", "stdout": "3", "return_code": 0}
ANTHROPIC_CODE = [
    {"type": "server_tool_use", "id": "s1", "name": "bash_code_execution", "input": {"command": "ls"}},
    {"type": "bash_code_execution_tool_result", "tool_use_id": "s1", "content": RAN},
    {"type": "text", "text": "Done."},
]  # fmt: skip
OPENAI_SEARCH = [
    {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "q"}},
    {"type": "text", "text": "Found.", "annotations": []},
]  # fmt: skip
OPENAI_CODE = [
    {"type": "code_interpreter_call", "id": "ci_1", "status": "completed", "code": "1+2", "outputs": [{"type": "logs", "logs": "3"}]},
    {"type": "text", "text": "3"},
]  # fmt: skip
OPENAI_IMAGE = [
    {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "iVBORw0KGgo=", "output_format": "png"},
    {"type": "text", "text": "Here."},
]  # fmt: skip
OPENAI_CUSTOM = [
    {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c1", "name": "f", "input": "x", "status": "completed"},
]  # fmt: skip
GOOGLE_CODE = [
    {"type": "executable_code", "executable_code": "print(3)", "language": 1, "id": "x1"},
    {"type": "code_execution_result", "code_execution_result": "3", "outcome": 1, "tool_call_id": "x1"},
    "It is 3.",
]  # fmt: skip

SERVER_TOOLS = [
    ("anthropic", ANTHROPIC_SEARCH, "web_search", {"query": "q"}, FOUND, "s1"),
    ("anthropic", ANTHROPIC_CODE, "bash_code_execution", {"command": "ls"}, RAN, "s1"),
    ("openai", OPENAI_SEARCH, "web_search", {"type": "search", "query": "q"}, "", "ws_1"),
    ("openai", OPENAI_CODE, "code_interpreter", {"code": "1+2"}, OPENAI_CODE[0]["outputs"], "ci_1"),
    ("google_genai", GOOGLE_CODE, "code_interpreter", {"code": "print(3)", "language": 1}, "3", "x1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("provider", "content", "name", "arguments", "result", "identity"),
    SERVER_TOOLS,
    ids=[f"{case[0]}-{case[2]}" for case in SERVER_TOOLS],
)
def test_server_tools_of_others_become_details(
    provider: str, content: Any, name: str, arguments: Any, result: Any, identity: str
):
    wire = of(provider, content)

    (detail,) = wire["reasoning_details"]
    assert detail | {"arguments": json.loads(detail["arguments"])} == {
        **server_tool(name, arguments, result, identity),
        "arguments": arguments,
    }


@pytest.mark.parametrize(
    ("provider", "content"),
    [
        ("anthropic", ANTHROPIC_SEARCH),
        ("anthropic", ANTHROPIC_CODE),
        ("openai", OPENAI_SEARCH),
        ("openai", OPENAI_CODE),
        ("openai", OPENAI_IMAGE),
        ("openai", [*OPENAI_CUSTOM, {"type": "text", "text": "x"}]),
        ("google_genai", GOOGLE_CODE),
        (None, ANTHROPIC_SEARCH),
        (None, [{"type": "of-tomorrow", "value": 1}, {"type": "text", "text": "x"}]),
        (
            "anthropic",
            [{"type": "container_upload", "file_id": "f"}, {"type": "text", "text": "x"}],
        ),
    ],
)
def test_content_of_an_answer_holds_parts_of_the_api_only(provider: Any, content: Any):
    sent = of(provider, content)["content"]
    assert isinstance(sent, str) or {part["type"] for part in sent} <= UNION


def test_an_image_that_openai_made_goes_back_as_an_image():
    assert of("openai", OPENAI_IMAGE)["images"] == [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    ]


def test_what_has_no_form_is_left_out_and_said_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(content_parts, "_logged", set[str]())
    with caplog.at_level(logging.WARNING, "openrouter"):
        for _ in range(2):
            of(None, [{"type": "of-tomorrow"}, {"type": "text", "text": "x"}])
    (record,) = caplog.records
    assert "'of-tomorrow'" in record.message


def test_what_openrouter_itself_said_goes_back_whatever_it_is():
    metadata = {"model_provider": "openrouter"}
    content: Any = [{"type": "of-tomorrow", "value": 1}, {"type": "text", "text": "x"}]
    (wire,) = to_wire([AIMessage(content, response_metadata=metadata)])
    assert wire["content"] == content


# ---------------------------------------------------------------- signatures say whose they are

THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "SIG"}
V1_THOUGHT = {"type": "reasoning", "reasoning": "Hm.", "extras": {"signature": "SIG"}}
BEDROCK_THOUGHT = {
    "type": "reasoning_content",
    "reasoning_content": {"text": "Hm.", "signature": "SIG"},
}
CLAUDES, GEMINIS = "anthropic-claude-v1", "google-gemini-v1"


@pytest.mark.parametrize(
    ("provider", "block", "form"),
    [
        ("anthropic", THOUGHT, CLAUDES),
        ("anthropic", V1_THOUGHT, CLAUDES),
        ("google_genai", THOUGHT, GEMINIS),
        ("google_genai", V1_THOUGHT, GEMINIS),
        ("google_vertexai", THOUGHT, GEMINIS),
        ("google_anthropic_vertex", THOUGHT, CLAUDES),
        ("bedrock_converse", BEDROCK_THOUGHT, CLAUDES),
        ("bedrock_converse", V1_THOUGHT, CLAUDES),
        (None, BEDROCK_THOUGHT, CLAUDES),
        (None, THOUGHT, CLAUDES),
        ("somebody", THOUGHT, "unknown"),
    ],
)
def test_a_signature_has_the_format_of_its_origin(provider: Any, block: Any, form: str):
    detail = {"type": "reasoning.text", "text": "Hm.", "signature": "SIG", "format": form}
    assert of(provider, [block, {"type": "text", "text": "x"}])["reasoning_details"] == [detail]


def test_redacted_thinking_is_encrypted():
    redacted = {"type": "redacted_thinking", "data": "R"}
    bedrock = {"type": "reasoning", "extras": {"redacted_content": "R"}}
    detail = {"type": "reasoning.encrypted", "data": "R", "format": CLAUDES}
    assert of("anthropic", [redacted])["reasoning_details"] == [detail]
    assert of("bedrock_converse", [bedrock])["reasoning_details"] == [detail]


def test_signatures_of_geminis_calls_and_texts_are_kept():
    """langchain-google-genai keeps those of calls beside the content, those of texts in their extras."""
    wire = of(
        "google_genai",
        [{"type": "text", "text": "Let me see.", "extras": {"signature": "T"}}],
        tool_calls=[CALL],
        additional_kwargs={
            "function_call": {"name": "f", "arguments": '{"a": 1}'},
            "__gemini_function_call_thought_signatures__": {"c1": "S"},
        },
    )

    sealed = {"type": "reasoning.encrypted", "format": GEMINIS}
    assert wire["reasoning_details"] == [
        {**sealed, "data": "T"},
        {**sealed, "data": "S", "id": "c1"},
    ]
    assert wire["content"] == "Let me see."
    assert [call["id"] for call in wire["tool_calls"]] == ["c1"]


def test_function_call_is_never_sent_beside_tool_calls():
    """OpenAI answers 400 to both; langchain-google-genai keeps both."""
    extra = {"function_call": {"name": "f", "arguments": '{"a": 1}'}}
    assert "function_call" not in of("google_genai", "", tool_calls=[CALL], additional_kwargs=extra)
    alone = of("google_genai", "", additional_kwargs=extra)
    assert alone["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"a": 1}'}


@pytest.mark.parametrize(
    "block",
    [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}], "encrypted_content": "E"},
        {"type": "reasoning", "id": "rs_1", "reasoning": "Hm.", "encrypted_content": "E"},
        {"type": "reasoning", "id": "rs_1", "reasoning": "Hm.", "extras": {"encrypted_content": "E"}},
    ],
    ids=["item", "v1", "v1 extras"],
)  # fmt: skip
def test_openais_reasoning_item_keeps_summary_and_seal(block: Any):
    shared = {"format": "openai-responses-v1", "id": "rs_1", "index": 0}
    assert of("openai", [block, {"type": "text", "text": "x"}])["reasoning_details"] == [
        {"type": "reasoning.summary", "summary": "Hm.", **shared},
        {"type": "reasoning.encrypted", "data": "E", **shared},
    ]


def test_a_summed_stream_of_another_package_is_read_alike():
    chunks = AIMessageChunk(ANTHROPIC_SEARCH, response_metadata={"model_provider": "anthropic"})  # type: ignore[arg-type]
    (wire,) = to_wire([chunks])
    assert [detail["tool_call_id"] for detail in wire["reasoning_details"]] == ["s1"]


def test_a_block_that_the_translator_cannot_read_is_left_out():
    """Core's translators raise for blocks that are not as they expect."""
    broken = {"type": "web_search_call"}
    assert of("openai", [broken, {"type": "text", "text": "x"}])["content"] == "x"


# ---------------------------------------------------------------- what users sent to others

PNG = "iVBORw0KGgoAAAANSUhEUg=="


@pytest.mark.parametrize(
    ("block", "part"),
    [
        (
            {"type": "input_image", "image_url": "https://a.b/c.png", "detail": "low"},
            {"type": "image_url", "image_url": {"url": "https://a.b/c.png", "detail": "low"}},
        ),
        (
            {"type": "input_image", "file_id": "file-1"},
            {"type": "file", "file": {"file_id": "file-1"}},
        ),
        (
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AA"},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA"}},
        ),
        (
            {"type": "input_file", "file_url": "https://a.b/c.pdf"},
            {"type": "file", "file": {"file_data": "https://a.b/c.pdf"}},
        ),
        ({"type": "input_file", "file_id": "file-1"}, {"type": "file", "file": {"file_id": "file-1"}}),
        (
            {"type": "media", "mime_type": "image/png", "data": PNG},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
        ),
        (
            {"type": "media", "mime_type": "audio/wav", "data": b"\0\0\0"},
            {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        ),
        (
            {"type": "media", "mime_type": "video/mp4", "file_uri": "https://a.b/c.mp4"},
            {"type": "video_url", "video_url": {"url": "https://a.b/c.mp4"}},
        ),
        (
            {"type": "media", "mime_type": "application/pdf", "data": "JVBERi0="},
            {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0="}},
        ),
        ({"text": "Hi"}, {"type": "text", "text": "Hi"}),
        (
            {"image": {"format": "png", "source": {"bytes": b"\x89PNG"}}},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
        ),
        (
            {"type": "image", "base64": f"data:image/png;base64,{PNG}", "mime_type": "image/png"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
        ),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_blocks_that_users_sent_to_others_become_parts(block: Any, part: Any):
    (wire,) = to_wire([HumanMessage([block])])
    assert wire["content"] == [part]
