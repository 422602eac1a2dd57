"""Model profiles come from the catalogue: known, unknown, with suffixes; no network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from langchain_openrouter import ChatOpenRouter
from langchain_openrouter._settings.profile import to_profile
from openrouter_core.catalog import endpoints as model_endpoints
from openrouter_core.catalog.models import ModelCatalog, ModelFacts
from openrouter_emulator import Emulator


@pytest.fixture(autouse=True)
def _nothing_fetched() -> Iterator[None]:
    """The process shares what was fetched; no test leaves anything behind."""
    yield
    model_endpoints.reset()


def profile(model: str) -> dict[str, object] | None:
    found = ChatOpenRouter(model=model, api_key="sk-or-test").profile
    return None if found is None else dict(found)


def test_e5_h1_row48_profile_says_what_the_catalogue_says():
    """quirks.md E5 and H1, gap row 48."""
    facts = ModelFacts(
        "a/b",
        context_length=200_000,
        max_completion_tokens=64_000,
        input_modalities=("text", "image", "file"),
        output_modalities=("text",),
        supported_parameters=frozenset(
            {"tools", "tool_choice", "structured_outputs", "response_format", "reasoning"}
        ),
        reasoning={"mandatory": False, "supported_efforts": ["high"], "default_effort": "high"},
    )

    made = to_profile(facts)

    assert made["max_input_tokens"] == 200_000
    assert made["max_output_tokens"] == 64_000
    assert (made["image_inputs"], made["audio_inputs"], made["image_outputs"]) == (
        True,
        False,
        False,
    )
    assert (made["tool_calling"], made["structured_output"], made["temperature"]) == (
        True,
        True,
        False,
    )
    assert made["reasoning_effort_levels"] == ["high"]
    assert made["reasoning_effort_default"] == "high"


def test_schemas_need_the_format_that_carries_them():
    """Nine models list structured_outputs without response_format: nobody takes a schema there."""
    facts = ModelFacts("a/b", supported_parameters=frozenset({"structured_outputs", "tools"}))

    assert to_profile(facts)["structured_output"] is False


def test_what_is_not_known_is_left_out():
    made = to_profile(ModelFacts("a/b"))

    assert not {"max_input_tokens", "max_output_tokens", "reasoning_effort_levels"} & made.keys()


@pytest.mark.parametrize(
    "model",
    [
        "anthropic/claude-sonnet-4.5",
        "anthropic/claude-sonnet-4.5:nitro",
        "anthropic/claude-sonnet-4.5@preset/x",
        "openrouter/anthropic/claude-sonnet-4.5",
    ],
)
def test_suffixes_and_prefixes_do_not_hide_the_model(model: str):
    found = profile(model)

    assert found is not None
    assert found["max_input_tokens"] == profile("anthropic/claude-sonnet-4.5")["max_input_tokens"]  # type: ignore[index]


@pytest.mark.parametrize("model", ["@preset/x", "unknown/model"])
def test_d4_unknown_models_have_no_profile_and_are_allowed(model: str):
    """quirks.md D4."""
    assert profile(model) is None


def test_a_profile_of_ones_own_wins():
    mine = {"max_input_tokens": 5}

    made = ChatOpenRouter(model="anthropic/claude-sonnet-4.5", api_key="k", profile=mine)

    assert made.profile == mine


async def test_e5_h1_a_refreshed_profile_knows_the_providers_limits(openrouter_emulator: Emulator):
    """quirks.md E5 and H1: the catalogue is fetched when asked for, the offers where they matter."""
    ModelCatalog(openrouter_emulator.base_url).reset()
    made = ChatOpenRouter(model="openai/gpt-5.5", provider={"only": ["openai"]})
    assert openrouter_emulator.requests == []  # making a model asks nobody

    made.refresh_profile()
    paths = [request.path for request in openrouter_emulator.requests]
    await made.arefresh_profile()
    again = ChatOpenRouter(model="openai/gpt-5.5", provider={"only": ["openai"]})

    assert paths == ["/models", "/models/openai/gpt-5.5/endpoints"]
    assert len(openrouter_emulator.requests) == 2  # fresh for an hour
    assert again.profile == made.profile


def test_the_list_is_that_of_the_address_however_it_is_written():
    with Emulator(models=["my/model"]) as emulator:
        ModelCatalog(emulator.base_url).reset()
        made = ChatOpenRouter(
            model="my/model", api_key=emulator.api_key, base_url=f"{emulator.base_url}/"
        )
        made.refresh_profile()

    assert made.profile


def test_h1_the_smallest_window_of_the_reachable_providers_counts():
    """quirks.md H1."""
    catalog = ModelCatalog()
    endpoints = [
        {"tag": "big", "context_length": 10**6},
        {"tag": "small", "context_length": 32_000},
    ]
    model_endpoints._keep(
        catalog, "anthropic/claude-sonnet-4.5", {"data": {"endpoints": endpoints}}
    )

    def window(**provider: object) -> object:
        made = ChatOpenRouter(
            model="anthropic/claude-sonnet-4.5", api_key="k", provider=provider or None
        )
        return (made.profile or {}).get("max_input_tokens")

    assert window(only=["small"]) == 32_000
    assert window(order=["big"]) == 32_000
    assert window(order=["big"], allow_fallbacks=False) == 10**6
    assert window() == window(zdr=True)
