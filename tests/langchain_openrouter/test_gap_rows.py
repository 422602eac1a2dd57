"""That no row of docs/gaps.md is without a test, and the rows that no other module is about."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from langchain_core.documents import Document

from langchain_openrouter import OpenRouterEmbeddings, OpenRouterRerank
from openrouter_core import OpenRouterClient
from openrouter_emulator import Emulator
from tests.langchain_openrouter.call_styles import model

HERE = Path(__file__).parent
NOT_OURS = {46}  # blocks of LlamaIndex
_IN_NAME = re.compile(r"row(\d+)(?:_to_(\d+))?")
_IN_TEXT = re.compile(r"\brows? (\d+(?:(?:, | and | to )\d+)*)", re.IGNORECASE)


def _rows_of(text: str) -> Iterator[int]:
    for first, last in _IN_NAME.findall(text):
        yield from range(int(first), int(last or first) + 1)
    for listed in _IN_TEXT.findall(text):
        numbers = [int(n) for n in re.findall(r"\d+", listed)]
        yield from range(numbers[0], numbers[-1] + 1) if " to " in listed else numbers


def test_every_row_has_a_test():
    """A number in a test's name or docstring is the claim that the test is about that row."""
    found = {row for path in HERE.rglob("test_*.py") for row in _rows_of(path.read_text("utf-8"))}

    assert sorted({*range(1, 56)} - found - NOT_OURS) == []


def test_numbers_are_read_as_people_write_them():
    assert [*_rows_of("def test_row_x(): 'Rows 7, 9 and 12.'")] == [7, 9, 12]
    assert [*_rows_of("def test_row3_to_5_x(): ...")] == [3, 4, 5]
    assert [*_rows_of("'gap rows 30 to 32'")] == [30, 31, 32]


def test_row53_embeddings_rerank_images_videos_credits_and_generations(
    openrouter_emulator: Emulator,
):
    """Row 53: what is no chat is there too, under the same key."""
    client = OpenRouterClient()
    answer = model().invoke("Hi")
    found = OpenRouterRerank(model="cohere/rerank-v3.5", top_n=1).compress_documents(
        [Document("Rome"), Document("the capital of France is Paris")], "capital of France"
    )

    assert OpenRouterEmbeddings(model="openai/text-embedding-3-small").embed_query("Hi")
    assert found[0].page_content.endswith("Paris")
    assert client.images.create(prompt="A cat", model="google/gemini-2.5-flash-image").raw["data"]
    assert client.videos.create(prompt="A cat", model="google/veo-3.1-fast").raw["id"]
    assert (
        OpenRouterClient(openrouter_emulator.management_key).credits.get().total_credits is not None
    )
    assert client.generations.get(answer.response_metadata["generation_id"]).raw


def test_row55_no_sdk_stands_between_us_and_the_wire():
    """Row 55: there is no pin of `openrouter` that could lag behind, and no `httpx` under us."""
    root = HERE.parent.parent
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["langchain"]]
    names = {re.split(r"[<>=\[ ]", requirement)[0] for requirement in needed}

    assert {"httpx2", "langchain-core", "pydantic"} <= names
    assert not {"openrouter", "openai", "httpx", "requests"} & names
