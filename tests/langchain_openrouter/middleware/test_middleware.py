"""Prompt caching and fallbacks with real agents against the local emulator."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import ModelFallbackMiddleware, ModelRequest
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from langchain_openrouter import (
    ChatOpenRouter,
    OpenRouterFallbackMiddleware,
    OpenRouterPromptCachingMiddleware,
)
from langchain_openrouter.errors import ConfigurationError
from openrouter_emulator import Emulator
from tests.langchain_openrouter.agents import BOTH, CLAUDE, GPT, Ask, get_weather, model, question

EPHEMERAL = {"type": "ephemeral"}

# ------------------------------------------------------------------ prompt caching


def body_of(emulator: Emulator, at: int = -1) -> Any:
    return emulator.bodies[at]


def marked(body: Any) -> list[tuple[str, str]]:
    """Role and text of each marked part."""
    return [
        (message["role"], part["text"])
        for message in body["messages"]
        if isinstance(message["content"], list)
        for part in message["content"]
        if part.get("cache_control")
    ]


@BOTH
async def test_f1_f4_prompt_is_marked_and_read_from_the_cache(
    openrouter_emulator: Emulator, ask: Ask
):
    """quirks.md F1 and F4: system prompt, last messages and tools."""
    agent = create_agent(
        model(CLAUDE),
        tools=[get_weather],
        system_prompt="You know the weather. " * 50,
        middleware=[OpenRouterPromptCachingMiddleware()],
    )

    state = await ask(agent, question())

    first, second = openrouter_emulator.bodies
    assert [role for role, _ in marked(first)] == ["system", "user"]
    assert [role for role, _ in marked(second)] == ["system", "user", "tool"]
    assert all(body["tools"][-1]["cache_control"] == EPHEMERAL for body in (first, second))
    wrote, read = (m for m in state["messages"] if isinstance(m, AIMessage))
    assert wrote.usage_metadata["input_token_details"]["cache_creation"] > 0
    assert read.usage_metadata is not None


@BOTH
async def test_f1_next_turn_reads_what_the_last_one_wrote(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md F1."""
    agent = create_agent(
        model(CLAUDE), system_prompt="Be brief.", middleware=[OpenRouterPromptCachingMiddleware()]
    )
    first = await ask(agent, question("Hi"))

    again = await ask(agent, question("Hi"))

    read = again["messages"][-1].usage_metadata["input_token_details"]["cache_read"]
    assert read > 0
    assert first["messages"][0].additional_kwargs == {}


def test_f1_ttl_is_sent(openrouter_emulator: Emulator):
    """quirks.md F1."""
    agent = create_agent(model(CLAUDE), middleware=[OpenRouterPromptCachingMiddleware(ttl="1h")])

    agent.invoke(question("Hi"))

    [part] = body_of(openrouter_emulator)["messages"][0]["content"]
    assert part["cache_control"] == {"type": "ephemeral", "ttl": "1h"}


def test_f3_only_the_last_text_part_is_marked(openrouter_emulator: Emulator):
    """quirks.md F3: not the image, not every text."""
    image = {"type": "image", "url": "https://a.example/cat.png"}
    agent = create_agent(model(CLAUDE), middleware=[OpenRouterPromptCachingMiddleware()])

    agent.invoke({"messages": [HumanMessage(["What", "is this?", image])]})

    parts = body_of(openrouter_emulator)["messages"][0]["content"]
    assert [bool(p.get("cache_control")) for p in parts] == [False, True, False]


@BOTH
@pytest.mark.parametrize("empty", ["", "\n"])
async def test_empty_text_is_never_marked(openrouter_emulator: Emulator, ask: Ask, empty: str):
    """Claude refuses a mark on empty text, in this turn and in every later one."""
    image = {"type": "image", "url": "https://a.example/cat.png"}
    blank = {"type": "text", "text": empty}
    agent = create_agent(model(CLAUDE), middleware=[OpenRouterPromptCachingMiddleware()])

    state = await ask(agent, {"messages": [HumanMessage(["Look:", image, blank])]})
    await ask(agent, {"messages": [*state["messages"], HumanMessage("And now?")]})

    assert marked(body_of(openrouter_emulator, 0)) == [("user", "Look:")]
    assert marked(body_of(openrouter_emulator)) == [("user", "Look:"), ("user", "And now?")]


@pytest.mark.parametrize(
    "mark",
    [{"cache_control": EPHEMERAL}, {"prompt_cache_breakpoint": {"mode": "explicit"}}],
    ids=["ours", "openai's"],
)
def test_a_fifth_mark_is_never_sent(openrouter_emulator: Emulator, mark: dict[str, Any]):
    """Marks of the caller count, of either kind: OpenRouter hands both to Claude."""
    rules = [{"type": "text", "text": f"Rule {n}.", **mark} for n in range(3)]
    agent = create_agent(
        model(CLAUDE), tools=[get_weather], middleware=[OpenRouterPromptCachingMiddleware()]
    )

    agent.invoke({"messages": [SystemMessage(rules), HumanMessage("Hi")]})  # type: ignore[arg-type]

    body = body_of(openrouter_emulator)
    assert body["messages"][0]["content"] == rules
    added = [*body["messages"][1:], *body["tools"]]
    assert json.dumps(added).count('"cache_control"') == 1


@pytest.mark.parametrize("name", [GPT, "google/gemini-3-flash-preview", "openrouter/auto"])
def test_models_that_cache_by_themselves_get_no_marks(openrouter_emulator: Emulator, name: str):
    agent = create_agent(
        model(name), system_prompt="Be brief.", middleware=[OpenRouterPromptCachingMiddleware()]
    )

    agent.invoke(question("Hi"))

    assert "cache_control" not in str(body_of(openrouter_emulator))


@pytest.mark.parametrize(
    "made",
    [
        lambda: model("~anthropic/claude-sonnet-latest"),
        lambda: model(f"openrouter/{CLAUDE}:nitro"),
        lambda: model(GPT, models=[CLAUDE]),
        lambda: model("qwen/qwen3-max"),
    ],
    ids=["alias", "prefix", "fallback", "qwen"],
)
def test_models_that_need_marks_are_known(openrouter_emulator: Emulator, made: Any):
    agent = create_agent(made(), middleware=[OpenRouterPromptCachingMiddleware()])

    agent.invoke(question("Hi"))

    assert marked(body_of(openrouter_emulator)) == [("user", "Hi")]


def request(**changes: Any) -> ModelRequest[Any]:
    conversation = [
        HumanMessage("one"),
        AIMessage("two"),
        HumanMessage("three"),
        AIMessage("", tool_calls=[{"name": "get_weather", "args": {}, "id": "c"}]),
        ToolMessage("four", tool_call_id="c"),
    ]
    given = {
        "model": ChatOpenRouter(model=CLAUDE, api_key="sk-or-made-up"),
        "messages": conversation,
        "system_message": SystemMessage("be brief"),
        "tools": [get_weather, {"type": "openrouter:web_search"}],
    }
    return ModelRequest(**{**given, **changes})


def places(made: ModelRequest[Any]) -> list[Any]:
    """What is marked: texts of messages, names of tools."""
    messages = [made.system_message, *made.messages]
    texts = [
        m.text
        for m in messages
        if m is not None
        and ("cache_control" in m.additional_kwargs or "cache_control" in str(m.content))
    ]
    tools = [t.name for t in made.tools if getattr(t, "extras", None)]
    return [*texts, *tools]


def mark(made: ModelRequest[Any]) -> ModelRequest[Any]:
    return OpenRouterPromptCachingMiddleware()._marked(made)


def test_f1_four_places_are_marked_at_most():
    """quirks.md F1: system, the end of the last request, the end of this one, tools."""
    assert places(mark(request())) == ["be brief", "three", "four", "get_weather"]


def test_own_marks_count_and_stay():
    own = {"type": "text", "text": "one", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    conversation = [HumanMessage([own]), *request().messages[1:]]

    made = mark(request(messages=conversation))

    assert places(made) == ["be brief", "one", "three", "four"]
    assert made.messages[0] is conversation[0]


def test_automatic_caching_counts_as_a_mark():
    made = mark(request(model_settings={"cache_control": EPHEMERAL}))

    assert places(made) == ["be brief", "three", "four"]


@pytest.mark.parametrize("nothing", ["", "\n"])
def test_messages_without_text_are_passed_over(nothing: str):
    conversation = [HumanMessage("one"), HumanMessage(nothing)]

    assert places(mark(request(messages=conversation, tools=[], system_message=None))) == ["one"]


def test_given_request_is_not_changed():
    made = request()

    mark(made)

    assert places(made) == []
    assert get_weather.extras is None


# ------------------------------------------------------------------ fallback


@BOTH
async def test_h7_openrouter_falls_back_within_one_request(openrouter_emulator: Emulator, ask: Ask):
    """quirks.md H7: metadata and price follow the model that answered."""
    openrouter_emulator.down_models = {GPT}
    agent = create_agent(model(), middleware=[OpenRouterFallbackMiddleware(models=[CLAUDE])])

    state = await ask(agent, question("Hi"))

    assert body_of(openrouter_emulator)["models"] == [CLAUDE]
    assert len(openrouter_emulator.requests) == 1
    assert "claude" in state["messages"][-1].response_metadata["model_name"]


def test_h7_models_of_the_request_win(openrouter_emulator: Emulator):
    """quirks.md H7."""
    fallback = OpenRouterFallbackMiddleware([CLAUDE])

    made = fallback._with_models(request(model_settings={"models": [GPT], "temperature": 0}))

    assert made.model_settings == {"models": [GPT], "temperature": 0}


@pytest.mark.parametrize("models", ["openai/gpt-5", []])
def test_fallbacks_are_checked(models: Any):
    with pytest.raises(ConfigurationError, match="list of models"):
        OpenRouterFallbackMiddleware(models)


@BOTH
async def test_an_agent_goes_on_with_a_fallback_of_another_vendor(
    openrouter_emulator: Emulator, ask: Ask
):
    """LangChain's own fallback asks another model in the middle of a conversation."""
    thinker = model(CLAUDE, reasoning={"effort": "low"}, max_tokens=None)
    agent = create_agent(thinker, middleware=[ModelFallbackMiddleware(model("openai/gpt-5.5"))])
    state = await ask(agent, question("Hi"))
    openrouter_emulator.down_models = {CLAUDE}

    state = await ask(agent, {"messages": [*state["messages"], HumanMessage("Go on.")]})

    assert state["messages"][-1].text
    first, second = (body["messages"][1] for body in openrouter_emulator.bodies[1:])
    assert first["reasoning_details"][0]["signature"]
    assert "reasoning_details" not in second


@pytest.mark.parametrize("target", ["openai/gpt-5.5", "google/gemini-3-flash-preview"])
def test_a_call_may_name_another_model(openrouter_emulator: Emulator, target: str):
    thinker = model(CLAUDE, reasoning={"effort": "low"}, max_tokens=None)
    history = [HumanMessage("Hi"), thinker.invoke("Hi"), HumanMessage("Go on.")]

    assert thinker.invoke(history, model=target).text

    assert "reasoning_details" not in openrouter_emulator.bodies[-1]["messages"][1]


# ------------------------------------------------------------------ other models, no langchain

MADE = [
    lambda **how: OpenRouterFallbackMiddleware([GPT], **how),
    OpenRouterPromptCachingMiddleware,
]


@pytest.mark.parametrize("made", MADE)
def test_models_of_others_are_left_alone(made: Any):
    agent = create_agent(FakeListChatModel(responses=["Hi"]), middleware=[made()])

    with pytest.warns(UserWarning, match="serves ChatOpenRouter"):
        assert agent.invoke(question("Hi"))["messages"][-1].text == "Hi"


@pytest.mark.parametrize("made", MADE)
def test_models_of_others_can_be_refused_or_ignored(made: Any):
    other = FakeListChatModel(responses=["Hi"])
    strict = create_agent(other, middleware=[made(unsupported_model_behavior="raise")])
    quiet = create_agent(other, middleware=[made(unsupported_model_behavior="ignore")])

    with pytest.raises(ConfigurationError, match="Remove it"):
        strict.invoke(question("Hi"))
    assert quiet.invoke(question("Hi"))["messages"][-1].text == "Hi"


def test_without_langchain_the_error_says_what_to_install():
    code = (
        "import sys; sys.modules['langchain'] = None\n"
        "from langchain_openrouter import OpenRouterEmbeddings\n"
        "from langchain_openrouter import BudgetMiddleware\n"
    )

    ran = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert 'pip install "langchain>=1.3"' in ran.stderr.splitlines()[-1]
