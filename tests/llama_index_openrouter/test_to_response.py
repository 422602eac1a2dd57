"""`to_response`, `to_object` and the core clients: a reply that came another way is what `chat` gives."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.prompts import PromptTemplate
from pydantic import BaseModel

from openrouter_core import ResponseShapeError
from openrouter_emulator import Emulator, ToolCall
from tests.llama_index_openrouter.factories import MakeLlm


class Song(BaseModel):
    """A song."""

    title: str


JSON = '{"title": "Rain"}'
MARKUP = '<tool_call>\n{"name": "Weather", "arguments": {"city": "Oslo"}}\n</tool_call>'


def test_the_response_is_the_one_that_chat_gives(openrouter_emulator: Emulator, make_llm: MakeLlm):
    llm = make_llm()
    openrouter_emulator.script(["Yes."] * 2)
    response_of_chat = llm.chat([ChatMessage("Hello")])
    body = llm.build_request([ChatMessage("Hello")])
    reply = llm.core_client.chat.send(body.pop("messages"), extra_body=body).raw

    response = llm.to_response(reply)

    assert response.message == response_of_chat.message
    assert response.raw == reply
    assert response.additional_kwargs.keys() == response_of_chat.additional_kwargs.keys()


def test_tool_calls_of_the_body_and_of_the_text_are_read(make_llm: MakeLlm):
    llm = make_llm(parse_text_tool_calls=True)
    tool = {"type": "function", "function": {"name": "Weather", "parameters": {}}}
    call = {"id": "c", "function": {"name": "Weather", "arguments": "{}"}, "type": "function"}
    plain = {"choices": [{"message": {"content": None, "tool_calls": [call]}}]}
    text = {"choices": [{"message": {"content": MARKUP}}]}

    for response in (llm.to_response(plain), llm.to_response(text, request={"tools": [tool]})):
        names = [c.tool_name for c in llm.get_tool_calls_from_response(response)]
        assert names == ["Weather"]


@pytest.mark.parametrize("mode", ["json_schema", "tools", "prompt"])
def test_a_structured_answer_is_read(openrouter_emulator: Emulator, make_llm: MakeLlm, mode: Any):
    llm = make_llm(structured_output_mode=mode)
    openrouter_emulator.script([ToolCall("Song", JSON) if mode == "tools" else JSON] * 2)
    song = llm.structured_predict(Song, PromptTemplate("Sing."))
    body: dict[str, Any] = dict(openrouter_emulator.bodies[0])
    reply = llm.core_client.chat.send(body.pop("messages"), extra_body=body).raw

    assert llm.to_object(Song, llm.to_response(reply)) == song == Song(title="Rain")


def test_what_is_not_the_object_or_not_a_reply_raises(make_llm: MakeLlm):
    llm = make_llm()

    with pytest.raises(ValueError, match="not a Song"):
        llm.to_object(Song, llm.to_response({"choices": [{"message": {"content": "No."}}]}))
    with pytest.raises(ResponseShapeError):
        llm.to_response({"choices": []})


def test_the_core_clients_are_the_clients(make_llm: MakeLlm):
    llm = make_llm()

    assert llm.core_client is llm.client
    assert llm.async_core_client is llm.async_client
