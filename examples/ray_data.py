"""Prompts through Ray Data: two actors, one budget, each row paid once. Needs the extras [ray] and [langchain].

`python examples/ray_data.py` runs it on this machine. With OPENROUTER_API_KEY set it calls the real API, for
less than a cent; without one it starts the emulator. Beyond one machine the store is PostgreSQL.
"""

from __future__ import annotations

import logging
import sys
import tempfile

import ray
from api import an_api

from langchain_openrouter import ChatOpenRouter
from openrouter_core.bulk.ray import RayChat

ROWS = [{"id": f"r{n}", "prompt": f"In one word: the capital of country {n}?"} for n in range(40)]


def main(store: str) -> None:
    """Ask, read the data twice, sum up."""
    answered = ray.data.from_items(ROWS).map_batches(
        RayChat,
        fn_constructor_kwargs={
            "target": ChatOpenRouter(model="openai/gpt-4o-mini", max_tokens=20),
            "store": store,
            "key": "id",
            "max_usd": "0.05",
        },
        compute=ray.data.ActorPoolStrategy(size=2),
        batch_size=10,
        num_cpus=0.5,
    )
    rows = answered.take_all()
    again = answered.take_all()  # Ray carries it out anew; the store has the answers
    print("rows:", len(rows), "failed:", sum(row["error"] is not None for row in rows))
    print(
        "the same again:", {r["id"]: r["text"] for r in rows} == {r["id"]: r["text"] for r in again}
    )


if __name__ == "__main__":
    with an_api(), tempfile.TemporaryDirectory() as folder:
        logging.getLogger("ray.data").setLevel("WARNING")
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
        main(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/cities.db")
        ray.shutdown()
