"""Models, endpoints and providers, and the filters that the lists take."""

from __future__ import annotations

from decimal import Decimal

import pytest

from openrouter_core.catalog.models import bundled_models, facts_from
from openrouter_emulator import Emulator
from openrouter_emulator.catalogue.catalogue import Catalogue

MODELS = {spec.id: spec for spec in Catalogue()}

MODEL_FIELDS = [
    "id",
    "canonical_slug",
    "hugging_face_id",
    "name",
    "created",
    "description",
    "context_length",
    "architecture",
    "pricing",
    "top_provider",
    "per_request_limits",
    "supported_parameters",
    "default_parameters",
    "supported_voices",
    "knowledge_cutoff",
    "expiration_date",
    "links",
]


def _ids(wire, **query):
    answer = wire.get("/models", **query)
    assert answer.status_code == 200, answer.text
    return [m["id"] for m in answer.json()["data"]]


def test_models_have_the_recorded_fields(wire):
    for model in wire.get("/models", output_modalities="all").json()["data"]:
        assert set(model) - {"reasoning", "alias_target"} == set(MODEL_FIELDS)
        prices = {k: v for k, v in model["pricing"].items() if k != "overrides"}
        assert all(isinstance(price, str) for price in prices.values())


def test_the_list_holds_text_models_unless_asked(wire):
    text = _ids(wire)
    everything = _ids(wire, output_modalities="all")

    assert "openai/text-embedding-3-small" not in text
    assert set(everything) == set(MODELS)
    assert _ids(wire, output_modalities="rerank") == [
        "cohere/rerank-v3.5",
        "voyageai/rerank-2.5-lite",
    ]


def test_the_envelope_has_total_and_links(wire):
    body = wire.get("/models").json()

    assert body["total_count"] == len(body["data"])
    assert body["links"] == {"next": None}


def test_pages_follow_a_relative_link(wire):
    first = wire.get("/models", limit=3).json()
    following = first["links"]["next"]
    second = wire.http.get(wire.emulator.origin + following).json()

    assert following == "/api/v1/models?offset=3&limit=3"
    assert len(first["data"]) == 3
    assert first["data"] + second["data"] == wire.get("/models").json()["data"][:6]


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"offset": -1}, {"limit": "x"}])
def test_bad_pages_are_400(wire, query):
    assert wire.get("/models", **query).status_code == 400


def test_filters_narrow_the_list(wire):
    assert "meta-llama/llama-3.2-3b-instruct" not in _ids(wire, supported_parameters="tools")
    assert "google/gemini-3-flash-preview" in _ids(wire, input_modalities="audio,video")
    assert "anthropic/claude-haiku-4.5" in _ids(wire, q="haiku")
    assert "x-ai/grok-4.3" in _ids(wire, model_authors="x-ai")
    assert all("x-ai/" in id for id in _ids(wire, model_authors="x-ai"))
    assert all(id.startswith("mistralai/") for id in _ids(wire, providers="Mistral"))
    assert all(MODELS[i].context >= 1_000_000 for i in _ids(wire, context=1_000_000))
    cheap = _ids(wire, max_price="0.1")
    assert cheap
    assert all(Decimal(MODELS[i].prices["prompt"]) <= Decimal("0.0000001") for i in cheap)
    assert wire.get("/models", max_price="cheap").status_code == 400


def test_sorts_order_the_list(wire):
    prices = [Decimal(MODELS[i].prices["prompt"]) for i in _ids(wire, sort="pricing-high-to-low")]

    assert prices == sorted(prices, reverse=True)


def test_the_catalogue_is_public_and_ignores_a_bad_key(wire):
    url = wire.emulator.base_url + "/models"

    assert wire.http.get(url).status_code == 200
    assert wire.get("/models", key="sk-or-v1-wrong").status_code == 200


def test_count_counts(wire):
    assert wire.get("/models/count").json() == {"data": {"count": len(_ids(wire))}}
    assert wire.get("/models/count", output_modalities="all").json()["data"]["count"] == len(MODELS)


def test_the_users_models_leave_out_what_is_denied(wire):
    wire.emulator.denied_models = {"openai/gpt-5.5"}
    mine = [m["id"] for m in wire.get("/models/user").json()["data"]]

    assert set(_ids(wire)) - set(mine) == {"openai/gpt-5.5"}


@pytest.mark.parametrize(
    "name", ["openai/gpt-4o-mini", "openai/gpt-4o-mini:nitro", "openai/gpt-5.5-20260423"]
)
def test_one_model_is_found_by_id_variant_and_permaslug(wire, name):
    model = wire.get(f"/model/{name}").json()["data"]

    assert model["id"] in {"openai/gpt-4o-mini", "openai/gpt-5.5"}


def test_an_alias_shows_its_target(wire):
    model = wire.get("/model/~anthropic/claude-sonnet-latest").json()["data"]

    assert model["alias_target"] == {
        "name": "Anthropic: Claude Sonnet 5",
        "slug": "anthropic/claude-sonnet-5",
    }


def test_an_unknown_model_is_404(wire):
    assert wire.get("/model/no/such").status_code == 404
    assert wire.get("/models/no/such/endpoints").status_code == 404


def test_endpoints_have_their_own_prices_and_parameters(wire):
    data = wire.get("/models/deepseek/deepseek-v3.2/endpoints").json()["data"]
    by_tag = {e["tag"]: e for e in data["endpoints"]}

    assert set(data) == {"id", "name", "created", "description", "architecture", "endpoints"}
    assert by_tag["chutes/bf16"]["pricing"]["prompt"] == "0.0000002"
    assert by_tag["deepinfra/fp4"]["pricing"]["prompt"] == "0.000000269"
    assert "tools" not in by_tag["chutes/bf16"]["supported_parameters"]
    assert by_tag["chutes/bf16"]["context_length"] == 65_536


def test_zdr_endpoints_are_those_that_keep_nothing(wire):
    rows = wire.get("/endpoints/zdr").json()["data"]

    assert {"Azure", "Amazon Bedrock", "Google"} == {r["provider_name"] for r in rows}


def test_providers_are_named_by_slug(wire):
    rows = {p["slug"]: p["name"] for p in wire.get("/providers").json()["data"]}

    assert rows["amazon-bedrock"] == "Amazon Bedrock"
    assert len(rows) > 15


def test_routers_have_no_price(wire):
    assert wire.get("/model/openrouter/auto").json()["data"]["pricing"]["prompt"] == "-1"


# ---------------------------------------------------------------- the bundled list

BUNDLED = {facts.id: facts for facts in bundled_models()}


def test_every_bundled_model_is_there_with_its_real_facts(wire):
    shown = {m["id"]: m for m in wire.get("/models", output_modalities="all").json()["data"]}

    assert len(BUNDLED) > 400
    for id, facts in BUNDLED.items():
        again = facts_from(shown[id])
        assert again == facts, id


def test_every_bundled_chat_model_answers_at_its_own_price(wire):
    models = [f for f in BUNDLED.values() if facts_are_of_chat(f)]
    wire.emulator.comments = 0
    for facts in models:
        answer = wire.chat(model=facts.id)
        assert answer.status_code == 200, (facts.id, answer.text)
        usage = answer.json()["usage"]
        price = Decimal(facts.pricing["prompt"])
        cost = Decimal(str(usage["cost_details"]["upstream_inference_prompt_cost"]))
        if facts.id[0] != "~" and facts.id != "deepseek/deepseek-v3.2":
            assert cost == (usage["prompt_tokens"] * price).quantize(Decimal("1e-12")), facts.id

    assert len(models) > 380


def facts_are_of_chat(facts):
    return not facts.id.startswith("openrouter/") and "audio" not in facts.output_modalities


def test_aliases_and_routers_of_the_list_lead_somewhere(wire):
    catalogue = wire.emulator.state.catalogue
    aliases = [id for id in BUNDLED if id.startswith("~")]
    routers = [id for id in BUNDLED if id.startswith("openrouter/")]

    assert {catalogue[id].alias_target["slug"] for id in aliases} <= set(MODELS)
    for id in routers:
        assert wire.ok(model=id)["model"] not in routers


# ---------------------------------------------------------------- added models


def test_added_models_answer_and_are_listed():
    entry = {
        "id": "acme/wise-1",
        "pricing": {"prompt": "0.001", "completion": "0.002"},
        "supported_parameters": ["temperature"],
        "context_length": 100,
        "endpoints": [{"provider_name": "Acme Cloud", "tag": "acme-cloud/fp8"}],
    }
    with Emulator(models=["my/model", entry]) as emulator:
        wise = emulator.state.catalogue["acme/wise-1"]
        assert (wise.name, wise.context, wise.params) == ("Acme: Wise 1", 100, ("temperature",))
        assert [e.provider for e in wise.endpoints] == ["Acme Cloud"]
        assert emulator.state.catalogue["my/model"].params
        assert Emulator().state.catalogue.lookup("my/model") is None


def test_an_added_model_has_an_author_and_a_name():
    with pytest.raises(ValueError, match="'mine' is not a model id"):
        Emulator(models=["mine"])


def test_a_scripted_answer_may_come_from_any_model(wire):
    wire.emulator.script("Hello")

    assert wire.ok(model="brand/new")["model"] == "brand/new"
    assert wire.refusal(model="brand/new")[0] == 400


# ---------------------------------------------------------------- limits and prices


def test_what_is_longer_than_the_context_is_refused_in_the_recorded_words(wire):
    status, message = wire.refusal("word " * 200_000, model="anthropic/claude-haiku-4.5")

    assert status == 400
    assert message == (
        "This endpoint's maximum context length is 200000 tokens. However, you requested about 250003 "
        "tokens (250003 of text input). Please reduce the length of either one, or use the "
        "context-compression plugin to compress your prompt automatically."
    )
    plugin = {"id": "context-compression"}
    assert wire.ok("word " * 200_000, model="anthropic/claude-haiku-4.5", plugins=[plugin])


def test_long_prompts_have_the_price_of_long_prompts(wire):
    model = MODELS["anthropic/claude-sonnet-4.5"]
    short = wire.ok("word " * 100, model=model.id)["usage"]
    long = wire.ok("word " * 200_000, model=model.id)["usage"]

    (override,) = model.overrides
    rates = [
        Decimal(str(u["cost_details"]["upstream_inference_prompt_cost"])) / u["prompt_tokens"]
        for u in (short, long)
    ]
    assert rates == [Decimal(model.prices["prompt"]), Decimal(override["prompt"])]
