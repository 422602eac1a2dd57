"""Both frameworks at work, and what it cost. `make demo` runs this.

With OPENROUTER_API_KEY set it calls the real API, for about a cent; without one it starts the
emulator and talks to that. Other models: OPENROUTER_DEMO_AGENT, OPENROUTER_DEMO_CHAT,
OPENROUTER_DEMO_EMBEDDING and OPENROUTER_DEMO_RERANK.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from langchain.agents import create_agent
from llama_index.core.llms import ChatMessage
from rich.console import Console
from rich.table import Table
from rich.text import Text

from langchain_openrouter import ChatOpenRouter
from llama_index_openrouter import OpenRouter
from openrouter_core import OpenRouterClient, OpenRouterError
from openrouter_core.costs import CostRecord, CostTracker, track_openrouter_cost

AGENT_MODEL = os.environ.get("OPENROUTER_DEMO_AGENT", "deepseek/deepseek-v3.2")
CHAT_MODEL = os.environ.get("OPENROUTER_DEMO_CHAT", "anthropic/claude-haiku-4.5")
PATIENCE_S = 60.0

screen = Console(highlight=False)


def main() -> int:
    """Run the three parts in turn."""
    started = time.monotonic()
    try:
        with an_api(), track_openrouter_cost(reconcile="all") as spent:
            langchain_agent()
            llama_index_chat()
            llama_index_query_engine()
            what_it_cost(spent)
    except OpenRouterError as error:
        screen.print(f"\n{type(error).__name__}: {error}", style="red", markup=False)
        return 1
    screen.print(f"\nThat took {time.monotonic() - started:.1f} s.", style="dim")
    return 0


@contextmanager
def an_api() -> Iterator[None]:
    """Let every client of this process find an API: the real one with a key, else the emulator."""
    if os.environ.get("OPENROUTER_API_KEY"):
        url = OpenRouterClient().config.base_url
        screen.print(f"OPENROUTER_API_KEY is set: calling {url}, for about a cent.")
        yield
        return
    from openrouter_emulator import Emulator

    screen.print("No OPENROUTER_API_KEY: this is the local emulator. Its answers are made up;")
    screen.print("the requests, the streams and the bookkeeping are those of the real API.")
    with Emulator(generation_delay_s=1.5, chunk_gap_s=0.02) as emulator:
        os.environ["OPENROUTER_API_KEY"] = emulator.api_key
        os.environ["OPENROUTER_BASE_URL"] = emulator.base_url
        yield


STYLES = {"user": "bold", "thinks": "dim italic", "calls": "cyan", "gets": "cyan"}


def heading(title: str, more: str) -> None:
    """Begin a part."""
    screen.print(f"\n[b]{title}[/b]  [dim]{more}[/dim]")


class Transcript:
    """Prints a stream as it comes: a new line and a label whenever the kind of piece changes."""

    def __init__(self) -> None:
        self._kind = ""

    def say(self, kind: str, piece: str, *, anew: bool = False) -> None:
        """Print a piece of the user's, the model's or a tool's part."""
        if not piece:
            return
        if kind != self._kind or anew:
            screen.print(f"\n{kind:>7}  " if self._kind else f"{kind:>7}  ", style="dim", end="")
            self._kind = kind
        screen.print(Text(piece, style=STYLES.get(kind, "")), end="", soft_wrap=True)
        sys.stdout.flush()


def get_weather(city: str) -> str:
    """Tell the current weather in a city."""
    weather = {"Lisbon": "21 degrees, light wind", "Oslo": "-3 degrees, snow"}
    return f"{city}: {weather.get(city, 'no report')}"


def langchain_agent() -> None:
    """An agent that thinks, calls a tool and answers; every piece is shown when it arrives."""
    heading("LangChain agent", AGENT_MODEL)
    transcript = Transcript()
    question = "Compare the weather in Lisbon and Oslo. Where do I need a jacket?"
    transcript.say("user", question)
    agent = create_agent(
        ChatOpenRouter(model=AGENT_MODEL, reasoning={"enabled": True}, max_tokens=800),
        tools=[get_weather],
        system_prompt="Use the tool for facts. Answer in one or two sentences.",
    )
    for message, _ in agent.stream({"messages": [("user", question)]}, stream_mode="messages"):
        if message.type == "tool":
            transcript.say("gets", message.text, anew=True)
        else:
            show_blocks(transcript, message.content_blocks)
    screen.print()


def show_blocks(transcript: Transcript, blocks: list[Any]) -> None:
    """Show one chunk of a LangChain stream, block by block."""
    for block in blocks:
        if block["type"] == "reasoning":
            transcript.say("thinks", block.get("reasoning", ""))
        elif block["type"] == "tool_call_chunk":
            transcript.say("calls", f"{block['name']} " if block.get("name") else "", anew=True)
            transcript.say("calls", block.get("args") or "")
        elif block["type"] == "text":
            transcript.say("says", block["text"])


def llama_index_chat() -> None:
    """Two turns of a chat; the second sends the first answer back, thinking and signature included."""
    heading("LlamaIndex chat", CHAT_MODEL)
    transcript = Transcript()
    llm = OpenRouter(model=CHAT_MODEL, reasoning={"max_tokens": 1024}, max_tokens=1400)
    history: list[ChatMessage] = []
    for question in ("Which is larger, 9.11 or 9.9? Answer briefly.", "How did you compare them?"):
        transcript.say("user", question, anew=True)
        history.append(ChatMessage(role="user", content=question))
        for response in llm.stream_chat(history):
            transcript.say("thinks", response.additional_kwargs.get("thinking_delta", ""))
            transcript.say("says", response.delta or "")
        history.append(response.message)
    screen.print()


def llama_index_query_engine() -> None:
    """A question to this project's own documents: embedded, searched, reranked and answered."""
    from llama_index_docs import CHAT_MODEL, EMBEDDING_MODEL, RERANK_MODEL, ask_the_docs

    heading("LlamaIndex query engine", f"{EMBEDDING_MODEL}, {RERANK_MODEL}, {CHAT_MODEL}")
    ask_the_docs(say=lambda line: screen.print(line, markup=False))


def what_it_cost(spent: CostTracker) -> None:
    """What the answers said the calls cost, beside what OpenRouter's own records say."""
    heading("What it cost", "as the answers said, and as OpenRouter's own records confirm")
    asked = time.monotonic()
    screen.print(
        f"{len(spent.pending)} of {len(spent.calls)} records are still to come; waiting ..."
    )
    pending = spent.flush(PATIENCE_S)
    waited = time.monotonic() - asked
    screen.print(f"{len(spent.calls) - len(pending)} records are in after {waited:.1f} s.\n")
    screen.print(table_of(spent.calls))
    agree = sum(record.difference == 0 for record in spent.calls)
    screen.print(f"\nTotal: {usd(spent.total)}. {agree} of {len(spent.calls)} records agree.")
    with OpenRouterClient() as client:
        screen.print(f"The key has spent {usd(client.keys.current().usage)} in all.")


def table_of(calls: list[CostRecord]) -> Table:
    """One line for each call."""
    table = Table("model", "provider", box=None, pad_edge=False)
    for name in ("tokens", "charged", "reconciled", "latency"):
        table.add_column(name, justify="right", no_wrap=True)
    for record in calls:
        said, confirmed, tokens = record.response, record.generation, record.cost.tokens
        table.add_row(
            record.requested_model,
            record.provider,
            f"{tokens.prompt or 0}+{tokens.completion or 0}",
            usd(said and said.charged),
            usd(confirmed.charged) if confirmed else record.lookup,
            f"{record.latency_s:.2f} s" if record.latency_s is not None else "?",
        )
    return table


def usd(amount: Any) -> str:
    """An amount for people, with all the digits that small amounts need."""
    return "?" if amount is None else f"${amount:.6f}"


if __name__ == "__main__":
    sys.exit(main())
