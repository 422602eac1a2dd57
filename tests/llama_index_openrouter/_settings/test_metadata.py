"""What LlamaIndex learns of a model: from settings, the live list, the bundled list, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, LLMMetadata

from llama_index_openrouter import OpenRouter
from llama_index_openrouter._settings.chat import ChatSettings
from llama_index_openrouter._settings.metadata import UNKNOWN_CONTEXT, llm_metadata
from openrouter_core import ConfigurationError
from openrouter_core.catalog import endpoints as model_endpoints
from openrouter_core.catalog.models import ModelCatalog, ModelFacts, facts_offline
from openrouter_emulator import Emulator
from tests.llama_index_openrouter.factories import MakeLlm


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
    ModelCatalog(base).reset()
    settings: dict[str, Any] = {"api_base": base}

    make_llm(**settings).metadata  # noqa: B018  # reading it is the point
    before = len(openrouter_emulator.requests)
    live = make_llm("moonshotai/kimi-k2-thinking", refresh_metadata=True, **settings)
    windows = {live.metadata.context_window for _ in range(3)}

    assert before == 0
    assert [r.path for r in openrouter_emulator.requests] == ["/models"]
    assert windows == {262_144}
    ModelCatalog(base).reset()


@pytest.mark.parametrize(
    ("settings", "window"),
    [
        ({"provider": {"only": ["deepinfra", "chutes"]}}, 65_536),
        ({"order": ["chutes"]}, 65_536),
        ({"provider": {"only": ["deepinfra"]}}, None),
        ({}, None),
        ({"order": ["chutes"], "context_window": 77}, 77),
    ],
)
def test_h1_the_providers_that_are_left_decide_the_window(
    openrouter_emulator: Emulator, make_llm: MakeLlm, settings: dict[str, Any], window: int | None
):
    ModelCatalog(openrouter_emulator.base_url).reset()
    model_endpoints.reset()
    llm = make_llm("deepseek/deepseek-v3.2", refresh_metadata=True, **settings)

    seen = {llm.metadata.context_window for _ in range(3)}

    models = openrouter_emulator.requests[0].path
    assert models == "/models"
    pinned = [r for r in openrouter_emulator.requests if r.path.endswith("/endpoints")]
    assert len(pinned) == (1 if set(settings) & {"provider", "order"} else 0)
    catalogued = ModelCatalog(openrouter_emulator.base_url).facts("deepseek/deepseek-v3.2")
    assert seen == {window or catalogued.context_length}
    ModelCatalog(openrouter_emulator.base_url).reset()
    model_endpoints.reset()


def test_pinned_provider_of_a_model_without_a_list_of_providers_is_no_crash(make_llm: MakeLlm):
    llm = make_llm("nobody/knows-this", refresh_metadata=True, order=["azure"])

    assert llm.metadata.context_window == UNKNOWN_CONTEXT
    model_endpoints.reset()


OFF = [
    {"reasoning": {"enabled": False}},
    {"reasoning": {"effort": "none"}},
    {"reasoning_effort": "none"},
]


@pytest.mark.parametrize("off", OFF, ids=["enabled", "effort", "short"])
async def test_a12_switching_off_mandatory_reasoning_is_refused_before_the_call(
    openrouter_emulator: Emulator, make_llm: MakeLlm, off: dict[str, Any]
):
    known = facts_offline("openai/gpt-oss-120b")
    assert known is not None
    assert (known.reasoning or {})["mandatory"]

    with pytest.raises(ConfigurationError, match=r"always reasons.*Choose an effort"):
        await make_llm("openai/gpt-oss-120b").achat([], **off)
    with pytest.raises(ConfigurationError, match="always reasons"):
        make_llm("openai/gpt-oss-120b", **off).stream_complete("Hi")

    assert openrouter_emulator.requests == []


@pytest.mark.parametrize("model", ["anthropic/claude-sonnet-4.5", "~openai/gpt-latest", "a/b"])
def test_a12_where_reasoning_is_a_choice_the_wish_is_sent(make_llm: MakeLlm, model: str):
    wish = {"enabled": False}

    assert make_llm(model).build_request([], reasoning=wish)["reasoning"] == wish


def test_a12_the_catalogue_tells_how_a_model_reasons(make_llm: MakeLlm):
    known = make_llm("openai/gpt-oss-120b").model_facts

    assert known is not None
    assert "high" in (known.reasoning or {})["supported_efforts"]


@pytest.mark.parametrize(
    ("model", "outputs"),
    [
        ("google/gemini-2.5-flash-image", {"image", "text"}),
        ("black-forest-labs/flux.2-pro", {"image"}),
        ("openai/gpt-4o-mini", {"text"}),
    ],
)
def test_g3_auto_modalities_are_the_models_own(make_llm: MakeLlm, model: str, outputs: set[str]):
    assert set(make_llm(model, modalities="auto").build_request([])["modalities"]) == outputs


def test_g3_modalities_are_sent_as_they_are_said_or_not_at_all(make_llm: MakeLlm):
    llm = make_llm("google/gemini-2.5-flash-image")

    assert "modalities" not in llm.build_request([])
    assert llm.build_request([], modalities=["image"])["modalities"] == ["image"]
    with pytest.raises(ConfigurationError, match="Name them"):
        make_llm("a/b", modalities="auto").build_request([])


def test_f5_session_groups_calls_and_the_sticky_provider_is_told(
    openrouter_emulator: Emulator, make_llm: MakeLlm
):
    llm = make_llm(session_id="chat-1", trace={"trace_name": "t"})

    response = llm.chat([ChatMessage(content="Hi")])
    llm.complete("Hi", session_id="chat-2")

    assert [b["session_id"] for b in openrouter_emulator.bodies] == ["chat-1", "chat-2"]
    assert openrouter_emulator.bodies[0]["trace"] == {"trace_name": "t"}
    assert response.additional_kwargs["provider"] == openrouter_emulator.charges[0].provider
    with pytest.raises(ConfigurationError, match="256"):
        make_llm(session_id="s" * 257)


def test_payload_tells_all_that_the_metadata_tells():
    llm = OpenRouter(model="x/y", context_window=500, num_output=50)

    described = llm.metadata.model_dump()
    assert described.items() <= llm.to_payload().items()
    assert LLMMetadata(**described) == llm.metadata
