"""An answer without anything in it, which OpenRouter does not bill, is asked for once more by both adapters.

docs/quirks.md answer-empty.
"""

from __future__ import annotations

import logging
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage

from openrouter_core import BudgetExceededError
from openrouter_core.costs import CallIntent, CompletedCall, CostLedger
from tests.adapters.answers import ALL_WAYS, STREAMED, STREAMS, Answer, Read, chat_llm
from tests.openrouter_core.wire_server import WireServer

pytestmark = pytest.mark.filterwarnings("ignore:.*in beta")

NOT_BILLED = {"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9, "cost": 0}
EMPTY = Answer({"content": None}, top={"id": "gen-0", "usage": NOT_BILLED})
FULL = Answer({"content": "Hi"})


async def text_and_requests(
    read: Read, *answers: Answer, **settings: Any
) -> tuple[str | None, list[dict[str, Any]]]:
    """What the user sees, and the requests that were made."""
    server = WireServer(*(answer.script(streamed=read in STREAMED) for answer in answers))
    try:
        seen = await read(server, **{"max_retries": 1, **settings})
        return seen.text, [request.json for request in server.requests]
    finally:
        server.stop()


@ALL_WAYS
async def test_an_empty_answer_is_asked_for_once_more(read: Read, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING, logger="openrouter"):
        text, (first, second) = await text_and_requests(read, EMPTY, FULL)

    assert text == "Hi"
    assert first == second
    (line,) = [line for line in caplog.messages if "is empty" in line]
    assert "retry_empty=False" in line


@ALL_WAYS
async def test_a_second_empty_answer_is_the_last(read: Read, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING, logger="openrouter"):
        text, requests = await text_and_requests(read, EMPTY, EMPTY, FULL, max_retries=5)

    assert (text, len(requests)) == ("", 2)
    assert sum("is empty" in line for line in caplog.messages) == 2


@ALL_WAYS
@pytest.mark.parametrize(
    ("first", "settings"),
    [
        (EMPTY, {"retry_empty": False}),
        (EMPTY, {"max_retries": 0}),
        (EMPTY, {"stop": ["END"]}),
        (Answer({"content": ""}, top={"usage": {**NOT_BILLED, "cost": 0.001}}), {}),
        (Answer({"content": ""}, top={"usage": {**NOT_BILLED, "is_byok": True}}), {}),
        (Answer({"content": ""}, top={"usage": NOT_BILLED, "model": "a/b:free"}), {}),
        (Answer({"reasoning": "Hm."}, top={"usage": NOT_BILLED}), {}),
    ],
)
async def test_an_empty_answer_stays_as_it_is(read: Read, first: Answer, settings: dict[str, Any]):
    text, requests = await text_and_requests(read, first, FULL, **settings)

    assert (text, len(requests)) == ("", 1)
    assert "retry_empty" not in requests[0]


@ALL_WAYS
async def test_both_requests_are_calls_of_their_own(read: Read):
    ledger = CostLedger()

    await text_and_requests(read, EMPTY, FULL, observers=[ledger])

    assert ledger.totals().calls == 2
    assert ledger.totals().unknown == 0


class AdmitsOne:
    """An observer that lets one call pass, as a budget does that is used up then."""

    def __init__(self) -> None:
        self.admitted = 0

    def admit(self, intent: CallIntent, /) -> object:
        self.admitted += 1
        if self.admitted > 1:
            raise BudgetExceededError("Enough.")
        return intent

    def completed(self, call: CompletedCall, ticket: object, /) -> None:
        assert call.outcome == "ok"


@ALL_WAYS
async def test_a_budget_may_refuse_the_second(read: Read):
    with pytest.raises(BudgetExceededError, match="Enough"):
        await text_and_requests(read, EMPTY, FULL, observers=[AdmitsOne()])


@STREAMS
async def test_a_stream_with_leading_chunks_that_say_nothing_is_asked_for_again(read: Read):
    nothing = [{"content": ""}, {"content": None}, {"role": "assistant", "refusal": None}]

    text, requests = await text_and_requests(
        read,
        Answer({}, nothing, top={"usage": NOT_BILLED}),
        Answer({}, [*nothing, {"content": "Hi"}]),
    )

    assert (text, len(requests)) == ("Hi", 2)


async def test_nothing_of_the_empty_stream_is_handed_out():
    """LlamaIndex gives a response for each chunk, so those that say nothing wait for one that does."""
    empty = Answer(
        {}, [{"content": ""}, {"content": None}], top={"id": "gen-0", "usage": NOT_BILLED}
    )
    server = WireServer(empty.script(streamed=True), FULL.script(streamed=True))
    try:
        llm = chat_llm(server, max_retries=1)
        responses = [r async for r in await llm.astream_chat([ChatMessage("Hi")])]
    finally:
        server.stop()

    assert {response.raw["id"] for response in responses if isinstance(response.raw, dict)} == {
        "gen-1"
    }
    assert responses[0].delta == "Hi"
