"""Prompts in a pandas UDF of Spark. Spark is lazy and asks anew for each action; the store pays once.

`python examples/spark_udf.py` runs it on this machine; needs pyspark, pandas, Java, and the extras [bulk] and
[langchain]. With OPENROUTER_API_KEY set it calls the real API, for less than a cent; without one it starts
the emulator. Beyond one machine the store is PostgreSQL.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
from api import an_api
from pyspark.sql import SparkSession
from pyspark.sql.functions import pandas_udf

from langchain_openrouter import ChatOpenRouter
from openrouter_core.bulk import Job

ROWS = [(f"r{n}", f"In one word: the capital of country {n}?") for n in range(40)]


def answering(store: str) -> Callable[..., Any]:
    """A UDF that asks each row once."""

    def answers(batches: Iterator[tuple[pd.Series, pd.Series]]) -> Iterator[pd.DataFrame]:
        llm = ChatOpenRouter(model="openai/gpt-4o-mini", max_tokens=20)
        with Job(store, llm, name="spark", max_usd="0.05") as job:
            for keys, prompts in batches:
                items = job.answer(zip(keys, prompts, strict=True), raises=False)
                texts = [item.result.text if item.result else None for item in items]
                yield pd.DataFrame({"text": texts, "error": [item.error for item in items]})

    answers.__annotations__ = {
        "batches": Iterator[tuple[pd.Series, pd.Series]],
        "return": Iterator[pd.DataFrame],
    }
    return pandas_udf(answers, "text string, error string")


def main(spark: SparkSession, store: str) -> None:
    """Ask, and look at the answers in three actions."""
    rows = spark.createDataFrame(ROWS, "id string, prompt string").repartition(2)
    answered = rows.withColumn("answer", answering(store)("id", "prompt"))
    print("rows:", answered.select("answer.text").dropna().count())
    print("failed:", answered.where("answer.error is not null").count())
    print("first:", answered.orderBy("id").first()["id"])


if __name__ == "__main__":
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    with an_api(), tempfile.TemporaryDirectory() as folder:
        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .getOrCreate()
        )
        main(session, sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/cities.db")
        session.stop()
