"""Rows 34 to 45 and 47: what a user said has to be on the wire."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from openrouter_emulator import Emulator
from tests.gaps.subject import CLAUDE, KEPT, gap, model, parts, sent_by
from tests.langchain_openrouter.call_styles import ainvoke

PIXELS = "iVBORw0KGgo="
DATA_URL = f"data:image/png;base64,{PIXELS}"
EPHEMERAL = {"type": "ephemeral"}
TEXT = {"type": "text", "text": "Look:"}


async def body_of(emulator: Emulator, what: Any = "Hi", /, **settings: Any) -> dict[str, Any]:
    """The body of one call of a model made with some settings."""
    return await sent_by(emulator, lambda: ainvoke(model(emulator, CLAUDE, **settings), what))


# ------------------------------------------------------------------ settings


@gap(34, "reasoning: max_tokens, enabled, exclude", official="nothing of it was sent")
@pytest.mark.parametrize(
    "reasoning",
    [{"max_tokens": 2000}, {"enabled": True}, {"exclude": True}],
    ids=["max_tokens", "enabled", "exclude"],
)
async def test_row34_reasoning_settings_are_sent(
    openrouter_emulator: Emulator, reasoning: dict[str, Any]
):
    body = await body_of(openrouter_emulator, reasoning=reasoning, max_tokens=4000)

    assert body.get("reasoning"), "nothing of it was sent"
    assert body["reasoning"] == reasoning


@gap(35, "zdr and data_collection beside a price that is a number", official="is not on the wire")
async def test_row35_price_as_a_number_costs_no_privacy(openrouter_emulator: Emulator):
    wanted = {"max_price": {"prompt": 5}, "zdr": True, "data_collection": "deny"}

    body = await body_of(openrouter_emulator, openrouter_provider=wanted)

    sent = body.get("provider") or {}
    assert sent.get("zdr") is True, "zdr is not on the wire"
    assert sent == wanted


@gap(36, "unknown keys and values of provider", official="was dropped")
@pytest.mark.parametrize(
    "setting", [{"x_new_setting": True}, {"data_collection": "x-new-value"}], ids=["key", "value"]
)
async def test_row36_unheard_of_provider_setting_is_sent(
    openrouter_emulator: Emulator, setting: dict[str, Any]
):
    body = await body_of(openrouter_emulator, openrouter_provider={"zdr": True, **setting})

    sent = body.get("provider") or {}
    assert sent.items() >= setting.items(), f"{setting} was dropped: {sent}"


@gap(37, "the setting route", official="TypeError")
async def test_row37_route_is_sent(openrouter_emulator: Emulator):
    assert (await body_of(openrouter_emulator, route="fallback"))["route"] == "fallback"


@gap(38, "an unknown plugin", official="ValidationError")
async def test_row38_unheard_of_plugin_is_sent(openrouter_emulator: Emulator):
    plugins = [{"id": "x-new-plugin", "depth": 2}]

    assert (await body_of(openrouter_emulator, plugins=plugins))["plugins"] == plugins


@gap(38, "an unknown parameter", official="TypeError")
async def test_row38_unheard_of_parameter_is_sent(openrouter_emulator: Emulator):
    body = await body_of(openrouter_emulator, model_kwargs={"x_new_parameter": {"a": 1}})

    assert body["x_new_parameter"] == {"a": 1}


# ------------------------------------------------------------------ tools

SEARCH = {"type": "openrouter:web_search", "parameters": {"max_results": 2}}
NEW_SEARCH = {"type": "openrouter:web_search", "parameters": {"x_new_limit": 2}}


@gap(39, "server tools by bind_tools", official="ValueError")
async def test_row39_server_tool_can_be_bound(openrouter_emulator: Emulator):
    bound = model(openrouter_emulator).bind_tools([SEARCH])

    body = await sent_by(openrouter_emulator, lambda: bound.ainvoke("Hi"))

    assert body["tools"] == [SEARCH]


@gap(39, "server tools of an agent", official="ValueError")
async def test_row39_agent_can_have_a_server_tool(openrouter_emulator: Emulator):
    agent = create_agent(model(openrouter_emulator), tools=[SEARCH])

    body = await sent_by(
        openrouter_emulator, lambda: agent.ainvoke({"messages": [HumanMessage("Hi")]})
    )

    assert body["tools"] == [SEARCH]


@gap(40, "unknown parameters of a server tool", official="were dropped")
async def test_row40_unheard_of_tool_parameters_are_sent(openrouter_emulator: Emulator):
    bound = model(openrouter_emulator).bind(tools=[NEW_SEARCH])

    body = await sent_by(openrouter_emulator, lambda: bound.ainvoke("Hi"))

    assert body["tools"] == [NEW_SEARCH], f"they were dropped: {body['tools']}"


# ------------------------------------------------------------------ messages

IMAGE = {"type": "image", "base64": PIXELS, "mime_type": "image/png"}
ANTHROPIC_IMAGE = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": PIXELS},
}
PDF = {"type": "file", "base64": "JVBERg==", "mime_type": "application/pdf", "filename": "a.pdf"}


def _after_a_call(content: list[Any]) -> list[Any]:
    call = {"name": "f", "args": {}, "id": "c1"}
    return [
        HumanMessage("Hi"),
        AIMessage("", tool_calls=[call]),
        ToolMessage(content, tool_call_id="c1"),
    ]


@gap(41, "images that a tool returns, or in Anthropic's form", official="no image is on the wire")
@pytest.mark.parametrize(
    "messages",
    [
        _after_a_call([TEXT, IMAGE]),
        _after_a_call([ANTHROPIC_IMAGE]),
        [HumanMessage([TEXT, ANTHROPIC_IMAGE])],
    ],
    ids=["of-a-tool", "of-a-tool-anthropic", "anthropic"],
)
async def test_row41_image_is_sent(openrouter_emulator: Emulator, messages: list[Any]):
    sent = parts(await body_of(openrouter_emulator, messages), "image_url")

    assert [part["image_url"]["url"] for part in sent] == [DATA_URL], "no image is on the wire"


@gap(41, "files that a tool returns", official="no file is on the wire")
async def test_row41_file_of_a_tool_is_sent(openrouter_emulator: Emulator):
    sent = parts(await body_of(openrouter_emulator, _after_a_call([TEXT, PDF])), "file")

    assert [p["file"].get("file_data") for p in sent] == ["data:application/pdf;base64,JVBERg=="], (
        "no file is on the wire"
    )


@gap(42, "the name of a message's author", official="no name is on the wire")
async def test_row42_name_is_sent(openrouter_emulator: Emulator):
    body = await body_of(openrouter_emulator, [HumanMessage("Hi", name="Ann")])

    assert body["messages"][0].get("name") == "Ann", "no name is on the wire"


@gap(43, "cache control of a text", official=KEPT)
async def test_row43_cache_control_of_a_text_is_sent(openrouter_emulator: Emulator):
    text = {"type": "text", "text": "Long", "cache_control": EPHEMERAL}

    body = await body_of(openrouter_emulator, [HumanMessage([text])])

    assert parts(body, "text")[0]["cache_control"] == EPHEMERAL


@gap(43, "cache control of a tool's text", official=KEPT)
async def test_row43_cache_control_of_a_tool_message_is_sent(openrouter_emulator: Emulator):
    text = {"type": "text", "text": "Long", "cache_control": EPHEMERAL}

    body = await body_of(openrouter_emulator, _after_a_call([text]))

    assert parts(body, "text")[0]["cache_control"] == EPHEMERAL


@gap(44, "cache control of an image", official="no cache control is on the wire")
async def test_row44_cache_control_of_an_image_is_sent(openrouter_emulator: Emulator):
    image = {"type": "image", "url": "https://a.b/c.png", "extras": {"cache_control": EPHEMERAL}}

    body = await body_of(openrouter_emulator, [HumanMessage([TEXT, image])])

    (part,) = parts(body, "image_url")
    assert part["image_url"]["url"] == "https://a.b/c.png"
    assert part.get("cache_control") == EPHEMERAL, "no cache control is on the wire"


@gap(45, "videos, and files by URL", official=KEPT)
@pytest.mark.parametrize(
    ("block", "kind", "expected"),
    [
        (
            {"type": "video", "base64": "AAAA", "mime_type": "video/mp4"},
            "video_url",
            "data:video/mp4;base64,AAAA",
        ),
        ({"type": "file", "url": "https://a.b/c.pdf"}, "file", "https://a.b/c.pdf"),
    ],
    ids=["video", "file-url"],
)
async def test_row45_videos_and_file_urls_are_sent(
    openrouter_emulator: Emulator, block: dict[str, Any], kind: str, expected: str
):
    body = await body_of(openrouter_emulator, [HumanMessage([TEXT, block])])

    assert expected in str(parts(body, kind))


@gap(47, "text files in a message", official="ValueError")
async def test_row47_text_file_is_sent_as_text(openrouter_emulator: Emulator):
    notes = {"type": "text-plain", "text": "My notes", "mime_type": "text/plain"}

    body = await body_of(openrouter_emulator, [HumanMessage([TEXT, notes])])

    assert "My notes" in str(body["messages"][0]["content"])
