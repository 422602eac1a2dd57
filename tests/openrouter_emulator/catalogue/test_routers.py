"""Routers, aliases, variants and presets: which model answers under a name that is not one."""

from __future__ import annotations

import json

import pytest

MINI, HAIKU = "openai/gpt-4o-mini", "anthropic/claude-4.5-haiku-20251001"


def _plugin(id, **settings):
    return [{"id": id, **settings}]


@pytest.mark.parametrize(
    ("router", "plugin"),
    [("openrouter/auto", "auto-router"), ("openrouter/auto-beta", "auto-beta-router")],
)
def test_the_auto_routers_keep_to_allowed_models(wire, router, plugin):
    body = wire.ok(
        model=router, plugins=_plugin(plugin, allowed_models=["anthropic/claude-haiku-*"])
    )
    status, message = wire.refusal(
        model=router, plugins=_plugin(plugin, allowed_models=["nobody/*"])
    )

    assert body["model"] == HAIKU
    assert (status, message) == (404, "No models match your request and model restrictions")


def test_the_beta_router_does_not_read_the_plugin_of_the_other(wire):
    plugins = _plugin("auto-router", allowed_models=["anthropic/*"])

    assert wire.ok(model="openrouter/auto-beta", plugins=plugins)["model"] == MINI


def test_the_auto_router_leaves_out_excluded_models_and_keeps_to_a_cost_tier(wire):
    without = wire.ok(
        model="openrouter/auto", plugins=_plugin("auto-router", excluded_models=["openai/*"])
    )
    dear = wire.ok(model="openrouter/auto", plugins=_plugin("auto-router", cost_tier="max"))

    assert without["model"] == HAIKU
    assert dear["usage"]["cost"] > without["usage"]["cost"]


def test_the_auto_router_stays_with_a_pinned_model(wire):
    messages = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello", "model": HAIKU},
        {"role": "user", "content": "And?"},
    ]

    assert wire.ok(messages, model="openrouter/auto", plugins=_plugin("auto-router", pin_model=True))["model"] == HAIKU  # fmt: skip


def test_the_auto_router_takes_a_model_that_can_do_what_is_asked(wire):
    video = {"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}

    answer = wire.ok([{"role": "user", "content": [video]}], model="openrouter/auto")

    assert "video" in wire.emulator.state.catalogue.lookup(answer["model"]).inputs


def test_the_free_router_takes_a_free_model_that_supports_the_request(wire, tool):
    answer = wire.ok(model="openrouter/free", tools=[tool("f", a="string")])
    record = wire.get("/generation", id=answer["id"]).json()["data"]

    assert answer["usage"]["cost"] == 0
    assert record["router"] == "openrouter/free"


@pytest.mark.parametrize(
    ("settings", "model"),
    [
        ({}, "google/gemini-3.1-pro-preview"),
        ({"min_coding_score": 0.1}, "deepseek/deepseek-v3.2"),
        ({"max_price": 1.5}, "z-ai/glm-5.2"),
    ],
)
def test_the_pareto_router_takes_the_cheapest_of_a_tier(wire, settings, model):
    answer = wire.ok(model="openrouter/pareto-code", plugins=_plugin("pareto-router", **settings))

    assert answer["model"].startswith(model)


def test_a_price_that_no_coder_has_leaves_nobody(wire):
    plugins = _plugin("pareto-router", max_price=0.0001)

    assert wire.refusal(model="openrouter/pareto-code", plugins=plugins)[0] == 404


def test_a_fusion_costs_its_panel_too_and_takes_tool_choice_alone(wire):
    alone = wire.ok(model="anthropic/claude-opus-5")["usage"]["cost"]
    fused = wire.ok(model="openrouter/fusion", tool_choice="required")
    answer = wire.chat(
        model="openrouter/fusion", headers={"X-OpenRouter-Metadata": "enabled"}
    ).json()

    assert fused["usage"]["cost"] > 2 * alone
    assert answer["openrouter_metadata"]["strategy"] == "fusion"


def test_the_body_builder_writes_requests_for_nothing(wire):
    answer = wire.ok("Ask openai/gpt-5.5 and x-ai/grok-4.3", model="openrouter/bodybuilder")

    requests = json.loads(answer["choices"][0]["message"]["content"])["requests"]
    assert [r["model"] for r in requests] == ["openai/gpt-5.5", "x-ai/grok-4.3"]
    assert answer["usage"]["cost"] == 0


@pytest.mark.parametrize(
    ("name", "status"),
    [
        (f"{MINI}:free", 404),
        (f"{MINI}:thinking", 404),
        (f"{MINI}:extended", 404),
        (f"{MINI}:brand-new", 400),
        ("openai/gpt-oss-20b:free", 200),
        ("openai/gpt-oss-20b:free:online", 200),
        ("qwen/qwen-plus-2025-07-28:thinking", 200),
        ("~anthropic/claude-haiku-latest:nitro", 200),
    ],
)
def test_a_static_variant_has_to_be_listed_and_a_dynamic_one_does_not(wire, name, status):
    assert wire.chat(model=name).status_code == status


def test_online_searches_the_web(wire):
    assert wire.message(model=f"{MINI}:online")["annotations"]


# ---------------------------------------------------------------- presets


def _preset(wire, slug, **config):
    body = {"model": MINI, "messages": [{"role": "system", "content": "Be brief."}], **config}
    assert wire.post(f"/presets/{slug}/chat/completions", body).status_code == 200


@pytest.mark.parametrize("by", ["@preset/mine", "field"])
def test_a_preset_brings_model_settings_and_system_prompt(wire, by):
    _preset(wire, "mine", temperature=0.2, debug={"echo_upstream_body": True})
    named = {"model": "@preset/mine"} if by != "field" else {"preset": "mine", "model": None}
    sent = {"messages": [{"role": "user", "content": "Hi"}], "stream": True, **named}

    answer = wire.post("/chat/completions", {k: v for k, v in sent.items() if v is not None})

    echoed = json.loads(next(line for line in answer.text.split("\n\n") if "echo" in line)[6:])
    upstream = echoed["debug"]["echo_upstream_body"]
    assert (upstream["model"], upstream["temperature"]) == (MINI, 0.2)
    assert upstream["messages"][0] == {"role": "system", "content": "Be brief."}


def test_what_the_request_sets_goes_before_the_preset(wire):
    _preset(wire, "mine", max_tokens=1)

    assert wire.ok("One two three four five", model=f"{HAIKU}@preset/mine")["model"] == HAIKU
    finish = [
        wire.ok("One two three four five", model="@preset/mine", **more)["choices"][0][
            "finish_reason"
        ]
        for more in ({}, {"max_tokens": 500})
    ]
    assert finish == ["length", "stop"]


def test_the_tools_of_a_preset_join_those_of_the_request(wire, tool):
    _preset(wire, "mine", tools=[tool("first", a="string"), tool("second", a="string")])

    message = wire.message("Use first and second and third", model="@preset/mine", tools=[tool("first"), tool("third")])  # fmt: skip

    assert {c["function"]["name"] for c in message["tool_calls"]} == {"first", "second", "third"}


def test_a_preset_that_is_not_there_is_404(wire):
    assert wire.refusal(model="@preset/none")[0] == 404
