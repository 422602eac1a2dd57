"""Prompts in the partitions of a Dask DataFrame. Dask computes anew when asked again; the store pays once.

`python examples/dask_frame.py` runs it on this machine; needs dask[dataframe,distributed] and the extras
[bulk] and [langchain]. With OPENROUTER_API_KEY set it calls the real API, for less than a cent; without one
it starts the emulator. Beyond one machine the store is PostgreSQL.
"""

from __future__ import annotations

import sys
import tempfile

import dask.dataframe as dd
import pandas as pd
from api import an_api
from distributed import Client, LocalCluster

from langchain_openrouter import ChatOpenRouter
from openrouter_core.bulk import Job

ROWS = [(f"r{n}", f"In one word: the capital of country {n}?") for n in range(40)]


def answers(rows: pd.DataFrame, store: str) -> pd.DataFrame:
    """A partition with its answers."""
    llm = ChatOpenRouter(model="openai/gpt-4o-mini", max_tokens=20)
    with Job(store, llm, name="dask", max_usd="0.05") as job:
        items = job.answer(zip(rows["id"], rows["prompt"], strict=True), raises=False)
    texts = [item.result.text if item.result else None for item in items]
    return rows.assign(text=texts, error=[item.error for item in items])


def main(store: str) -> None:
    """Ask, and compute twice."""
    rows = dd.from_pandas(pd.DataFrame(ROWS, columns=["id", "prompt"]), npartitions=4)
    meta = {"id": "object", "prompt": "object", "text": "object", "error": "object"}
    answered = rows.map_partitions(answers, store, meta=meta)
    print("rows:", len(answered.compute()), "failed:", answered["error"].count().compute())


if __name__ == "__main__":
    with (
        an_api(),
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
    ):
        main(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/cities.db")
