"""The image tool: LangChain's own tests for tools, over the emulator and from cassettes, and ours."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from langchain_openrouter import OpenRouterImageTool, server_tool, track_openrouter_cost
from langchain_openrouter.errors import BadRequestError, RateLimitError
from openrouter_emulator import Emulator, ToolCall, faults
from tests.langchain_openrouter.call_styles import model

MODEL = "google/gemini-2.5-flash-image"


def made(**settings: Any) -> OpenRouterImageTool:
    return OpenRouterImageTool(**{"model": MODEL, "max_retries": 0, **settings})


class TestOpenRouterImageToolUnit(ToolsUnitTests):
    @property
    def tool_constructor(self) -> type[BaseTool]:
        return OpenRouterImageTool

    @property
    def tool_constructor_params(self) -> dict[str, Any]:
        return {"model": MODEL, "api_key": "sk-or-made-up"}

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return {"prompt": "A cat"}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        return (
            {"OPENROUTER_API_KEY": "sk-or-env"},
            {"model": MODEL},
            {"openrouter_api_key": "sk-or-env"},
        )


class _Suite(ToolsIntegrationTests):
    @property
    def tool_constructor(self) -> type[BaseTool]:
        return OpenRouterImageTool

    @property
    def tool_constructor_params(self) -> dict[str, Any]:
        return {"model": MODEL}

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return {"prompt": "A cat"}


class TestOpenRouterImageToolIntegration(_Suite):
    @pytest.fixture(autouse=True)
    def _live(self, openrouter_emulator: Emulator) -> None:
        """The tool finds the emulator in the environment."""


@pytest.mark.vcr
@pytest.mark.block_network
@pytest.mark.usefixtures("from_cassette")
class TestOpenRouterImageToolFromCassettes(_Suite):
    """The same images without a server: the network is blocked."""


def test_g4_an_agent_makes_images_and_what_they_cost_is_counted(openrouter_emulator: Emulator):
    """quirks.md G4."""
    openrouter_emulator.script([ToolCall("make_image", {"prompt": "A cat"}, "c1"), "Here."])
    agent = create_agent(model(), [made(image_options={"aspect_ratio": "16:9"})])

    with track_openrouter_cost() as cost:
        messages = agent.invoke({"messages": [HumanMessage("Draw a cat")]})["messages"]

    (message,) = [m for m in messages if isinstance(m, ToolMessage)]
    assert message.content == "Made 1 image (image/png)."
    assert message.artifact[0]["base64"]
    assert cost.totals.calls == 3
    assert all(call.cost.charged for call in cost.calls)
    assert openrouter_emulator.bodies[1]["aspect_ratio"] == "16:9"
    assert openrouter_emulator.bodies[2]["messages"][-1]["content"] == message.content


def test_the_agents_model_sees_the_images_when_asked_for(openrouter_emulator: Emulator):
    openrouter_emulator.script([ToolCall("make_image", {"prompt": "A cat"}, "c1"), "A fine cat."])

    create_agent(model(), [made(is_shown=True)]).invoke({"messages": [HumanMessage("Draw a cat")]})

    text, image = openrouter_emulator.bodies[2]["messages"][-1]["content"]
    assert text["text"] == "Made 1 image (image/png)."
    assert image["image_url"]["url"].startswith("data:image/png;base64,")


async def test_failures_are_typed(openrouter_emulator: Emulator):
    openrouter_emulator.fail_next(faults.rate_limited())
    with pytest.raises(RateLimitError):
        await made().ainvoke({"prompt": "A cat"})
    with pytest.raises(BadRequestError):
        made(model="no/such-model").invoke({"prompt": "A cat"})


def test_d1_server_tools_are_described_in_a_word(openrouter_emulator: Emulator):
    """quirks.md D1."""
    search = server_tool("web_search", max_results=2)

    model().bind_tools([search, server_tool("openrouter:datetime")]).invoke("Hi")

    assert openrouter_emulator.bodies[0]["tools"] == [
        {"type": "openrouter:web_search", "parameters": {"max_results": 2}},
        {"type": "openrouter:datetime"},
    ]
