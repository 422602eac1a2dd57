"""What LlamaIndex learns of a model: from settings, the live list, the bundled list, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from llama_index_openrouter import OpenRouter
from llama_index_openrouter._metadata import UNKNOWN_CONTEXT, llm_metadata
from llama_index_openrouter._settings import ChatSettings
from openrouter_core.catalog import ModelCatalog, ModelFacts
from openrouter_emulator import Emulator
from tests.llama_index.making import MakeLlm


def facts(**fields: Any) -> ModelFacts:
    return ModelFacts("x/y", supported_parameters=frozenset({"temperature"}), **fields)


def test_h1_context_window_is_the_catalogues():
    known = llm_metadata(ChatSettings(model="x/y"), facts(context_length=9000))

    assert known.context_window == 9000
    assert (known.model_name, known.is_chat_model) == ("x/y", True)


def test_explicit_values_win():
    settings = ChatSettings(
        model="x/y", context_window=500, num_output=50, is_function_calling_model=True
    )

    known = llm_metadata(settings, facts(context_length=9000, max_completion_tokens=4000))

    assert (known.context_window, known.num_output, known.is_function_calling_model) == (
        500,
        50,
        True,
    )


OUTPUT = {
    "as asked": ({"max_tokens": 77}, {}, 77),
    "as able": ({}, {"max_completion_tokens": 1000}, 1000),
    "a quarter of the window at most": ({}, {"max_completion_tokens": 9000}, 2250),
    "a quarter where nothing is said": ({}, {}, 2250),
}


@pytest.mark.parametrize(("settings", "known", "tokens"), OUTPUT.values(), ids=OUTPUT.keys())
def test_gap_48_room_for_the_answer_never_fills_the_window(
    settings: dict[str, Any], known: dict[str, Any], tokens: int
):
    metadata = llm_metadata(
        ChatSettings(model="x/y", **settings), facts(context_length=9000, **known)
    )

    assert metadata.num_output == tokens


def test_d4_tools_come_from_supported_parameters():
    able = ModelFacts("x/y", supported_parameters=frozenset({"tools"}))

    assert llm_metadata(ChatSettings(model="x/y"), able).is_function_calling_model
    assert not llm_metadata(ChatSettings(model="x/y"), facts()).is_function_calling_model


def test_d4_unknown_model_may_call_functions():
    metadata = OpenRouter("@preset/mine").metadata

    assert metadata.is_function_calling_model
    assert metadata.context_window == UNKNOWN_CONTEXT


@pytest.mark.parametrize("model", ["openai/gpt-4o-mini", "openai/gpt-4o-mini:nitro"])
def test_bundled_list_needs_no_network(model: str):
    metadata = OpenRouter(model, api_base="http://127.0.0.1:9/v1").metadata

    assert metadata.context_window == 128_000
    assert metadata.is_function_calling_model


def test_metadata_follows_the_model():
    llm = OpenRouter("openai/gpt-4o-mini")

    llm.model = "@preset/mine"

    assert llm.metadata.model_name == "@preset/mine"


def test_list_is_fetched_only_if_allowed_and_once(openrouter_emulator: Emulator, make_llm: MakeLlm):
    base = openrouter_emulator.base_url
    ModelCatalog(base).forget()
    settings: dict[str, Any] = {"api_base": base}

    make_llm(**settings).metadata  # noqa: B018  # reading it is the point
    before = len(openrouter_emulator.requests)
    live = make_llm("moonshotai/kimi-k2-thinking", refresh_metadata=True, **settings)
    windows = {live.metadata.context_window for _ in range(3)}

    assert before == 0
    assert [r.path for r in openrouter_emulator.requests] == ["/models"]
    assert windows == {262_144}
    ModelCatalog(base).forget()
