"""A hundred prompts, interrupted on the way, each paid once. Run it: `python examples/bulk.py`.

With OPENROUTER_API_KEY set it calls the real API, for less than a cent; without one it starts the emulator
and talks to that.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from api import an_api
from langchain_core.messages import AIMessage

from langchain_openrouter import ChatOpenRouter
from openrouter_core.bulk import Job

MODEL = "openai/gpt-4o-mini"
CITIES = [f"city {number}" for number in range(100)]


def rows() -> Iterator[tuple[str, str]]:
    """Keys of your own, and what is asked."""
    for city in CITIES:
        yield city, f"Name one sight of {city}. Answer in five words."


def main(file: Path) -> None:
    """Ask, stop on the way, go on, read."""
    llm = ChatOpenRouter(model=MODEL, max_tokens=20)
    with Job[AIMessage](file, llm, max_usd="0.05") as job:
        print("new prompts:", job.add(rows()))
        for count, item in enumerate(job.run(), 1):
            print("first answer:", item.key, "cost:", item.cost)
            if count == 1:
                break  # as if the program had ended here
    with Job[AIMessage](file, llm, max_usd="0.05") as job:
        print("new prompts the second time:", job.add(rows()))
        later = sum(1 for _ in job.run(progress=True))
        print("handed over by the second run:", later)
        print("in order:", *[item.key for item in job.results()][:3])
        print(job.progress())


if __name__ == "__main__":
    with an_api(), tempfile.TemporaryDirectory() as folder:
        main(Path(folder) / "cities.db")
