"""`to_message` and the core clients: a reply that came another way is the message that `invoke` gives."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.runnables import RunnableSequence
from pydantic import BaseModel

from langchain_openrouter import ChatOpenRouter, OpenRouterEmbeddings
from langchain_openrouter.errors import ResponseShapeError
from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_emulator import Emulator, ToolCall
from tests.langchain_openrouter.call_styles import CLAUDE, GPT, model


class Song(BaseModel):
    """A song."""

    title: str


class Weather(BaseModel):
    """The weather of a city."""

    city: str


JSON = '{"title": "Rain"}'
MARKUP = "<tool_call>\n" + '{"name": "Weather", "arguments": {"city": "Oslo"}}' + "\n</tool_call>"


def _reply(emulator: Emulator, made: ChatOpenRouter, body: dict[str, Any]) -> dict[str, Any]:
    """Send a body with the core client of a model."""
    messages = body.pop("messages")
    return made.core_client.chat.send(messages, extra_body=body).raw


@pytest.mark.parametrize("version", ["v0", "v1"])
def test_the_message_is_the_one_that_invoke_gives(openrouter_emulator: Emulator, version: str):
    made = model(CLAUDE, output_version=version, reasoning={"effort": "low"})
    openrouter_emulator.script(["Yes."] * 2)
    invoked = made.invoke("Hello")

    message = made.to_message(_reply(openrouter_emulator, made, made.build_request("Hello")))

    assert message.content == invoked.content
    assert message.additional_kwargs == invoked.additional_kwargs
    assert message.usage_metadata == invoked.usage_metadata
    assert message.response_metadata.keys() == invoked.response_metadata.keys()


def test_tool_calls_are_parsed(openrouter_emulator: Emulator):
    made = model(CLAUDE)
    openrouter_emulator.script([ToolCall("Weather", '{"city": "Oslo"}')])

    message = made.to_message(_reply(openrouter_emulator, made, made.build_request("Oslo?")))

    assert [(c["name"], c["args"]) for c in message.tool_calls] == [("Weather", {"city": "Oslo"})]


def test_calls_left_in_the_text_are_read_with_the_tools_of_the_request():
    made = model(parse_text_tool_calls=True)
    tool = {"type": "function", "function": {"name": "Weather", "parameters": {}}}
    body = {"id": "gen-1", "choices": [{"message": {"role": "assistant", "content": MARKUP}}]}

    message = made.to_message(body, request={"tools": [tool]})

    assert [call["name"] for call in message.tool_calls] == ["Weather"]


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
def test_the_last_step_of_a_structured_chain_reads_it(openrouter_emulator: Emulator, method: Any):
    made = model(GPT)
    chain = made.with_structured_output(Song, method=method)
    openrouter_emulator.script([ToolCall("Song", JSON) if method == "function_calling" else JSON])
    message = made.to_message(_reply(openrouter_emulator, made, made.build_request("Sing in JSON")))

    assert isinstance(chain, RunnableSequence)
    assert chain.last.invoke(message) == Song(title="Rain")


def test_the_last_step_with_include_raw_reads_it():
    made = model(GPT)
    chain = made.with_structured_output(Song, include_raw=True)
    message = made.to_message({"choices": [{"message": {"content": JSON}}]})

    assert isinstance(chain, RunnableSequence)
    assert chain.last.invoke({"raw": message})["parsed"] == Song(title="Rain")


def test_a_body_without_a_choice_raises():
    with pytest.raises(ResponseShapeError):
        model(api_key="sk-or-x").to_message({"choices": []})


def test_every_class_shows_its_core_clients():
    client, async_client = OpenRouterClient("sk-or-x"), AsyncOpenRouterClient("sk-or-x")
    given = model(client=client, async_client=async_client)
    made = OpenRouterEmbeddings(model="m", api_key="sk-or-x", base_url="http://localhost:9/v1")

    assert (given.core_client, given.async_core_client) == (client, async_client)
    assert made.core_client is made.core_client
    assert made.core_client.config == made.async_core_client.config
    assert made.core_client.config.base_url == "http://localhost:9/v1"


@pytest.fixture(autouse=True)
def _has_a_key(openrouter_emulator: Emulator) -> None:
    """The emulator sets the key and the base URL of the environment."""
