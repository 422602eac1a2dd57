"""LlamaIndex messages to wire messages, as values."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.base.llms.types import (
    AudioBlock,
    CacheControl,
    CachePoint,
    ChatMessage,
    CitableBlock,
    CitationBlock,
    DocumentBlock,
    ImageBlock,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
    VideoBlock,
)

from openrouter_core import ConfigurationError
from tests.llama_index_openrouter.conversation import to_wire_messages

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
PNG64 = base64.b64encode(PNG).decode()
PDF = b"%PDF-1.4\n%made up\n"
PDF64 = base64.b64encode(PDF).decode()
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt \xff\xfe"
WAV64 = base64.b64encode(WAV).decode()
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom\xff"
MP464 = base64.b64encode(MP4).decode()
CACHE = CachePoint(cache_control=CacheControl(type="ephemeral", ttl="1h"))


def wire(*blocks: Any, role: str = "user", **notes: Any) -> dict[str, Any]:
    message = ChatMessage(role=role, additional_kwargs=notes)
    message.blocks = list(blocks)
    [entry] = to_wire_messages([message])
    return entry


def part(block: Any) -> dict[str, Any]:
    content = wire(block)["content"]
    assert isinstance(content, list)
    return content[0]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("system", "system"),
        ("developer", "developer"),
        ("user", "user"),
        ("assistant", "assistant"),
        ("chatbot", "assistant"),
        ("model", "assistant"),
    ],
)
def test_roles_have_their_wire_names(role: str, expected: str):
    assert wire(TextBlock(text="Hi"), role=role) == {"role": expected, "content": "Hi"}


def test_unknown_role_is_refused_with_a_sentence():
    message = ChatMessage(content="Hi")
    message.role = "narrator"  # type: ignore[assignment]  # the point of the test

    with pytest.raises(ConfigurationError, match="no message role 'narrator'"):
        to_wire_messages([message])


def test_several_texts_stay_several_parts():
    content = wire(TextBlock(text="one"), TextBlock(text="two"))["content"]

    assert content == [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]


def test_message_name_goes_out():
    assert wire(TextBlock(text="Hi"), name="ann")["name"] == "ann"


# ------------------------------------------------------------------ media

MEDIA = {
    "image bytes": (
        ImageBlock(image=PNG),
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG64}"}},
    ),
    "image base64 with detail": (
        ImageBlock(image=PNG64.encode(), image_mimetype="image/webp", detail="low"),
        {
            "type": "image_url",
            "image_url": {"url": f"data:image/png;base64,{PNG64}", "detail": "low"},
        },
    ),
    "image as a data URL in bytes": (
        ImageBlock(image=f"data:image/jpg;base64,{PNG64}".encode()),
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG64}"}},
    ),
    "audio as a data URL in bytes": (
        AudioBlock(audio=b"data:audio/wav;base64,UklGRg==", format="wav"),
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
    ),
    "image open file": (
        ImageBlock(image=BytesIO(PNG)),
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG64}"}},
    ),
    "g7 image url with a query": (
        ImageBlock(url="https://example.com/cat.png?size=big&v=2"),
        {"type": "image_url", "image_url": {"url": "https://example.com/cat.png?size=big&v=2"}},
    ),
    "g5 audio": (
        AudioBlock(audio=WAV, format="wav"),
        {"type": "input_audio", "input_audio": {"data": WAV64, "format": "wav"}},
    ),
    "audio with the suffix of its mime type": (
        AudioBlock(audio=WAV, format="mpeg"),
        {"type": "input_audio", "input_audio": {"data": WAV64, "format": "mp3"}},
    ),
    "audio in a data url": (
        AudioBlock(url=f"data:audio/x-wav;base64,{WAV64}"),
        {"type": "input_audio", "input_audio": {"data": WAV64, "format": "wav"}},
    ),
    "g5 video": (
        VideoBlock(video=MP4, video_mimetype="video/mp4"),
        {"type": "video_url", "video_url": {"url": f"data:video/mp4;base64,{MP464}"}},
    ),
    "video url": (
        VideoBlock(url="https://example.com/a.mp4", detail="low", fps=2),
        {
            "type": "video_url",
            "video_url": {"url": "https://example.com/a.mp4", "detail": "low", "fps": 2},
        },
    ),
    "g2 pdf": (
        DocumentBlock(data=PDF, title="report.pdf"),
        {
            "type": "file",
            "file": {"filename": "report.pdf", "file_data": f"data:application/pdf;base64,{PDF64}"},
        },
    ),
    "untitled pdf": (
        DocumentBlock(data=PDF),
        {
            "type": "file",
            "file": {
                "filename": "input_document.pdf",
                "file_data": f"data:application/pdf;base64,{PDF64}",
            },
        },
    ),
    "document url is passed on, not fetched": (
        DocumentBlock(url="https://example.com/papers/a.pdf"),
        {
            "type": "file",
            "file": {"filename": "a.pdf", "file_data": "https://example.com/papers/a.pdf"},
        },
    ),
    "wire part as it is": (
        {"type": "hologram", "hologram": {"depth": 3}},
        {"type": "hologram", "hologram": {"depth": 3}},
    ),
}


@pytest.mark.parametrize(("block", "expected"), MEDIA.values(), ids=MEDIA.keys())
def test_block_becomes_its_part(block: Any, expected: dict[str, Any]):
    assert part(block) == expected


def test_files_named_by_a_path_are_read(tmp_path: Path):
    place = tmp_path / "scan.pdf"
    place.write_bytes(PDF)
    picture = tmp_path / "cat.png"
    picture.write_bytes(PNG)

    document = part(DocumentBlock(path=place))["file"]
    image = part(ImageBlock(path=picture))["image_url"]

    assert document["filename"] == "scan.pdf"
    assert document["file_data"] == f"data:application/pdf;base64,{PDF64}"
    assert image["url"] == f"data:image/png;base64,{PNG64}"


def test_text_document_is_a_text_file(tmp_path: Path):
    place = tmp_path / "notes"
    place.write_text("Grüße", encoding="utf-8")

    data = part(DocumentBlock(path=place))["file"]["file_data"]

    assert data == "data:text/plain;base64," + base64.b64encode("Grüße".encode()).decode()


BAD = {
    "audio as a web url": (AudioBlock(url="https://example.com/a.mp3"), "only as data"),
    "audio of unknown format": (AudioBlock(audio=b"\xff\x00\x01"), "Set format"),
    "image of unknown type": (ImageBlock(image=b"\xff\x00\x01\x02"), "image_mimetype"),
    "empty document": (DocumentBlock(), "is empty"),
    "thinking in a user message": (ThinkingBlock(content="hm"), "ThinkingBlock"),
    "tool call in a user message": (ToolCallBlock(tool_name="f"), "ToolCallBlock"),
    "a block of another library": (object(), "cannot carry"),
    "cache point with nothing before it": (CACHE, "marks the block before it"),
}


@pytest.mark.parametrize(("block", "sentence"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_carried_raises_a_sentence(block: Any, sentence: str):
    with pytest.raises(ConfigurationError, match=sentence):
        wire(block)


# ------------------------------------------------------------------ caching, citations


def test_f1_cache_point_marks_the_block_before_it():
    content = wire(TextBlock(text="long"), CACHE, TextBlock(text="short"), role="system")["content"]

    assert content == [
        {"type": "text", "text": "long", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"type": "text", "text": "short"},
    ]


def test_f1_cache_point_after_a_tool_call_marks_the_call():
    entry = wire(ToolCallBlock(tool_call_id="c1", tool_name="f"), CACHE, role="assistant")

    assert entry["tool_calls"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}


def test_f3_message_level_mark_goes_to_the_last_text_part():
    mark = {"type": "ephemeral"}
    blocks = (TextBlock(text="a"), TextBlock(text="b"), ImageBlock(url="https://example.com/c.png"))

    content = wire(*blocks, cache_control=mark)["content"]

    assert [p.get("cache_control") for p in content] == [None, mark, None]


def test_gap_46_citable_content_goes_out_with_title_and_source():
    block = CitableBlock(title="Law", source="law.txt", content=[TextBlock(text="Be kind.")])

    assert wire(block)["content"] == [
        {"type": "text", "text": "Law (law.txt):"},
        {"type": "text", "text": "Be kind."},
    ]


def test_gap_46_citation_of_an_assistant_is_an_annotation():
    block = CitationBlock(
        cited_content="Be kind.",
        source="https://example.com/law",
        title="Law",
        additional_location_info={"start_index": 0, "end_index": 8},
    )

    entry = wire(TextBlock(text="So it says."), block, role="assistant")

    assert entry["content"] == "So it says."
    assert entry["annotations"] == [
        {
            "type": "url_citation",
            "url_citation": {
                "url": "https://example.com/law",
                "title": "Law",
                "start_index": 0,
                "end_index": 8,
                "content": "Be kind.",
            },
        }
    ]


# ------------------------------------------------------------------ assistant and tool messages


def test_d9_tool_calls_without_text_have_null_content():
    blocks = (TextBlock(text=""), ToolCallBlock(tool_call_id="c1", tool_name="f"))

    assert wire(*blocks, role="assistant")["content"] is None


def test_empty_answer_stays_an_empty_string():
    assert wire(role="assistant")["content"] == ""


ARGUMENTS = {
    "d11 byte for byte": ('{"b": 1,  "a":"ü"}', '{"b": 1,  "a":"ü"}'),
    "d2 blank": ("", "{}"),
    "d2 spaces": ("  \n", "{}"),
    "d2 null": ("null", "{}"),
    "d2 list": ("[]", "{}"),
    "d2 not json": ('{"a": "cut', '{"invalid_arguments": "{\\"a\\": \\"cut"}'),
    "dict": ({"a": "ü"}, '{"a": "ü"}'),
}


@pytest.mark.parametrize(("given", "sent"), ARGUMENTS.values(), ids=ARGUMENTS.keys())
def test_arguments_go_out_as_json_text(given: Any, sent: str):
    block = ToolCallBlock(tool_call_id="c1", tool_name="f", tool_kwargs=given)

    assert wire(block, role="assistant")["tool_calls"] == [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": sent}}
    ]


def test_d16_fields_of_a_call_that_no_block_has_survive():
    call = {
        "index": 0,
        "id": "c1",
        "type": "function",
        "function": {"name": "f", "arguments": "{}", "strict": True},
        "extra_content": {"google": {"thought_signature": "abc"}},
    }
    block = ToolCallBlock(tool_call_id="c1", tool_name="f", tool_kwargs="{}")

    [sent] = wire(block, role="assistant", tool_calls=[call])["tool_calls"]

    assert sent == {key: value for key, value in call.items() if key != "index"}


def test_calls_of_an_older_history_are_sent():
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}

    entry = wire(role="assistant", tool_calls=[call])

    assert entry["tool_calls"][0]["function"] == {"name": "f", "arguments": "{}"}
    assert entry["content"] is None


def test_d12_tool_message_carries_the_name_of_its_tool():
    messages = [
        ChatMessage(
            role="assistant", blocks=[ToolCallBlock(tool_call_id="c1", tool_name="weather")]
        ),
        ChatMessage(role="tool", content="sunny", additional_kwargs={"tool_call_id": "c1"}),
    ]

    assert to_wire_messages(messages)[1] == {
        "role": "tool",
        "content": "sunny",
        "tool_call_id": "c1",
        "name": "weather",
    }


def test_d7_tool_result_may_hold_an_image():
    entry = wire(TextBlock(text="see"), ImageBlock(image=PNG), role="tool", tool_call_id="c1")

    assert [p["type"] for p in entry["content"]] == ["text", "image_url"]


def test_tool_message_without_a_call_id_is_refused():
    with pytest.raises(ConfigurationError, match="tool_call_id"):
        wire(TextBlock(text="sunny"), role="tool")


def test_gap_8_file_annotations_go_back_as_they_came():
    annotations = [{"type": "file", "file": {"hash": "h", "content": [{"type": "text"}]}}]

    entry = wire(TextBlock(text="Read."), role="assistant", annotations=annotations)

    assert entry["annotations"] == annotations


def test_refusal_goes_back():
    entry = wire(role="assistant", refusal="No.")

    assert entry == {"role": "assistant", "content": None, "refusal": "No."}


def test_gap_6_images_of_an_answer_go_back_as_images():
    entry = wire(TextBlock(text="Look"), ImageBlock(image=PNG), role="assistant")

    assert entry["content"] == "Look"
    assert entry["images"] == [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG64}"}}
    ]


def test_the_callers_messages_are_not_changed():
    message = ChatMessage(
        role="assistant",
        blocks=[
            TextBlock(text="a"),
            ToolCallBlock(tool_call_id="c1", tool_name="f", tool_kwargs=""),
            CACHE,
        ],
        additional_kwargs={"tool_calls": [{"id": "c1", "index": 0, "function": {"name": "f"}}]},
    )
    before = message.model_copy(deep=True)

    to_wire_messages([message])

    assert message == before


# ------------------------------------------------------------------ reasoning

SIGNED = {"type": "reasoning.text", "signature": "s", "format": "anthropic-claude-v1", "index": 0}
UNSIGNED = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0}
SEALED = {"type": "reasoning.encrypted", "data": "xyz", "format": "openai-responses-v1", "index": 0}


def replayed(*thoughts: ThinkingBlock, policy: Any = "auto", **notes: Any) -> dict[str, Any]:
    message = ChatMessage(role="assistant", blocks=list(thoughts), additional_kwargs=notes)
    [entry] = to_wire_messages([message], reasoning_replay=policy)
    return {key: value for key, value in entry.items() if key.startswith("reasoning")}


def test_a1_details_go_back_unchanged_and_in_order():
    blocks = [
        ThinkingBlock(content="Hm.", additional_information=SIGNED),
        ThinkingBlock(additional_information=SEALED),
    ]

    assert replayed(*blocks) == {"reasoning_details": [{**SIGNED, "text": "Hm."}, SEALED]}


def test_a5_unsigned_text_of_a_signing_format_stays_here():
    assert replayed(ThinkingBlock(content="Hm.", additional_information=UNSIGNED)) == {}


def test_a5_policy_all_sends_it_all_the_same():
    block = ThinkingBlock(content="Hm.", additional_information=UNSIGNED)

    assert replayed(block, policy="all") == {"reasoning_details": [{**UNSIGNED, "text": "Hm."}]}


def test_a6_policy_none_sends_nothing():
    assert replayed(ThinkingBlock(additional_information=SEALED), policy="none") == {}
    assert replayed(ThinkingBlock(content="plain"), policy="none") == {}


def test_a7_detail_of_an_unknown_type_goes_back_whole():
    odd = {"type": "reasoning.dream", "text": "zzz", "depth": 3}

    assert replayed(ThinkingBlock(additional_information=odd)) == {"reasoning_details": [odd]}


def test_a8_plain_reasoning_goes_back_as_text():
    assert replayed(ThinkingBlock(content="Hm.")) == {"reasoning": "Hm."}


def test_a9_an_empty_list_is_not_the_same_as_none():
    assert replayed(reasoning_details=[]) == {"reasoning_details": []}
    assert replayed() == {}


def test_a3_fragments_of_an_older_history_are_joined():
    pieces = [
        ThinkingBlock(content="Hm, ", additional_information={**UNSIGNED}),
        ThinkingBlock(content="yes.", additional_information={**UNSIGNED}),
        ThinkingBlock(additional_information={**SIGNED}),
    ]

    assert replayed(*pieces) == {"reasoning_details": [{**SIGNED, "text": "Hm, yes."}]}


def test_subclass_of_a_text_block_is_text_too():
    class Marked(TextBlock):
        """A user's own."""

    assert (
        wire(Marked(text="Hi")) == wire(TextBlock(text="Hi")) == {"role": "user", "content": "Hi"}
    )
