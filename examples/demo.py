"""Both frameworks at work, the code that does it, and what it cost. `make demo` runs this.

With OPENROUTER_API_KEY set it calls the real API, for about a cent; without one it starts the
emulator and talks to that. Other models: OPENROUTER_DEMO_AGENT, OPENROUTER_DEMO_CHAT,
OPENROUTER_DEMO_EMBEDDING and OPENROUTER_DEMO_RERANK.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from api import an_api
from demo_answers import script
from demo_screen import Transcript, heading, screen, show_code, table_of, usd
from langchain.agents import create_agent
from llama_index.core.llms import ChatMessage, ChatResponse
from llama_index_docs import EMBEDDING_MODEL, RERANK_MODEL, answer_of, sections, sources_of

from langchain_openrouter import ChatOpenRouter
from llama_index_openrouter import OpenRouter
from openrouter_core import OpenRouterClient, OpenRouterError
from openrouter_core.costs import CostTracker, track_openrouter_cost

AGENT_MODEL = os.environ.get("OPENROUTER_DEMO_AGENT", "deepseek/deepseek-v3.2")
CHAT_MODEL = os.environ.get("OPENROUTER_DEMO_CHAT", "anthropic/claude-haiku-4.5")
PATIENCE_S = 60.0
SPEED = {"generation_delay_s": 1, "first_event_delay_s": 0.1, "tokens_per_s": 90}
"""Of the emulator."""


def main() -> int:
    """Run the parts in turn."""
    started = time.monotonic()
    try:
        with an_api(script, say=screen.print, **SPEED):
            what_it_cost(all_parts)
    except OpenRouterError as error:
        screen.print(f"\n{type(error).__name__}: {error}", style="red", markup=False)
        return 1
    screen.print(f"\nThat took {time.monotonic() - started:.1f} s.", style="dim")
    return 0


# ---------------------------------------------------------------- LangChain: an agent


def get_weather(city: str) -> str:
    """Tell the current weather in a city."""
    weather = {"Lisbon": "21 degrees, light wind", "Oslo": "-3 degrees, snow"}
    return f"{city}: {weather.get(city, 'no report')}"


def langchain_agent() -> None:
    """An agent that thinks, calls a tool and answers; every piece is shown when it arrives."""
    heading("LangChain: an agent with a tool", AGENT_MODEL)
    show_code(agent_code)
    transcript = Transcript()
    question = "Compare the weather in Lisbon and Oslo. Where do I need a jacket?"
    transcript.say("user", question)
    agent_code(question, lambda message: show_message(transcript, message))
    transcript.end()


def agent_code(question: str, show: Callable[[Any], None]) -> None:
    """What the heading promises, in five lines."""
    llm = ChatOpenRouter(model=AGENT_MODEL, reasoning={"enabled": True})
    agent = create_agent(llm, tools=[get_weather])
    state = {"messages": [("user", question)]}
    for message, _ in agent.stream(state, stream_mode="messages"):
        show(message)


def show_message(transcript: Transcript, message: Any) -> None:
    """Show one chunk of a LangChain stream, block by block."""
    if message.type == "tool":
        transcript.say("gets", message.text, anew=True)
        return
    for block in message.content_blocks:
        if block["type"] == "reasoning":
            transcript.say("thinks", block.get("reasoning", ""))
        elif block["type"] == "tool_call_chunk":
            transcript.say("calls", f"{block['name']} " if block.get("name") else "", anew=True)
            transcript.say("calls", block.get("args") or "")
        elif block["type"] == "text":
            transcript.say("says", block["text"])


# ---------------------------------------------------------------- LlamaIndex: a chat


def llama_index_chat() -> None:
    """Two turns of a chat; the second sends the first answer back, thinking and signature included."""
    heading("LlamaIndex: a chat that thinks", CHAT_MODEL)
    show_code(chat_code)
    transcript = Transcript()
    history: list[ChatMessage] = []
    for question in ("Which is larger, 9.11 or 9.9? Answer briefly.", "How did you compare them?"):
        transcript.say("user", question, anew=True)
        chat_code(history, question, lambda response: show_response(transcript, response))
    transcript.end()


def chat_code(
    history: list[ChatMessage], question: str, show: Callable[[ChatResponse], None]
) -> None:
    """A turn, in five lines."""
    llm = OpenRouter(CHAT_MODEL, reasoning={"max_tokens": 1024}, max_tokens=1400)
    history.append(ChatMessage(role="user", content=question))
    for response in llm.stream_chat(history):
        show(response)
    history.append(response.message)


def show_response(transcript: Transcript, response: ChatResponse) -> None:
    """Show one piece of a LlamaIndex stream."""
    transcript.say("thinks", response.additional_kwargs.get("thinking_delta", ""))
    transcript.say("says", response.delta or "")


# ---------------------------------------------------------------- LlamaIndex: a query engine


def llama_index_query_engine() -> None:
    """A question to this project's own documents: embedded, searched, reranked and answered."""
    heading("LlamaIndex: a question to documents", f"{EMBEDDING_MODEL}, {RERANK_MODEL}")
    show_code(answer_of)
    transcript = Transcript()
    question = "How does a budget refuse calls over a limit in USD?"
    transcript.say("user", question)
    answer = answer_of(question, sections())
    for source in sources_of(answer):
        transcript.say("finds", source, anew=True)
    transcript.say("says", str(answer))
    transcript.end()


# ---------------------------------------------------------------- what it cost


def all_parts() -> CostTracker:
    """Everything before, in five lines."""
    with track_openrouter_cost(reconcile="all") as spent:
        langchain_agent()
        llama_index_chat()
        llama_index_query_engine()
    return spent


def what_it_cost(parts: Callable[[], CostTracker]) -> None:
    """What the answers said the calls cost, beside what OpenRouter's own records say."""
    spent = parts()
    heading("What it cost", "as the answers said, and as OpenRouter's own records confirm")
    show_code(parts)
    began = time.monotonic()
    pending = spent.flush(PATIENCE_S)
    waited = time.monotonic() - began
    came = f"{len(spent.calls) - len(pending)} of {len(spent.calls)}"
    screen.print(f"{came} records are in after {waited:.1f} s.\n")
    screen.print(table_of(spent.calls))
    agree = sum(record.difference == 0 for record in spent.calls)
    screen.print(f"\nTotal: {usd(spent.total)}. {agree} of {len(spent.calls)} records agree.")
    with OpenRouterClient() as client:
        screen.print(f"The key has spent {usd(client.keys.current().usage)} in all.")


if __name__ == "__main__":
    sys.exit(main())
