"""Options that are more than a body field: sessions of threads, the response cache, derived modalities."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.exceptions import ModelNotFoundError
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver

from langchain_openrouter.errors import ConfigurationError, NoEndpointsError
from openrouter_emulator import Emulator, faults
from openrouter_emulator.faults import Fault
from tests.langchain_openrouter.call_styles import ALL_WAYS, Ask, model

THREAD: Any = {"configurable": {"thread_id": "t-1"}}

# ------------------------------------------------------------------ sessions


@ALL_WAYS
async def test_f5_the_thread_is_the_session_when_asked_for(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md F5."""
    await ask(model(session_from_thread=True), "Hi", config=THREAD)

    assert openrouter_emulator.bodies[0]["session_id"] == "t-1"


async def test_f5_an_agents_thread_is_the_session(openrouter_emulator: Emulator):
    """quirks.md F5: inside a graph the model is called without the config."""
    agent = create_agent(model(session_from_thread=True), checkpointer=InMemorySaver())

    agent.invoke({"messages": [HumanMessage("Hi")]}, THREAD)
    await agent.ainvoke({"messages": [HumanMessage("Hi")]}, THREAD)

    assert [body["session_id"] for body in openrouter_emulator.bodies] == ["t-1", "t-1"]


@ALL_WAYS
@pytest.mark.parametrize("settings", [{}, {"session_from_thread": False}])
async def test_f5_a_thread_is_no_session_unless_asked_for(
    openrouter_emulator: Emulator, ask: Ask, settings: dict[str, Any]
):
    await ask(model(**settings), "Hi", config=THREAD)

    assert "session_id" not in openrouter_emulator.bodies[0]


@ALL_WAYS
async def test_f5_a_session_that_is_named_wins(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md F5."""
    await ask(model(session_from_thread=True), "Hi", config=THREAD, session_id="call")
    await ask(model(session_from_thread=True, session_id="mine"), "Hi", config=THREAD)

    assert [body["session_id"] for body in openrouter_emulator.bodies] == ["call", "mine"]


# ------------------------------------------------------------------ response cache

HIT = {
    "X-OpenRouter-Cache-Status": "HIT",
    "X-OpenRouter-Cache-Age": "12",
    "X-OpenRouter-Cache-TTL": "288",
    "X-OpenRouter-Cache-Source-Id": "gen-0",
}
ANSWERED_FROM_CACHE = Fault(
    "cache_hit", lambda planned: planned.replace(headers={**planned.headers, **HIT})
)


def sent_headers(emulator: Emulator) -> dict[str, str]:
    headers = emulator.requests[-1].headers
    return {k.lower(): v for k, v in headers.items() if k.lower().startswith("x-openrouter-cache")}


@ALL_WAYS
async def test_response_cache_is_asked_for_by_headers(openrouter_emulator: Emulator, ask: Ask):
    made = model(response_cache=True, response_cache_ttl_s=600)

    await ask(made, "Hi", response_cache_clear=True)

    assert sent_headers(openrouter_emulator) == {
        "x-openrouter-cache": "true",
        "x-openrouter-cache-ttl": "600",
        "x-openrouter-cache-clear": "true",
    }
    assert not any(key.startswith("response_cache") for key in openrouter_emulator.bodies[0])


def test_response_cache_of_a_call_wins_over_the_instances(openrouter_emulator: Emulator):
    model(response_cache=True).invoke("Hi", response_cache=False)

    assert sent_headers(openrouter_emulator) == {"x-openrouter-cache": "false"}


def test_a_header_of_the_users_own_is_sent_once(openrouter_emulator: Emulator):
    model(response_cache=True, extra_headers={"x-openrouter-cache": "false"}).invoke("Hi")

    assert sent_headers(openrouter_emulator) == {"x-openrouter-cache": "false"}


def test_nothing_is_said_of_the_cache_unless_set(openrouter_emulator: Emulator):
    answer = model().invoke("Hi")

    assert sent_headers(openrouter_emulator) == {}
    assert "response_cache" not in answer.response_metadata


@ALL_WAYS
async def test_what_the_cache_did_is_in_the_metadata(openrouter_emulator: Emulator, ask: Ask):
    openrouter_emulator.fail_next(ANSWERED_FROM_CACHE)

    answer = await ask(model(response_cache=True), "Hi")

    assert answer.response_metadata["response_cache"] == {
        "status": "HIT",
        "age_s": 12,
        "ttl_s": 288,
        "source_id": "gen-0",
    }


# ------------------------------------------------------------------ modalities


@pytest.mark.parametrize(
    ("name", "outputs"),
    [
        ("openai/gpt-4o-mini", ["text"]),
        ("google/gemini-2.5-flash-image", ["image", "text"]),
    ],
)
def test_g3_auto_modalities_are_exactly_what_the_model_puts_out(name: str, outputs: list[str]):
    """quirks.md G3: ["image", "text"] is a 404 for models of images only, and for models of text."""
    body = model(name, api_key="sk-or-test", modalities="auto").build_request("A cat")

    assert body["modalities"] == outputs


@ALL_WAYS
async def test_g3_a_model_of_images_only_is_asked_for_images_only(
    openrouter_emulator: Emulator, ask: Ask
):
    """quirks.md G3: such models stand in the list that is fetched, not in the bundled one."""
    made = model("black-forest-labs/flux.2-pro", modalities="auto")
    made.refresh_profile()

    answer = await ask(made, "A cat")

    assert openrouter_emulator.bodies[-1]["modalities"] == ["image"]
    assert [block["type"] for block in answer.content_blocks] == ["image"]


def test_g3_what_is_named_is_sent_and_what_is_not_set_is_not():
    """quirks.md G3."""
    named = model(api_key="sk-or-test", modalities=["image", "text"]).build_request("A cat")

    assert named["modalities"] == ["image", "text"]
    assert "modalities" not in model("black-forest-labs/flux.2-pro", api_key="k").build_request("A")


def test_g3_auto_is_refused_for_a_model_that_nobody_knows():
    """quirks.md G3."""
    with pytest.raises(ConfigurationError, match="refresh_profile"):
        model("un/known", api_key="k").build_request("A cat", modalities="auto")


# ------------------------------------------------------------------ no endpoints


@ALL_WAYS
async def test_e4_c14_no_endpoints_names_strict_and_the_other_demands(
    openrouter_emulator: Emulator, ask: Ask
):
    """quirks.md E4 and C14."""
    openrouter_emulator.fail_next(faults.no_endpoints())
    schema = {"title": "A", "type": "object", "properties": {"x": {"type": "integer"}}}
    made = model(provider={"zdr": True}).bind_tools([schema], strict=True, response_format=schema)

    with pytest.raises(NoEndpointsError) as raised:
        await ask(made, "Hi")  # type: ignore[arg-type]

    assert isinstance(raised.value, ModelNotFoundError)
    assert {
        "provider.zdr",
        "response_format.json_schema.strict",
        "tools.function.strict",
    } <= set(raised.value.constraints)
    assert "response_format.json_schema.strict" in str(raised.value)
