"""The model catalogue: spellings of a model, the bundled facts, and the shared live list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.catalog.models import ModelCatalog, facts_offline, model_id
from tests.openrouter_core.wire_server import reply

ENTRY = {
    "id": "a/b",
    "canonical_slug": "a/b-20260101",
    "context_length": 9,
    "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
    "top_provider": {"max_completion_tokens": 4},
    "supported_parameters": ["tools"],
    "pricing": {"prompt": "0.1", "completion": "0.2", "overrides": [{"min_prompt_tokens": 5}]},
}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("openrouter/openai/gpt-4o", "openai/gpt-4o"),
        ("openrouter/auto", "openrouter/auto"),
        ("~openai/gpt-latest", "~openai/gpt-latest"),
        ("openai/gpt-4o@preset/mine", "openai/gpt-4o"),
        ("@preset/mine", None),
        ("openai/gpt-4o:free", "openai/gpt-4o:free"),
    ],
)
def test_h8_a_model_is_known_under_every_spelling(given: str, name: str | None):
    """quirks.md H8: a leading "openrouter/" goes only before vendor/model."""
    assert model_id(given) == name


@pytest.mark.parametrize("model", ["openai/gpt-4o", "openrouter/openai/gpt-4o:nitro"])
def test_the_bundled_facts_need_no_network(model: str):
    facts = facts_offline(model)

    assert facts is not None
    assert facts.context_length == 128_000
    assert "tools" in facts.supported_parameters
    assert facts.pricing["prompt"] == "0.0000025"


def test_a_router_has_its_own_facts():
    facts = facts_offline("openrouter/auto")

    assert facts is not None
    assert facts.pricing["prompt"] == "-1"


def test_the_dated_name_that_answers_carry_is_known():
    facts = facts_offline("anthropic/claude-4.5-haiku-20251001")

    assert facts is not None
    assert facts.id == "anthropic/claude-haiku-4.5"


def test_a_variant_that_is_not_listed_has_no_price_of_its_parent():
    facts = facts_offline("openai/gpt-4o:free")

    assert facts is not None
    assert facts.context_length == 128_000
    assert facts.pricing == {}


def test_a_listed_variant_has_its_own_price():
    plain, batch = facts_offline("openai/gpt-4o"), facts_offline("openai/gpt-4o:batch")

    assert plain is not None
    assert batch is not None
    assert batch.pricing["prompt"] == "0.00000125" != plain.pricing["prompt"]


def test_a_model_that_nobody_knows_has_no_facts():
    assert facts_offline("nobody/nothing") is None
    assert facts_offline("@preset/mine") is None


@pytest.fixture
def catalog(serve) -> Iterator[tuple[ModelCatalog, OpenRouterClient, object]]:
    server = serve(reply({"data": [ENTRY]}))
    catalog = ModelCatalog(server.base_url)
    yield catalog, OpenRouterClient("k", base_url=server.base_url), server
    catalog.reset()


def test_nothing_is_fetched_without_a_refresh(catalog):
    known, _, server = catalog

    assert known.facts("a/b") is None
    assert not known.is_fresh
    assert server.requests == []


def test_a_refresh_is_shared_by_all_catalogues_of_the_url(catalog):
    known, client, server = catalog

    known.refresh(client)
    other = ModelCatalog(server.base_url + "/")
    other.refresh(client)

    facts = other.facts("a/b")
    assert facts is not None
    assert (facts.context_length, facts.max_completion_tokens) == (9, 4)
    assert facts.pricing == {"prompt": "0.1", "completion": "0.2"}
    assert facts.pricing_overrides == ({"min_prompt_tokens": 5},)
    assert len(server.requests) == 1
    assert server.requests[0].target.endswith("/models?output_modalities=all")


def test_a_list_that_has_grown_old_is_fetched_again_and_used_till_then(catalog):
    known, client, server = catalog
    known.refresh(client)
    old = ModelCatalog(server.base_url, ttl_s=0.0)

    assert not old.is_fresh
    assert old.facts("a/b") is not None
    old.refresh(client)

    assert len(server.requests) == 2


async def test_an_async_client_refreshes_too(catalog):
    known, _, server = catalog
    async with AsyncOpenRouterClient("k", base_url=server.base_url) as client:
        await known.arefresh(client)

    assert known.facts("a/b") is not None
    assert known.facts("openai/gpt-4o") is not None, "the snapshot fills in what the list lacks"
