"""Token estimates need no tokenizer and count everything that is sent."""

from __future__ import annotations

import sys

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, trim_messages

from langchain_openrouter import ChatOpenRouter
from langchain_openrouter._request import token_estimate
from langchain_openrouter.errors import ConfigurationError

MODEL = ChatOpenRouter(model="a/b", api_key="sk-or-test")
LONG = "word " * 400


@pytest.fixture(autouse=True)
def _no_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)


@pytest.mark.parametrize(
    ("text", "low", "high"), [("", 0, 0), (LONG, 400, 600), ("北京" * 100, 120, 260)]
)
def test_text_is_estimated_by_script(text: str, low: int, high: int):
    assert low <= token_estimate.of_text(text) <= high


@pytest.mark.parametrize(
    "message",
    [
        HumanMessage(LONG),
        HumanMessage(["x", {"type": "text", "text": LONG}]),
        AIMessage("", tool_calls=[{"name": "f", "args": {"text": LONG}, "id": "c"}]),
        AIMessage("x", additional_kwargs={"reasoning_content": LONG}),
    ],
    ids=["text", "blocks", "arguments", "reasoning"],
)
def test_everything_that_is_sent_counts(message: HumanMessage | AIMessage):
    assert MODEL.get_num_tokens_from_messages([message]) >= 400


def test_tools_count():
    def tool(text: str) -> str:
        """Do something."""
        return text

    tool.__doc__ = LONG
    plain = MODEL.get_num_tokens_from_messages([HumanMessage("Hi")])

    assert MODEL.get_num_tokens_from_messages([HumanMessage("Hi")], tools=[tool]) >= plain + 400


def test_media_count_flatly_and_not_by_their_bytes():
    image = {"type": "image", "base64": "A" * 1_000_000, "mime_type": "image/png"}

    assert MODEL.get_num_tokens_from_messages([HumanMessage([image])]) < 5_000


def test_trim_messages_counts_with_the_model():
    messages = [SystemMessage("Be brief"), HumanMessage(LONG), HumanMessage("Hi")]

    kept = trim_messages(messages, max_tokens=50, token_counter=MODEL, include_system=True)

    assert [m.content for m in kept] == ["Be brief", "Hi"]


def test_a_tokenizer_of_ones_own_is_used():
    made = ChatOpenRouter(model="a/b", api_key="k", custom_get_token_ids=lambda text: [1] * 7)

    assert made.get_num_tokens("anything") == 7


def test_ids_of_tokens_are_the_users_own_or_an_error_that_says_so():
    mine = ChatOpenRouter(model="a/b", api_key="k", custom_get_token_ids=lambda text: [1] * 7)

    assert mine.get_token_ids("Hi") == [1] * 7
    with pytest.raises(ConfigurationError, match="custom_get_token_ids"):
        ChatOpenRouter(model="a/b", api_key="k").get_token_ids("Hi")
