"""Every recorded structured answer, asked for and read through both adapters."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable
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

from .cases import one_loop, over
from .expected_answers import Answer, read
from .recordings import Recording
from .replay_server import ReplayServer


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


@over_structured_answers
@pytest.mark.parametrize("version", ["v0", "v1"])
@one_loop
async def test_what_langchain_streams_last_is_what_it_returns(
    server: ReplayServer, recording: Recording, version: str
):
    """For those that were recorded as streams; the others are asked for as a whole, awaited."""
    model = ChatOpenRouter(
        model=recording.model,
        api_key="sk-or-test",
        base_url=server.base_url("structured-async", recording),
        max_retries=0,
        output_version=version,
        streaming=recording.is_streamed,
    )
    chain = model.with_structured_output(_wanted(recording), method="json_schema")

    whole = await _outcome(chain.ainvoke("Hello"))

    assert whole == _outcome_of(recording, RefusalError)
    if recording.is_streamed:
        assert await _outcome(_last(chain.astream("Hello"))) == whole


@over_structured_answers
@one_loop
async def test_what_llama_index_streams_last_is_what_was_written(
    server: ReplayServer, recording: Recording
):
    llm = OpenRouter(
        recording.model,
        api_key="sk-or-test",
        api_base=server.base_url("structured-async", recording),
        max_retries=0,
        structured_output_mode="json_schema",
    )
    prompt = PromptTemplate("Hello")

    async def streamed() -> Any:
        return await _last(await llm.astream_structured_predict(Loose, prompt))

    predicted = streamed() if recording.is_streamed else llm.astructured_predict(Loose, prompt)
    outcome = await _outcome(predicted)

    found = outcome.model_dump() if isinstance(outcome, Loose) else outcome
    assert found == _outcome_of(recording, ValueError)


async def _outcome(predicted: Awaitable[Any]) -> Any:
    """What came back, or the class of the error."""
    try:
        return await predicted
    except (ValueError, RefusalError) as error:
        return type(error)


async def _last(items: AsyncIterator[Any]) -> Any:
    return [item async for item in items][-1]


def _outcome_of(recording: Recording, refusal: type[Exception]) -> Any:
    """What the recording gives: the object, or the class of the error."""
    answer = read(recording)
    if answer.refusal:
        return refusal
    if recording.id in NEVER_CLOSE:
        return OutputParserException if refusal is RefusalError else ValueError
    return json.loads(answer.text)
