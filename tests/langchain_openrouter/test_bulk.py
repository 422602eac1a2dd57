"""Jobs over the LangChain adapter: models, chains, structured output, embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from pydantic import BaseModel

from langchain_openrouter import ChatOpenRouter, OpenRouterEmbeddings
from openrouter_core.bulk import Job
from tests.token_bucket import PRICE, TokenBucketServer

TEXTS = [(n, f"text {n}") for n in range(10)]


class Song(BaseModel):
    """A song."""

    title: str


@pytest.fixture
def server() -> Iterator[TokenBucketServer]:
    with TokenBucketServer(1000, latency_s=0.001) as server:
        yield server


@pytest.fixture
def model(server: TokenBucketServer) -> ChatOpenRouter:
    return ChatOpenRouter(model="a/b", api_key="sk-or-x", base_url=server.url, temperature=0)


def _run(file: Path, target: Any, rows: Any = TEXTS, **settings: Any) -> list[Any]:
    """Results as they came, checked against those that another job reads from the file."""
    with Job(file, target, **settings) as job:
        job.add(rows)
        items = {item.key: item for item in job.run()}
        assert [item.error for item in items.values() if not item.is_ok] == []
    with Job(file, target, **settings) as job:
        assert job.add(rows) == 0
        stored = [item.result for item in job.results()]
    assert [items[key].result for key, _ in rows] == stored
    assert {item.cost for item in items.values()} == {Decimal(PRICE)}
    return stored


def test_a_model_gives_messages(tmp_path: Path, model: ChatOpenRouter, server: TokenBucketServer):
    with Job[AIMessage](tmp_path / "job.db", model) as job:
        job.add(TEXTS)
        items = {item.key: item for item in job.run()}
        stored = list(job.results())

    assert items[3].result is not None
    assert items[3].result.text == "Answer to text 3"
    assert items[3].body is not None
    assert [i.result.text for i in stored if i.result] == [f"Answer to {t}" for _, t in TEXTS]
    assert set(server.answered.values()) == {1}


def test_conversations_are_prompts(tmp_path: Path, model: ChatOpenRouter):
    rows = [
        ("objects", [SystemMessage("Be brief."), HumanMessage("one")]),
        ("pairs", [("system", "Be brief."), ("user", "two")]),
        ("dicts", [{"role": "user", "content": "three"}]),
    ]
    with Job[AIMessage](tmp_path / "job.db", model) as job:
        job.add(rows)
        items = {item.key: item for item in job.run()}
        assert job.add(rows) == 0

    assert [items[key].error for key, _ in rows] == [None] * 3
    texts = [items[key].result.text for key, _ in rows]  # type: ignore[union-attr]  # none failed
    assert texts == ["Answer to one", "Answer to two", "Answer to three"]


def test_a_chain_gives_what_its_last_step_gives(tmp_path: Path, model: ChatOpenRouter):
    chain = ChatPromptTemplate.from_template("Say {word}") | model | StrOutputParser()
    rows = [(n, {"word": f"w{n}"}) for n in range(5)]

    assert _run(tmp_path / "job.db", chain, rows) == [f"Answer to Say w{n}" for n in range(5)]


def test_structured_output_gives_objects(tmp_path: Path, model: ChatOpenRouter):
    chain = model.with_structured_output(Song, method="json_schema")
    raw = model.with_structured_output(Song, method="json_schema", include_raw=True)

    assert _run(tmp_path / "job.db", chain)[2] == Song(title="text 2")
    both = _run(tmp_path / "raw.db", raw)[2]
    assert both["parsed"] == Song(title="text 2")
    assert isinstance(both["raw"], AIMessage)


def test_embeddings_give_vectors(tmp_path: Path, server: TokenBucketServer):
    made = OpenRouterEmbeddings(
        model="a/e", api_key="sk-or-x", base_url=server.url, encoding_format="float"
    )

    assert _run(tmp_path / "job.db", made, [("one", "abc"), ("two", ["ab", "a"])]) == [
        [3.0, 1.0], [[2.0, 1.0], [1.0, 1.0]],
    ]  # fmt: skip


def test_a_changed_setting_is_a_new_item_and_a_changed_timeout_is_not(
    tmp_path: Path, model: ChatOpenRouter
):
    prompt = ChatPromptTemplate.from_template("Say {word}")

    def targets(**changes: Any) -> list[Any]:
        made = ChatOpenRouter(
            **{"model": "a/b", "api_key": "sk-or-x", "base_url": model.openrouter_api_base,
               "temperature": 0, **changes}
        )  # fmt: skip
        return [made, prompt | made, made.with_structured_output(Song, method="json_schema")]

    def new(made: list[Any]) -> list[int]:
        added = []
        for number, target in enumerate(made):
            with Job(tmp_path / f"{number}.db", target) as job:
                added.append(job.add([("a", "x")]))
        return added

    assert new(targets()) == [1, 1, 1]
    assert new(targets(max_retries=5, timeout=9, default_headers={"x": "y"}, api_key="sk-or-z")) == [
        0, 0, 0,
    ]  # fmt: skip
    assert new(targets(temperature=1)) == [1, 1, 1]
    assert new(targets(model="a/c")) == [1, 1, 1]


def test_a_refused_item_does_not_stop_the_others(tmp_path: Path, model: ChatOpenRouter):
    rows = [*TEXTS, ("bad", [{"role": "nobody", "content": "x"}])]
    with Job(tmp_path / "job.db", model) as job:
        job.add(rows)
        items = {item.key: item for item in job.run()}

    assert [key for key, item in items.items() if not item.is_ok] == ["bad"]
    assert len(items) == 11
