"""What programs ask of both adapters and a strict server refuses, drops or redirects.

The emulator does what OpenRouter and the providers do, so each of these fails without its mend in the client.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from pydantic import BaseModel

from langchain_openrouter import ChatOpenRouter, OpenRouterEmbeddings, OpenRouterRerank
from llama_index_openrouter import OpenRouter, OpenRouterEmbedding
from openrouter_core import ConfigurationError, OpenRouterClient
from openrouter_emulator import Emulator

GPT5, CLAUDE, FUSION = "openai/gpt-5-mini", "anthropic/claude-sonnet-4.5", "openrouter/fusion"
SPOKEN: Any = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}
FOUR = ["openai/gpt-4o-mini", "openai/gpt-4o", "openai/gpt-4.1", "openai/gpt-4.1-mini"]


class Address(BaseModel):
    city: str
    zip: str | None = None


OPEN_SCHEMA = {"title": "Address", "type": "object", "properties": {"city": {"type": "string"}}}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as started:
        yield started


@pytest.fixture
def client(emulator: Emulator) -> Iterator[OpenRouterClient]:
    with OpenRouterClient(emulator.api_key, base_url=emulator.base_url, max_retries=0) as made:
        yield made


def langchain(emulator: Emulator, model: str, **settings: Any) -> ChatOpenRouter:
    return ChatOpenRouter(
        model=model, api_key=emulator.api_key, base_url=emulator.base_url, **settings
    )


def llama_index(emulator: Emulator, model: str, **settings: Any) -> OpenRouter:
    return OpenRouter(model, api_key=emulator.api_key, api_base=emulator.base_url, **settings)


def test_a_temperature_that_a_model_does_not_list_leaves_its_structured_outputs(emulator: Emulator):
    """`require_parameters` counts every parameter that is sent."""
    lc = langchain(emulator, GPT5, temperature=0).with_structured_output(Address)
    li = llama_index(emulator, GPT5, temperature=0).as_structured_llm(Address)

    assert isinstance(lc.invoke("Oslo"), Address)
    assert isinstance(li.chat([ChatMessage("Oslo")]).raw, Address)


def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


def test_tools_need_no_parameter_that_a_model_does_not_list(emulator: Emulator):
    """Few models list `parallel_tool_calls`; LlamaIndex's agents forbid them by default."""
    model = llama_index(emulator, CLAUDE, provider={"require_parameters": True})
    tool = FunctionTool.from_defaults(get_weather)

    answer = model.chat_with_tools([tool], "The weather in Oslo?")

    assert [call.tool_name for call in model.get_tool_calls_from_response(answer)] == [
        "get_weather"
    ]


@pytest.mark.parametrize("model", [GPT5, "openai/gpt-4o-mini", CLAUDE])
@pytest.mark.parametrize("strict", [True, None])
def test_schemas_of_classes_keep_the_rules_of_strict_ones(
    emulator: Emulator, model: str, strict: bool | None
):
    lc = langchain(emulator, model).with_structured_output(Address, strict=strict)

    assert isinstance(lc.invoke("Oslo"), Address)


@pytest.mark.parametrize("model", [GPT5, "openai/gpt-5.5"])
def test_open_schemas_are_closed_for_models_that_refuse_them(emulator: Emulator, model: str):
    form = {"type": "json_schema", "json_schema": {"name": "Address", "schema": OPEN_SCHEMA}}

    assert langchain(emulator, model).invoke("Oslo", response_format=form).content
    assert llama_index(emulator, model).chat([ChatMessage("Oslo")], response_format=form)


def test_a_wav_is_made_of_the_samples_that_streams_have(emulator: Emulator):
    message = langchain(emulator, "openai/gpt-audio-mini", **SPOKEN).invoke("Say hello")
    answer = llama_index(emulator, "openai/gpt-audio-mini", additional_kwargs=SPOKEN).chat(
        [ChatMessage("Say hello")]
    )

    (block,) = [b for b in message.content_blocks if b["type"] == "audio"]
    assert base64.b64decode(block["base64"]).startswith(b"RIFF")
    sounds = [b for b in answer.message.blocks if b.block_type == "audio"]
    assert [bool(b.resolve_audio().read().startswith(b"RIFF")) for b in sounds] == [True]


@pytest.mark.parametrize(
    ("form", "mime"), [("pcm16", "audio/pcm;rate=24000"), ("wav", "audio/wav")]
)
def test_sound_says_its_type_and_rate(emulator: Emulator, form: str, mime: str):
    spoken = {**SPOKEN, "audio": {"voice": "alloy", "format": form}}
    model = langchain(emulator, "openai/gpt-audio-mini", **spoken)
    llm = llama_index(emulator, "openai/gpt-audio-mini", additional_kwargs=spoken)
    first, *more = model.stream("Say hello")
    *_, last = llm.stream_chat([ChatMessage("Say hello")])

    for message in (model.invoke("Say hello"), sum(more, first)):
        (block,) = [b for b in message.content_blocks if b["type"] == "audio"]
        assert block["mime_type"] == mime
    for answer in (llm.chat([ChatMessage("Say hello")]), last):
        (sound,) = [b for b in answer.message.blocks if b.block_type == "audio"]
        assert sound.format == form


def test_a_tool_is_found_by_its_other_names(client: OpenRouterClient):
    assert client.tools.get("web_search_preview").id == "openrouter:web_search"


def test_the_session_of_a_call_that_is_no_chat_counts(emulator: Emulator, client: OpenRouterClient):
    where: Any = {"api_key": emulator.api_key, "session_id": "s1"}
    OpenRouterEmbeddings(
        model="openai/text-embedding-3-small", base_url=emulator.base_url, **where
    ).embed_query("x")
    OpenRouterEmbedding(
        model_name="openai/text-embedding-3-small", api_base=emulator.base_url, **where
    ).get_text_embedding("x")
    client.rerank.create("q", ["d"], model="cohere/rerank-v3.5", session_id="s1")
    OpenRouterRerank(model="cohere/rerank-v3.5", base_url=emulator.base_url, **where).rerank(
        ["d"], "q"
    )

    assert emulator.wait_idle()
    kept = [g.record["session_id"] for g in emulator.state.generations.values()]
    assert kept == ["s1"] * 4


def test_models_that_do_not_know_base64_embed(emulator: Emulator):
    model = "nvidia/nemotron-3-embed-1b:free"
    lc = OpenRouterEmbeddings(
        model=model, api_key=emulator.api_key, base_url=emulator.base_url
    ).embed_query("x")
    li = OpenRouterEmbedding(
        model_name=model, api_key=emulator.api_key, api_base=emulator.base_url
    ).get_text_embedding("x")

    assert lc == li
    assert emulator.bodies[-1]["encoding_format"] == "float"


def test_a_tool_choice_without_tools_is_sent_where_it_means_something(emulator: Emulator):
    langchain(emulator, FUSION).invoke("Hi", tool_choice="required")
    llama_index(emulator, FUSION).chat([ChatMessage("Hi")], tool_choice="required")

    assert [body.get("tool_choice") for body in emulator.bodies] == ["required", "required"]


def test_more_than_three_fallbacks_are_refused_before_they_are_sent(emulator: Emulator):
    with pytest.raises(ConfigurationError, match="at most 3"):
        langchain(emulator, FOUR[0], models=FOUR).invoke("Hi")
    with pytest.raises(ConfigurationError, match="at most 3"):
        llama_index(emulator, FOUR[0], models=FOUR).chat([ChatMessage("Hi")])

    assert emulator.requests == []


def test_a_forced_tool_that_silences_claude_is_logged(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
):
    model = langchain(emulator, CLAUDE, reasoning={"effort": "high"})
    answer = model.bind_tools([Address], tool_choice="any").invoke([HumanMessage("Oslo")])

    assert not answer.additional_kwargs.get("reasoning_content")
    assert "reason" in caplog.text


def test_values_that_no_enum_lists_reach_the_server(emulator: Emulator, client: OpenRouterClient):
    answer = langchain(emulator, "openai/gpt-4o-mini", service_tier="ultrafast").invoke("Hi")
    client.responses.create("Hi", model=FOUR[0], tools=[{"type": "custom", "name": "c"}])

    assert emulator.bodies[0]["service_tier"] == "ultrafast"
    assert answer.response_metadata["service_tier"] == "ultrafast"
    assert emulator.bodies[1]["tools"] == [{"type": "custom", "name": "c"}]
