"""Which model and provider answer, and what leaves nobody."""

from __future__ import annotations

import pytest

from openrouter_core import facts_offline

DEEPSEEK = "deepseek/deepseek-v3.2"
TOOL = {"type": "function", "function": {"name": "f"}}


def test_an_unknown_model_is_400_not_404(wire):
    status, message = wire.refusal(model="no/such-model")

    assert (status, message) == (400, "no/such-model is not a valid model ID")


def test_tools_on_a_model_without_tools_is_404(wire, tool):
    status, message = wire.refusal(model="meta-llama/llama-3.2-3b-instruct", tools=[tool("f")])

    assert status == 404
    assert message.startswith("No endpoints found that support tool use")


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ({"only": ["nobody"]}, "No allowed providers"),
        ({"ignore": ["deepseek", "deepinfra", "chutes"]}, "No allowed providers"),
        ({"order": ["nobody"], "allow_fallbacks": False}, "No allowed providers"),
        ({"quantizations": ["fp32"]}, "No allowed providers"),
        ({"zdr": True}, "data policy"),
        ({"max_price": {"prompt": 0.001}}, "maximum price"),
        ({"max_price": {"completion": "0.001"}}, "maximum price"),
    ],
)
def test_preferences_that_exclude_everybody_are_404(wire, provider, words):
    status, message = wire.refusal(model=DEEPSEEK, provider=provider)

    assert status == 404
    assert words in message


@pytest.mark.parametrize(
    ("provider", "served_by"),
    [
        ({}, "DeepSeek"),
        ({"order": ["chutes", "deepinfra"]}, "Chutes"),
        ({"order": ["nobody"]}, "DeepSeek"),
        ({"only": ["DeepInfra"]}, "DeepInfra"),
        ({"only": ["deepinfra/fp4"]}, "DeepInfra"),
        ({"ignore": ["deepseek"]}, "DeepInfra"),
        ({"sort": "price"}, "Chutes"),
        ({"sort": {"by": "price", "partition": "model"}}, "Chutes"),
        ({"quantizations": ["bf16"]}, "Chutes"),
        ({"data_collection": "deny"}, "DeepInfra"),
        ({"max_price": {"prompt": 0.22}}, "Chutes"),
    ],
)
def test_preferences_choose_the_provider(wire, provider, served_by):
    assert wire.ok(model=DEEPSEEK, provider=provider)["provider"] == served_by


def test_the_price_is_that_of_the_provider_that_served(wire):
    dear = wire.ok(model=DEEPSEEK)["usage"]["cost"]
    cheap = wire.ok(model=f"{DEEPSEEK}:floor")["usage"]["cost"]

    assert cheap < dear


@pytest.mark.parametrize(
    ("model", "sent"),
    [
        ("openai/gpt-5.5", {"temperature": 0}),
        ("anthropic/claude-sonnet-4.5", {"seed": 1}),
        (DEEPSEEK, {"max_completion_tokens": 9}),
        (DEEPSEEK, {"reasoning_effort": "low"}),
        ("openai/gpt-4o-mini", {"parallel_tool_calls": False, "tools": [TOOL]}),
    ],
)
def test_require_parameters_counts_every_parameter_by_the_real_lists(wire, model, sent):
    """Reported live: CultivateLabs/raif#507 (temperature), openstory-so/openstory#1317 (limits)."""
    assert wire.ok(model=model, **sent)

    status, message = wire.refusal(model=model, provider={"require_parameters": True}, **sent)

    assert (status, message) == (
        404,
        "No endpoints found that can handle the requested parameters.",
    )


def test_models_list_what_the_real_ones_list(wire):
    listed = {m["id"]: set(m["supported_parameters"]) for m in wire.get("/models").json()["data"]}
    known = {name: facts_offline(name) for name in listed if ":" not in name}

    for name, facts in known.items():
        if facts is not None and not name.startswith(("openrouter/", "~")):
            assert listed[name] == facts.supported_parameters, name


def test_require_parameters_excludes_endpoints_that_do_not_know_them(wire):
    body = {"model": DEEPSEEK, "provider": {"require_parameters": True, "only": ["chutes"]}}

    assert wire.ok(**body, temperature=0.5)["provider"] == "Chutes"
    status, message = wire.refusal(**body, response_format={"type": "json_object"})
    assert (status, "requested parameters" in message) == (404, True)


def test_unknown_parameters_pass_unless_they_are_required(wire):
    assert wire.ok(safe_prompt=True)
    assert wire.refusal(safe_prompt=True, provider={"require_parameters": True})[0] == 404


def test_tools_go_to_a_provider_that_knows_them(wire, tool):
    body = {"model": DEEPSEEK, "provider": {"order": ["chutes"]}}

    assert wire.ok(**body, tools=[tool("f", a="string")])["provider"] == "DeepSeek"


@pytest.mark.parametrize(
    ("model", "modalities"),
    [
        ("openai/gpt-4o-mini", ["text", "image"]),
        ("black-forest-labs/flux.2-pro", ["image", "text"]),
    ],
)
def test_modalities_must_be_what_the_model_outputs(wire, model, modalities):
    """quirks.md G3: `modalities` must match the model exactly."""
    assert wire.refusal(model=model, modalities=modalities)[0] == 404


def test_an_image_only_model_takes_image_alone(wire):
    message = wire.message(model="black-forest-labs/flux.2-pro", modalities=["image"])

    assert message["content"] is None
    assert message["images"]


def test_media_that_the_model_cannot_read_is_404(wire):
    part = {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "wav"}}
    status, message = wire.refusal([{"role": "user", "content": [part]}])

    assert (status, message) == (
        404,
        "No endpoints found that support input_audio input".replace("input_audio", "audio"),
    )


def test_fallback_models_are_tried_in_order(wire):
    wire.emulator.down_models = {"openai/gpt-4o-mini"}
    body = wire.ok(models=["anthropic/claude-haiku-4.5", "openai/gpt-4.1-mini"])

    assert body["model"] == "anthropic/claude-4.5-haiku-20251001"


def test_when_the_first_provider_is_down_the_next_one_serves(wire):
    wire.emulator.down_providers = {"deepseek"}
    body = wire.ok(model=DEEPSEEK)
    record = wire.get("/generation", id=body["id"]).json()["data"]

    assert body["provider"] == "DeepInfra"
    tried = [(r["provider_name"], r["status"]) for r in record["provider_responses"]]
    assert tried == [("DeepSeek", 503), ("DeepInfra", 200)]


def test_when_all_are_down_the_answer_is_503_with_the_history(wire):
    wire.emulator.down_models = {DEEPSEEK}
    answer = wire.chat(model=DEEPSEEK)

    assert answer.status_code == 503
    assert len(answer.json()["error"]["metadata"]["previous_errors"]) == 3


def test_without_fallbacks_only_one_provider_is_asked(wire):
    wire.emulator.down_providers = {"deepseek"}

    assert wire.refusal(model=DEEPSEEK, provider={"allow_fallbacks": False})[0] == 503


def test_a_denied_model_has_no_endpoints(wire):
    wire.emulator.denied_models = {DEEPSEEK}

    assert wire.refusal(model=DEEPSEEK) == (404, f"No endpoints found for {DEEPSEEK}.")


def test_the_auto_router_names_the_model_it_chose(wire):
    body = wire.ok(model="openrouter/auto")
    record = wire.get("/generation", id=body["id"]).json()["data"]

    assert body["model"] == "openai/gpt-4o-mini"
    assert record["router"] == "openrouter/auto"


def test_a_latest_alias_names_the_model_behind_it(wire):
    body = wire.ok(model="~anthropic/claude-sonnet-latest")

    assert body["model"] == "anthropic/claude-sonnet-5-20260630"


@pytest.mark.parametrize("suffix", [":nitro", ":floor", ":exacto", ":online:nitro"])
def test_variants_resolve_to_the_model(wire, suffix):
    assert wire.ok(model=f"openai/gpt-4o-mini{suffix}")["model"] == "openai/gpt-4o-mini"


def test_a_free_variant_that_does_not_exist_is_404(wire):
    assert wire.refusal(model="openai/gpt-4o-mini:free")[0] == 404


def test_only_embedding_models_embed(wire):
    answer = wire.post("/embeddings", {"model": "openai/gpt-4o-mini", "input": "x"})

    assert answer.status_code == 404
    assert wire.refusal(model="openai/text-embedding-3-small")[0] == 404
