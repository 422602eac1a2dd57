"""Jobs over the LlamaIndex adapter: chat, structured answers, embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse
from llama_index.core.prompts import PromptTemplate
from pydantic import BaseModel

from llama_index_openrouter import OpenRouter, OpenRouterEmbedding
from openrouter_core import ConfigurationError
from openrouter_core.bulk import Job
from openrouter_emulator import Emulator
from tests.token_bucket import TokenBucketServer

# llama-index-core 0.14 itself uses what pydantic calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Song(BaseModel):
    """A song."""

    title: str


@pytest.fixture
def server() -> Iterator[TokenBucketServer]:
    with TokenBucketServer(1000, latency_s=0.001) as server:
        yield server


@pytest.fixture
def llm(server: TokenBucketServer) -> OpenRouter:
    return OpenRouter("a/b", api_key="sk-or-x", api_base=server.url)


def test_a_model_gives_responses(tmp_path: Path, llm: OpenRouter, server: TokenBucketServer):
    rows: list[tuple[str, Any]] = [
        ("text", "one"),
        ("message", ChatMessage("two")),
        ("messages", [ChatMessage("Be brief.", role="system"), ChatMessage("three")]),
        ("dicts", [{"role": "user", "content": "four"}]),
    ]
    with Job[ChatResponse](tmp_path / "job.db", llm) as job:
        job.add(rows)
        items = {item.key: item for item in job.run()}
    with Job[ChatResponse](tmp_path / "job.db", llm) as job:
        assert job.add(rows) == 0
        stored = list(job.results())

    texts = [f"Answer to {word}" for word in ("one", "two", "three", "four")]
    assert [items[key].result.message.content for key, _ in rows] == texts  # type: ignore[union-attr]  # none failed
    assert [item.result.message.content for item in stored if item.result] == texts
    assert all(item.result.raw == item.body for item in stored if item.result)
    assert set(server.answered.values()) == {1}


def test_a_function_over_it_gives_objects(tmp_path: Path, llm: OpenRouter):
    prompt = PromptTemplate("{word}")
    llm.structured_output_mode = "json_schema"

    async def song(word: str) -> Song:
        return await llm.astructured_predict(Song, prompt, word=word)

    with Job[Song](tmp_path / "job.db", song) as job:
        job.add([("a", "rain")])
        (item,) = job.run()
        stored = [one.result for one in job.results()]

    assert item.result == Song(title="rain")
    assert stored == [item.result]


def test_a_model_that_a_function_uses_belongs_to_the_settings(tmp_path: Path, llm: OpenRouter):
    def job() -> Job[Any]:
        async def ask(word: str) -> str:
            return str(await llm.acomplete(word))

        return Job(tmp_path / "job.db", ask)

    added = [job().add([("a", "x")]) for _ in range(2)]
    llm.temperature = 0.7
    added.append(job().add([("a", "x")]))

    assert added == [1, 0, 1]


def test_embeddings_give_vectors(tmp_path: Path, server: TokenBucketServer):
    made = OpenRouterEmbedding("a/e", api_key="sk-or-x", api_base=server.url)
    with Job[Any](tmp_path / "job.db", made) as job:
        job.add([("one", "abc"), ("two", ["ab", "a"])])
        items = {item.key: item for item in job.run()}

    assert [items[key].error for key in ("one", "two")] == [None, None]
    assert items["one"].result == [3.0, 1.0]
    assert items["two"].result == [[2.0, 1.0], [1.0, 1.0]]


def test_the_batch_api_gives_responses(tmp_path: Path, openrouter_emulator: Emulator):
    model = OpenRouter("openai/gpt-4o-mini", max_tokens=20)
    with Job[ChatResponse](tmp_path / "job.db", model) as job:
        job.add([("text", "one"), ("message", ChatMessage("two"))])
        assert job.submit() == 2
        items = {item.key: item for item in job.collect(wait=True)}

    assert [items[key].error for key in ("text", "message")] == [None, None]
    assert "two" in items["message"].result.message.content  # type: ignore[union-attr, operator]  # it did not fail


def test_batch_offline_gives_an_item_for_each_input(tmp_path: Path, openrouter_emulator: Emulator):
    model = OpenRouter("openai/gpt-4o-mini", max_tokens=20)

    items = model.batch_offline(["one", [ChatMessage("two")]], store=tmp_path / "job.db")

    assert [item.error for item in items] == [None, None]
    assert "two" in items[1].result.message.content  # type: ignore[union-attr, operator]  # it did not fail


async def test_batch_offline_can_be_awaited(tmp_path: Path, openrouter_emulator: Emulator):
    model = OpenRouter("openai/gpt-4o-mini", max_tokens=20)
    items = await model.abatch_offline(["one", [ChatMessage("two")]], store=tmp_path / "job.db")

    assert [item.error for item in items] == [None, None]
    assert "two" in items[1].result.message.content  # type: ignore[union-attr, operator]  # it did not fail


def test_a_dict_is_one_message(tmp_path: Path, openrouter_emulator: Emulator):
    model = OpenRouter("openai/gpt-4o-mini", max_tokens=20)
    with Job[ChatResponse](tmp_path / "job.db", model) as job:
        job.add([("dict", {"role": "user", "content": "one"}), ("nothing", None)])
        items = {item.key: item for item in job.run()}

    (body,) = openrouter_emulator.bodies
    assert body["messages"] == [{"role": "user", "content": "one"}]
    assert str(items["nothing"].error).startswith("ConfigurationError: messages must be a list of")


def test_one_text_is_not_many(tmp_path: Path, openrouter_emulator: Emulator):
    with pytest.raises(ConfigurationError, match="inputs must be a list of inputs"):
        OpenRouter("openai/gpt-4o-mini").batch_offline("Hi", store=tmp_path / "job.db")

    assert openrouter_emulator.bodies == []
