"""Rows 48 to 53 and 55: a model in a program: profiles, secrets, copies, event loops, what else is there."""

from __future__ import annotations

import asyncio
import copy
import inspect
import pickle
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_core.documents.compressor import BaseDocumentCompressor
from langchain_core.embeddings import Embeddings
from langchain_core.load import dumps
from packaging.requirements import Requirement

import langchain_openrouter
from openrouter_emulator import Emulator
from tests.gaps.subject import KEPT, gap, model, requirements

# ------------------------------------------------------------------ profiles


@gap(48, "the profile of a model", official=KEPT)
def test_row48_profile_tells_the_context_window(openrouter_emulator: Emulator):
    profile = model(openrouter_emulator, "openai/gpt-4o-mini").profile or {}

    assert profile.get("max_input_tokens")


@gap(48, "the profile of a variant such as :nitro", official="no profile")
@pytest.mark.parametrize("variant", [":nitro", ":floor", ":online"])
def test_row48_variant_has_the_profile_of_its_model(openrouter_emulator: Emulator, variant: str):
    profile = model(openrouter_emulator, f"openai/gpt-4o-mini{variant}").profile or {}

    assert profile.get("max_input_tokens"), "no profile"


# ------------------------------------------------------------------ secrets, copies, loops


@gap(49, "the key is in no repr or dump", official=KEPT)
def test_row49_key_is_in_no_repr_or_dump(openrouter_emulator: Emulator):
    made = model(openrouter_emulator)
    shown = [repr(made), str(made), dumps(made), str(made.model_dump()), str(made.asdict())]

    assert not [text for text in shown if openrouter_emulator.api_key in text]


@gap(50, "a deep copy of a model", official="TypeError")
def test_row50_model_can_be_deepcopied(openrouter_emulator: Emulator):
    made = model(openrouter_emulator)
    made.invoke("Hi")

    assert copy.deepcopy(made).invoke("Hi").text


@gap(50, "a pickle of a model", official="(TypeError|PicklingError|AttributeError)")
def test_row50_model_can_be_pickled(openrouter_emulator: Emulator):
    made = model(openrouter_emulator)
    made.invoke("Hi")

    assert pickle.loads(pickle.dumps(made)).invoke("Hi").text


@gap(51, "one model in several event loops", official="Event loop is closed")
def test_row51_model_outlives_an_event_loop(openrouter_emulator: Emulator):
    made = model(openrouter_emulator)

    for _ in range(3):
        assert asyncio.run(made.ainvoke("Hi")).text


@gap(52, "calls in no other application's name", official="is said to be")
def test_row52_calls_are_nobody_elses(openrouter_emulator: Emulator):
    model(openrouter_emulator).invoke("Hi")

    headers = {k.lower(): v for k, v in openrouter_emulator.last.headers.items()}
    names = {k: v for k, v in headers.items() if k == "http-referer" or "title" in k}
    assert not names, f"the application is said to be {names}"


# ------------------------------------------------------------------ what else is there


def _exported(kind: type[Any]) -> list[type[Any]]:
    """The public classes of the package that LangChain takes for one purpose."""
    public = [getattr(langchain_openrouter, name) for name in langchain_openrouter.__all__]
    return [it for it in public if inspect.isclass(it) and issubclass(it, kind)]


@gap(53, "embeddings for LangChain", official="no embeddings")
def test_row53_there_are_embeddings(openrouter_emulator: Emulator):
    classes = _exported(Embeddings)

    assert classes, "no embeddings"
    assert classes[0](model="openai/text-embedding-3-small").embed_query("Hi")


@gap(53, "a reranker for LangChain", official="no reranker")
def test_row53_there_is_a_reranker(openrouter_emulator: Emulator):
    classes = _exported(BaseDocumentCompressor)
    documents = [Document("Rome"), Document("the capital of France is Paris")]

    assert classes, "no reranker"
    found = classes[0](model="cohere/rerank-v3.5", top_n=1).compress_documents(
        documents, "capital of France"
    )
    assert found[0].page_content.endswith("Paris")


@gap(55, "the current SDK may be installed beside it", official="excludes openrouter 1.3.84")
def test_row55_current_sdk_is_not_excluded():
    needed = [Requirement(text) for text in requirements()]
    excluding = [r for r in needed if r.name == "openrouter" and "1.3.84" not in r.specifier]

    assert needed
    assert not excluding, f"{excluding[0]} excludes openrouter 1.3.84" if excluding else ""
