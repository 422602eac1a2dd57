"""Every recorded structured answer, asked for and read through both adapters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.exceptions import OutputParserException
from llama_index.core.prompts import PromptTemplate
from pydantic import BaseModel, ConfigDict

from langchain_openrouter import ChatOpenRouter
from langchain_openrouter.errors import RefusalError
from llama_index_openrouter import OpenRouter
from openrouter_core.chat.strict_schema import to_strict
from openrouter_emulator.dialects.openai_schemas import strict_complaint

from .cases import over
from .recordings import Recording
from .replay_server import ReplayServer
from .wire_truth import Answer, read


def _wanted(recording: Recording) -> dict[str, Any]:
    form = recording.request.get("response_format") or {}
    return form.get("json_schema") or {}


over_schemas = over(lambda r: r.is_chat and _wanted(r))
over_structured_answers = over(lambda r: r.is_chat and _wanted(r) and isinstance(read(r), Answer))


NEVER_CLOSE = {"actag-test-agent-response-json-schema-named"}
"""Answers that ended by "stop" in the middle of their JSON."""


class Loose(BaseModel):
    """Takes what came."""

    model_config = ConfigDict(extra="allow")


@over_schemas
def test_recorded_schemas_are_strict_and_stay_as_they_are(recording: Recording):
    spec = _wanted(recording)

    assert spec["strict"] is True
    assert strict_complaint(spec["schema"]) is None
    assert to_strict(spec["schema"], nullable=False) == spec["schema"]


@over_structured_answers
def test_langchain_reads_the_answer(server: ReplayServer, recording: Recording):
    model = ChatOpenRouter(
        model=recording.model,
        api_key="sk-or-test",
        base_url=server.base_url("structured", recording),
        max_retries=0,
    )
    chain = model.with_structured_output(_wanted(recording), method="json_schema")
    answer = read(recording)

    if answer.refusal:
        with pytest.raises(RefusalError, match="refused to answer"):
            _ask(chain, recording)
    elif recording.id in NEVER_CLOSE:
        with pytest.raises(OutputParserException, match="never closes"):
            _ask(chain, recording)
    else:
        assert _ask(chain, recording) == json.loads(answer.text)
    sent = server.heard("structured", recording)["response_format"]["json_schema"]
    assert sent["schema"] == _wanted(recording)["schema"]


def _ask(chain: Any, recording: Recording) -> Any:
    if recording.is_streamed:
        return list(chain.stream("Hello"))[-1]
    return chain.invoke("Hello")


@over_structured_answers
def test_llama_index_reads_the_answer(server: ReplayServer, recording: Recording):
    llm = OpenRouter(
        recording.model,
        api_key="sk-or-test",
        api_base=server.base_url("structured", recording),
        max_retries=0,
        structured_output_mode="json_schema",
    )
    answer = read(recording)

    def ask() -> Any:
        prompt = PromptTemplate("Hello")
        if recording.is_streamed:
            return list(llm.stream_structured_predict(Loose, prompt))[-1]
        return llm.structured_predict(Loose, prompt)

    if answer.refusal:
        with pytest.raises(ValueError, match="refused to give"):
            ask()
    elif recording.id in NEVER_CLOSE:
        with pytest.raises(ValueError, match="never closes"):
            ask()
    else:
        assert ask().model_dump() == json.loads(answer.text)
