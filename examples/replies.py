"""What the emulator's models say in the examples, where real models would think. A showcase of scripts, too."""

from __future__ import annotations

import json
import math
import re
import struct
from typing import Any

from openrouter_emulator import Emulator, Reply, ToolCall


def _citing(text: str, *pages: tuple[str, str]) -> Reply:
    """A text with the pages that a search found."""
    cited = [
        {
            "type": "url_citation",
            "url_citation": {
                "url": url,
                "title": title,
                "start_index": 0,
                "end_index": len(text),
            },
        }
        for url, title in pages
    ]
    return Reply(text, annotations=cited)


def _results(body: dict[str, Any]) -> list[str]:
    return [str(m.get("content")) for m in body["messages"] if m["role"] == "tool"]


# ---------------------------------------------------------------- agents


def web_agent(emulator: Emulator) -> None:
    """Find, compute, answer."""
    emulator.script(
        ToolCall("minutes_per_10_km", {"minutes": 30, "km": 12}), tool="minutes_per_10_km", turn=1
    )
    emulator.script(
        lambda body: _citing(
            f"The line from Terreiro do Paço to Barreiro is the longest: 12 km in 30 minutes, {_results(body)[-1]} per 10 km.",
            ("https://example.com/ferries", "Ferries of Lisbon"),
            ("https://example.com/barreiro", "Barreiro"),
        ),
        after_tool="minutes_per_10_km",
    )


def deep_research(emulator: Emulator) -> None:
    """The lead asks the reader, then the critic, then writes."""
    lead = "anthropic/claude-sonnet-4.5"
    find = "What does a megawatt hour of tidal and of offshore wind power cost in Europe?"
    emulator.script(_task("reader", find), model=lead, turn=1)
    emulator.script(
        lambda body: _task("critic", _results(body)[-1]), model=lead, turn=2, after_tool="task"
    )
    emulator.script(_report, model=lead, turn=3, after_tool="task")
    emulator.script(
        _citing(
            "Tidal power was sold for 172 pounds per MWh in the last British auction. Offshore wind was at 82 pounds.",
            ("https://example.com/auction", "Results of the auction"),
        ),
        model="openai/gpt-4o-mini",
    )
    emulator.script(
        "Both are prices of one auction in one country; costs elsewhere differ. Tidal power is also easier to plan.",
        model="deepseek/deepseek-v3.2",
    )


def _task(helper: str, description: str) -> ToolCall:
    return ToolCall("task", {"description": description, "subagent_type": helper})


def _report(body: dict[str, Any]) -> str:
    facts, doubt = _results(body)[-2:]
    return f"No. {facts} But: {doubt}"


def graph_with_memory(emulator: Emulator) -> None:
    """Think, ask for a refund, and say that it was made."""
    emulator.script(
        Reply(
            reasoning="A broken order is paid back; the tool wants the number and the amount.",
            tool_calls=[ToolCall("refund", {"order": "4711", "usd": 25})],
        ),
        tool="refund",
        turn=1,
    )
    emulator.script(
        lambda body: f"I am sorry for the trouble. {_results(body)[-1]}", after_tool="refund"
    )


# ---------------------------------------------------------------- documents and tables


def rag_pdf(emulator: Emulator) -> None:
    """Quote the sentences of the pages that have most words of the question."""
    emulator.script(_from_pages, prompt="^Answer from these pages", times=None)


def _from_pages(body: dict[str, Any]) -> str:
    pages, _, question = str(body["messages"][-1]["content"]).rpartition("Question: ")
    wanted = _words(question)
    found = [
        (len(_words(sentence) & wanted), f"{' '.join(sentence.split())} [{source}]")
        for source, text in re.findall(r"^\[(.+)\]\n((?:(?!^\[).+\n?)+)", pages, re.MULTILINE)
        for sentence in re.split(r"(?<=\.)\s+|^[A-Z][^.\n]*\n", text)
        if len(sentence.split()) > 4
    ]
    return " ".join(sentence for _, sentence in sorted(found, key=lambda one: -one[0])[:2])


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z]+", text.lower()) if len(word) > 3}


def extract_csv(emulator: Emulator) -> None:
    """Read a complaint by rules."""
    emulator.script(_ticket, prompt="^Ticket:", times=None)


def _ticket(body: dict[str, Any]) -> str:
    text = str(body["messages"][-1]["content"]).removeprefix("Ticket:").strip()
    order = re.search(r"\b(?:order|number)\D{0,4}(\d{4})", text, re.IGNORECASE)
    amount = re.search(r"\$(\d+(?:\.\d+)?)", text)
    kinds = {"broken": "damaged", "never": "late", "late": "late", "twice": "billing"}
    kind = next((kind for word, kind in kinds.items() if word in text.lower()), "other")
    found = {
        "kind": kind,
        "order": order[1] if order else None,
        "refund_usd": float(amount[1]) if amount else None,
        "is_angry": "!" in text,
        "summary": text.split(".")[0][:60],
    }
    return json.dumps(found)


# ---------------------------------------------------------------- pictures and sound


def vision(emulator: Emulator) -> None:
    """Read the receipt that is in `files`."""
    receipt = {
        "shop": "Mercearia do Bairro",
        "date": "2026-05-14",
        "items": [
            {"name": "Olive oil", "quantity": 1, "price_eur": 8.9},
            {"name": "Bread", "quantity": 2, "price_eur": 3.2},
            {"name": "Oranges", "quantity": 1, "price_eur": 2.75},
        ],
        "total_eur": 14.85,
    }
    emulator.script(json.dumps(receipt))


def make_images(emulator: Emulator) -> None:
    """Two pictures of one color each: the emulator cannot draw."""
    for color in ("cornflowerblue", "midnightblue"):
        emulator.script(Reply("Here it is.", images=[_picture(color)]))


def _picture(color: str) -> str:
    from base64 import b64encode
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.new("RGB", (1344, 768), color).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"


def voice(emulator: Emulator) -> None:
    """A sentence, and a second of a tone where a voice would be."""
    emulator.script(
        Reply(
            audio=_tone(),
            audio_transcript="The lighthouse of Aveiro: it is 62 metres tall.",
        ),
        model="openai/gpt-audio-mini",
    )


def _tone(hertz: float = 220, rate: int = 24_000) -> bytes:
    wave = [int(9000 * math.sin(2 * math.pi * hertz * at / rate)) for at in range(rate)]
    return struct.pack(f"<{rate}h", *wave)


# ---------------------------------------------------------------- services and measurements


def fastapi_app(emulator: Emulator) -> None:
    """Two sentences."""
    emulator.script(
        "Air scatters short waves of light more than long ones. So blue comes from everywhere, and red straight from the sun."
    )


def tracing(emulator: Emulator) -> None:
    """A headline, and the same in another language."""
    emulator.script("Closed ferry line returns on Monday", prompt="^A headline")
    emulator.script("Linha de ferry regressa na segunda-feira", prompt="^In Portuguese")


_SPEEDS = {
    "openai/gpt-4o-mini": (0.12, 400),
    "anthropic/claude-haiku-4.5": (0.2, 700),
    "google/gemini-2.5-flash": (0.1, 600),
    "deepseek/deepseek-v3.2": (0.3, 250),
}


def compare_models(emulator: Emulator) -> None:
    """Each model at a speed of its own."""
    text = (
        "A tide table lists when the water is highest and lowest. It is made from the positions of moon and sun, "
        "and from what was measured in the harbour over many years. Wind and pressure move the true level by some "
        "decimetres, which the table cannot know."
    )
    for model, (first_s, tokens_per_s) in _SPEEDS.items():
        reply = Reply(text, first_token_s=first_s, tokens_per_s=tokens_per_s)
        emulator.script(reply, model=model, times=None)
