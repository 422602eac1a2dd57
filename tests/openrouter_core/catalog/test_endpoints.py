"""quirks.md H1: limits are those of the providers that a request may reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.catalog import endpoints as model_endpoints
from openrouter_core.catalog.models import ModelCatalog, ModelFacts
from openrouter_emulator import Emulator

CATALOG = ModelCatalog("https://offers.example/api/v1")
FACTS = ModelFacts("a/b", context_length=1_000_000, max_completion_tokens=64_000)


def endpoint(tag: str, window: int | None, output: int | None = None) -> dict[str, object]:
    name = tag.partition("/")[0].title()
    return {
        "tag": tag,
        "provider_name": name,
        "context_length": window,
        "max_completion_tokens": output,
    }


@pytest.fixture(autouse=True)
def _known() -> Iterator[None]:
    model_endpoints.reset()
    answer = {
        "data": {"endpoints": [endpoint("one", 1_000_000), endpoint("two/eu", 32_000, 8_000)]}
    }
    model_endpoints._keep(CATALOG, "a/b", answer)
    yield
    model_endpoints.reset()


def window(provider: dict[str, object] | None, model: str = "a/b") -> int | None:
    found = model_endpoints.limited(FACTS, CATALOG, model, provider)
    assert found is not None
    return found.context_length


@pytest.mark.parametrize("name", ["two", "two/eu", "Two"])
def test_h1_only_takes_the_window_of_the_named_provider(name: str):
    assert window({"only": [name]}) == 32_000


def test_h1_the_smallest_of_several_counts():
    assert window({"only": ["one", "two"]}) == 32_000


def test_h1_an_order_with_fallbacks_may_reach_everybody():
    assert window({"order": ["one"]}) == 32_000
    assert window({"order": ["one"], "allow_fallbacks": False}) == 1_000_000


def test_h1_ignored_providers_do_not_count():
    assert window({"ignore": ["two"]}) == 1_000_000


def test_a_suffix_does_not_hide_the_offers():
    assert window({"only": ["two"]}, "a/b@preset/x") == 32_000


@pytest.mark.parametrize("provider", [None, {}, {"zdr": True}, {"only": ["unheard-of"]}])
def test_without_a_choice_or_a_match_the_facts_stay(provider: dict[str, object] | None):
    assert window(provider) == 1_000_000


def test_limits_that_an_offer_does_not_state_stay():
    found = model_endpoints.limited(FACTS, CATALOG, "a/b", {"only": ["one"]})
    assert found is not None
    assert found.max_completion_tokens == 64_000


async def test_offers_are_fetched_once_within_the_ttl(openrouter_emulator: Emulator):
    catalog = ModelCatalog(openrouter_emulator.base_url)
    model = "anthropic/claude-sonnet-4.5"

    model_endpoints.fetch(catalog, model, OpenRouterClient())
    await model_endpoints.afetch(catalog, model, AsyncOpenRouterClient())

    assert [r.path for r in openrouter_emulator.requests] == [
        "/models/anthropic/claude-sonnet-4.5/endpoints"
    ]
    assert model_endpoints.limited(FACTS, catalog, model, {"only": ["anthropic"]}) is not None


async def test_a_model_without_offers_is_left_alone(openrouter_emulator: Emulator):
    catalog = ModelCatalog(openrouter_emulator.base_url)

    model_endpoints.fetch(catalog, "no/such-model", OpenRouterClient())
    await model_endpoints.afetch(catalog, "no/other-model", AsyncOpenRouterClient())

    assert model_endpoints.limited(FACTS, catalog, "no/such-model", {"only": ["x"]}) == FACTS
