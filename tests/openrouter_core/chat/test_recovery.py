"""What one more request leaves out when a provider refuses what earlier turns left behind."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any, cast

import pytest

from openrouter_core import ApiStatusError, BadRequestError, ClientConfig, ReplyInfo
from openrouter_core._call import Call, Route, StreamCall
from openrouter_core.catalog.models import bundled_models
from openrouter_core.chat.recovery import may_ask_again, repaired
from openrouter_core.chat.request import ChatRequest
from openrouter_core.chat.send import aask, aopen_stream, ask, open_stream
from openrouter_core.config import DEFAULT_BASE_URL
from openrouter_core.errors import NotFoundError
from openrouter_core.resources.chat import Chat

STORED = {"type": "reasoning.encrypted", "id": "rs_1", "data": "k", "format": "openai-responses-v1"}
SIGNED = {
    "type": "reasoning.text",
    "text": "Hm.",
    "signature": "s",
    "format": "anthropic-claude-v1",
}
OPEN = {"type": "reasoning.text", "text": "Hm.", "format": "unknown"}
QUESTION = {"role": "user", "content": "Go on."}
ANSWER = {"role": "assistant", "content": "So."}

LOST = "Item with id 'rs_1' not found."
OTHER_MODEL = (
    "Your request contains encrypted reasoning or compaction content that was produced under a different "
    "model. Encrypted payloads can only be replayed to the endpoint that created them."
)
UNREADABLE = [
    (404, OTHER_MODEL),
    (400, "messages.1.content.0: Invalid `signature` in `thinking` block"),
    (400, "messages.1.content.0: Invalid `data` in `redacted_thinking` block"),
    (400, "Corrupted thought signature."),
    (400, "Invalid thought signature."),
    (400, "Thought signature is not valid"),
    (400, "The encrypted content for item rs_518653 could not be verified."),
    (400, "The encrypted content gAAA could not be decrypted or parsed."),
]


def refusal(message: str = LOST, raw: Any = None, status: int = 400) -> ApiStatusError:
    kind = NotFoundError if status == 404 else BadRequestError
    return kind(message, status_code=status, raw=raw)


def thought(*details: Any) -> dict[str, Any]:
    return {**ANSWER, "reasoning_details": list(details)}


def again(messages: list[Any], error: ApiStatusError, policy: Any = "auto") -> Any:
    return repaired(messages, error, reasoning_replay=policy)


# ---------------------------------------------------------------- items that were not stored


def test_items_of_the_provider_go_and_everything_else_stays():
    assert again([thought(STORED, SIGNED), QUESTION], refusal()) == [thought(SIGNED), QUESTION]


def test_an_array_of_which_nothing_is_left_goes_altogether():
    assert again([thought(STORED), QUESTION], refusal()) == [ANSWER, QUESTION]


def test_items_that_the_error_does_not_name_go_as_well_because_there_is_one_repetition():
    sent = [thought(STORED, {**STORED, "id": "rs_2"}), QUESTION]
    assert again(sent, refusal()) == [ANSWER, QUESTION]


@pytest.mark.parametrize(
    "raw",
    [
        {"error": {"metadata": {"raw": "Item with id 'rs_1' not found."}}},
        {"error": {"metadata": {"raw": '{"message": "Item with id \'rs_1\' not found."}'}}},
        {"error": {"metadata": {"raw": '{"message": "Item with id \\"rs_1\\" not found."}'}}},
    ],
)
def test_the_providers_sentence_is_found_inside_the_error_body(raw: Any):
    (message,) = again([thought(STORED)], refusal("Provider returned error", raw))
    assert "reasoning_details" not in message


def test_an_empty_array_stays_where_it_is():
    assert again([thought(), thought(STORED)], refusal()) == [thought(), ANSWER]


# ---------------------------------------------------------------- what another model sealed


@pytest.mark.parametrize(("status", "words"), UNREADABLE, ids=[words for _, words in UNREADABLE])
def test_signed_and_encrypted_reasoning_goes_and_open_reasoning_stays(status: int, words: str):
    sent = [thought(SIGNED, OPEN), thought(STORED), QUESTION]
    assert again(sent, refusal(words, status=status)) == [thought(OPEN), ANSWER, QUESTION]


@pytest.mark.parametrize(("status", "words"), [(400, LOST), *UNREADABLE])
def test_policy_all_never_leaves_out_and_never_repeats(status: int, words: str):
    error = refusal(words, status=status)
    with pytest.raises(ApiStatusError) as caught:
        again([thought(STORED, SIGNED)], error, "all")
    assert caught.value is error


# ---------------------------------------------------------------- ids of tool calls


@pytest.mark.parametrize(
    "words",
    [
        "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
        "Tool call id was functions.f:0 but must be a-z, A-Z, 0-9, with a length of 9.",
    ],
)
@pytest.mark.parametrize("policy", ["auto", "all"])
def test_ids_that_are_refused_are_replaced_in_calls_and_results(words: str, policy: str):
    function = {"name": "f", "arguments": "{}"}
    call = {"id": "functions.f:0", "type": "function", "function": function}
    result = {"role": "tool", "tool_call_id": "functions.f:0", "name": "f", "content": "1"}

    calling, answered = again([{**ANSWER, "tool_calls": [call]}, result], refusal(words), policy)

    (changed,) = calling["tool_calls"]
    assert changed["id"] == answered["tool_call_id"] != "functions.f:0"
    assert {**changed, "id": "functions.f:0"} == call


# ---------------------------------------------------------------- when nothing is repeated


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        ([thought(STORED)], refusal("temperature is out of range")),
        ([thought(STORED)], refusal(LOST, status=401)),
        ([thought(SIGNED), QUESTION], refusal(LOST)),
        ([thought(OPEN), QUESTION], refusal(OTHER_MODEL, status=404)),
        ([ANSWER, QUESTION], refusal(UNREADABLE[1][1])),
    ],
    ids=["other words", "other status", "no item", "nothing sealed", "no reasoning"],
)
def test_what_cannot_be_mended_is_raised_again(messages: Any, error: ApiStatusError):
    with pytest.raises(ApiStatusError) as caught:
        again(messages, error)
    assert caught.value is error


def test_the_messages_that_were_sent_are_not_changed():
    sent = [thought(STORED, SIGNED)]
    again(sent, refusal())
    assert sent == [thought(STORED, SIGNED)]


# ---------------------------------------------------------------- sending


class Provider:
    """Refuses as often as it has errors, and keeps what it was sent."""

    def __init__(self, *errors: ApiStatusError) -> None:
        self.errors = list(errors)
        self.seen: list[Any] = []

    def send(self, messages: Any) -> dict[str, Any]:
        self.seen.append(messages)
        if self.errors:
            raise self.errors.pop(0)
        return {"id": "answer"}

    async def asend(self, messages: Any) -> dict[str, Any]:
        return self.send(messages)


class Streamed:
    """A stream that asks when it is opened."""

    def __init__(self, opening: Any) -> None:
        self.open = opening


def client_of(provider: Provider) -> Any:
    def perform(_route: Route, call: Call[Any]) -> Any:
        body: Any = call.json
        return SimpleNamespace(raw=provider.send(body["messages"]), http=None)

    async def aperform(route: Route, call: Call[Any]) -> Any:
        return perform(route, call)

    def opened(_route: Route, call: StreamCall[Any, Any]) -> Any:
        body: Any = call.json
        return Streamed(lambda: provider.send(body["messages"]))

    def aopened(_route: Route, call: StreamCall[Any, Any]) -> Any:
        body: Any = call.json
        return Streamed(lambda: provider.asend(body["messages"]))

    config = ClientConfig(base_url=DEFAULT_BASE_URL)
    client = SimpleNamespace(config=config, perform=perform, open=opened)
    client.chat = Chat(cast("Any", client))
    client.achat = SimpleNamespace(config=config, perform=aperform, open=aopened, chat=client.chat)
    return client


SENDS: dict[str, Any] = {
    "ask": lambda client, request: ask(client, request)[0],
    "aask": lambda client, request: asyncio.run(aask(client.achat, request))[0],
    "open_stream": open_stream,
    "aopen_stream": lambda client, request: asyncio.run(aopen_stream(client.achat, request)),
}


@pytest.fixture(params=SENDS)
def send(request: pytest.FixtureRequest) -> Any:
    way = SENDS[request.param]
    return lambda provider, messages: way(client_of(provider), ChatRequest({"messages": messages}))


def test_a_refusal_that_can_be_mended_costs_one_more_request_and_one_line(
    send: Any, caplog: pytest.LogCaptureFixture
):
    provider = Provider(refusal())
    with caplog.at_level(logging.WARNING, "openrouter"):
        assert send(provider, [thought(STORED), QUESTION]) == {"id": "answer"}
    assert provider.seen == [[thought(STORED), QUESTION], [ANSWER, QUESTION]]
    (record,) = caplog.records
    assert 'reasoning_replay="none"' in record.message


def test_the_second_request_is_the_last(send: Any):
    first, second = refusal(), refusal(OTHER_MODEL, status=404)
    provider = Provider(first, second)
    with pytest.raises(ApiStatusError) as caught:
        send(provider, [thought(STORED, SIGNED), QUESTION])
    assert caught.value is second
    assert len(provider.seen) == 2


def test_what_is_not_refused_is_sent_once(send: Any):
    provider = Provider()
    assert send(provider, [thought(STORED)]) == {"id": "answer"}
    assert provider.seen == [[thought(STORED)]]


# ---------------------------------------------------------------- empty answers

NOT_BILLED = {"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9, "cost": 0}


def empty(usage: Any = None, **message: Any) -> dict[str, Any]:
    choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": None, **message}}
    return {
        "id": "gen-1",
        "model": "a/b",
        "choices": [choice],
        "usage": {**NOT_BILLED, **(usage or {})},
    }


def asks_again(
    reply: dict[str, Any],
    *,
    body: Any = None,
    options: Any = None,
    max_retries: int = 1,
    attempts: int = 1,
    headers: Any = None,
) -> bool:
    request = ChatRequest({"model": "a/b", **(body or {})}, options=options or {})
    http = ReplyInfo(status_code=200, headers=headers or {}, attempts=attempts)
    return may_ask_again(request, reply, http, ClientConfig(max_retries=max_retries))


@pytest.mark.parametrize(
    "usage",
    [{}, {"cost": 0.0}, {"is_byok": False}, {"cost_details": {"upstream_inference_cost": 0}},
     {"cost_details": None}, {"server_tool_use": {"web_search_requests": 0}}],
)  # fmt: skip
def test_an_answer_that_is_empty_and_cost_nothing_is_asked_for_again(usage: Any):
    assert asks_again(empty(usage))


@pytest.mark.parametrize(
    "reply",
    [
        empty({"cost": 0.001}),
        empty({"cost": None}),
        empty({"cost": False}),
        empty({"is_byok": True}),
        empty({"cost_details": {"upstream_inference_prompt_cost": 0.001}}),
        empty({"server_tool_use": {"web_search_requests": 1}}),
        empty({"server_tool_use_details": {"tool_calls_executed": 1}}),
        empty({"completion_tokens": 3}),
        empty(content="Hi"),
        empty(reasoning="Hm."),
        empty(refusal="No."),
        empty(images=[{"type": "image_url", "image_url": {"url": "data:,"}}]),
        empty(tool_calls=[{"id": "c", "function": {"name": "f", "arguments": "{}"}}]),
        {**empty(), "model": "a/b:free"},
        {**empty(), "usage": None},
    ],
)
def test_an_answer_that_says_something_or_may_have_cost_something_is_not(reply: dict[str, Any]):
    assert not asks_again(reply)


@pytest.mark.parametrize(
    "circumstances",
    [
        {"max_retries": 0},
        {"max_retries": 1, "attempts": 2},
        {"options": {"retry_empty": False}},
        {"body": {"stop": ["END"]}},
        {"body": {"model": "a/b:free"}},
        {"body": {"model": "openrouter/free"}},
        {"body": {"models": ["a/b", "c/d:free"]}},
        {"headers": {"x-openrouter-cache-status": "HIT"}},
    ],
)
def test_an_empty_answer_is_not_asked_for_again_when(circumstances: dict[str, Any]):
    assert not asks_again(empty(), **circumstances)


def test_a_model_that_the_catalogue_lists_without_a_price_is_not_asked_again():
    free = [f.id for f in bundled_models() if {*f.pricing.values()} == {"0"} and "free" not in f.id]

    assert free
    assert not asks_again({**empty(), "model": free[0]})
    assert not asks_again(empty(), body={"model": free[0]})
