"""Dumps, copies, pickles and events: nothing shows a key, everything works afterwards."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import pickle
import subprocess
import sys
from typing import Any

import pytest
from llama_index.core import Settings
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.embeddings import MockEmbedding

from llama_index_openrouter import OpenRouter, OpenRouterEmbedding, OpenRouterRerank
from openrouter_core import MissingApiKeyError
from openrouter_emulator import Emulator
from tests.llama_index_openrouter.factories import MakeLlm

KEY = "sk-or-v1-0123456789abcdef"
SECRETS: dict[str, Any] = {
    "api_key": KEY,
    "extra_headers": {"X-Team": f"{KEY}-header"},
    "proxy": f"http://user:{KEY}@proxy.example:1",
}
HI = [ChatMessage(content="Hi")]


def llm(**settings: Any) -> OpenRouter:
    return OpenRouter("openai/gpt-4o-mini", temperature=0.5, provider={"zdr": True}, **settings)


def shown(model: Any) -> str:
    return " ".join([repr(model), str(model), str(model.to_dict()), model.to_json()])


@pytest.mark.parametrize(
    "model",
    [llm(**SECRETS), OpenRouterEmbedding("a/b", **SECRETS), OpenRouterRerank("a/b", **SECRETS)],
    ids=lambda m: type(m).__name__,
)
def test_gap_49_nothing_shows_a_key(model: Any):
    assert KEY not in shown(model)
    assert KEY.encode() not in pickle.dumps(model)
    assert KEY not in repr(vars(model).get("__pydantic_private__"))


def test_events_show_no_key():
    payload = llm(**SECRETS).to_payload()

    assert KEY not in json.dumps(payload, default=str)
    assert (payload["model"], payload["temperature"]) == ("openai/gpt-4o-mini", 0.5)


def test_object_comes_back_from_its_dict():
    original = llm(max_tokens=9, api_base="https://a.example/v1")

    back = OpenRouter.from_dict(original.to_dict())

    assert back.build_request(HI) == original.build_request(HI)
    assert back.api_base == "https://a.example/v1"
    assert original.to_dict()["class_name"] == "OpenRouter_LLM"


@pytest.mark.parametrize("way", [copy.deepcopy, copy.copy], ids=["deepcopy", "copy"])
def test_gap_50_copies_work_after_a_call(
    openrouter_emulator: Emulator, make_llm: MakeLlm, way: Any
):
    original = make_llm()
    original.chat(HI)

    twin = way(original)

    assert twin.chat(HI).message.content
    assert twin.to_dict() == original.to_dict()


def test_gap_50_pickle_takes_the_key_from_the_environment(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    original = make_llm(api_key=openrouter_emulator.api_key, temperature=0)
    original.chat(HI)

    back = pickle.loads(pickle.dumps(original))

    assert back.chat(HI).message.content
    assert openrouter_emulator.last.json["temperature"] == 0


def test_embedding_and_rerank_come_back_from_a_pickle():
    embedding = pickle.loads(pickle.dumps(OpenRouterEmbedding("a/b", dimensions=3)))
    rerank = pickle.loads(pickle.dumps(OpenRouterRerank("a/b", top_n=3)))

    assert (embedding.model_name, embedding.dimensions) == ("a/b", 3)
    assert (rerank.model, rerank.top_n) == ("a/b", 3)


def test_missing_key_gets_a_sentence_at_the_first_call():
    with pytest.raises(MissingApiKeyError, match="Set OPENROUTER_API_KEY"):
        llm().chat(HI)


def test_changed_connection_holds_from_the_next_call_on(openrouter_emulator: Emulator):
    model = llm(api_base="http://127.0.0.1:9/v1", max_retries=0)
    before = model.client

    model.api_base = openrouter_emulator.base_url

    assert model.client is not before
    assert model.chat(HI).message.content


def test_gap_51_c5_one_object_serves_several_event_loops(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    model = make_llm()

    for _ in range(3):
        assert asyncio.run(model.achat(HI)).message.content


LOOPS = """
import asyncio, gc
from llama_index.core.llms import ChatMessage
from llama_index_openrouter import OpenRouter

llm = OpenRouter("openai/gpt-4o-mini")

async def talk():
    _ = [r async for r in await llm.astream_chat([ChatMessage("Hi")])]
    return (await llm.achat([ChatMessage("Hi")])).message.content

print([asyncio.run(talk()) for _ in range(3)])
gc.collect()
"""


def test_c5_gap_51_repeated_loops_leave_nothing_open(openrouter_emulator: Emulator):
    """quirks.md C5, in a program of its own that turns every warning of its last breath into noise."""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", LOOPS],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert done.stdout.strip() == str(["You said: Hi."] * 3)
    assert "ResourceWarning" not in done.stderr
    assert done.returncode == 0


async def test_object_works_after_it_was_closed(openrouter_emulator: Emulator, make_llm: MakeLlm):
    model = make_llm()
    model.chat(HI)
    await model.achat(HI)

    model.close()
    await model.aclose()

    assert model.chat(HI).message.content
    assert (await model.achat(HI)).message.content


def test_settings_llm_takes_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Settings, "_llm", None)
    monkeypatch.setattr(Settings, "_embed_model", MockEmbedding(embed_dim=2))
    model = llm()

    Settings.llm = model

    assert Settings.llm is model


def test_c5_a_thousand_objects_make_no_client():
    models = [llm() for _ in range(1000)]

    assert all(model._client is None and model._async_client is None for model in models)
