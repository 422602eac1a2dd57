"""What `Job` and `embed_into` promise, at full size, against servers that keep books of their own.

`python benchmarks/bulk_promises.py [--items 10000] [--chunks 20000]`; `make bench-bulk` calls it. Ends with 1
when a promise is not kept.

- all: a token bucket, 5 % faults, `Retry-After: 1`; all is delivered, and under 2 % of the calls are refused
- tenth: a budget of a tenth of the work stops within it, and what was paid is delivered
- chunks: a corpus into Qdrant, in memory, through either framework, in two calls
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "shared")]

from openrouter_core import AsyncOpenRouterClient  # noqa: E402  # path first
from openrouter_core.bulk import Job, embed_into  # noqa: E402  # path first
from openrouter_core.errors import BudgetExceededError  # noqa: E402  # path first
from tests.token_bucket import PRICE, TokenBucketServer  # noqa: E402  # path first

MODEL = "openai/gpt-4o-mini"


def asking(url: str) -> Callable[[str], Awaitable[str]]:
    """A function that asks a server."""
    client = AsyncOpenRouterClient("sk-or-x", base_url=url)

    async def ask(prompt: str) -> str:
        message = {"role": "user", "content": prompt}
        return (await client.chat.send([message], model=MODEL, max_tokens=50)).text or ""

    return ask


def everything(folder: Path, items: int) -> bool:
    """All is delivered, each paid once, with few refusals."""
    server = TokenBucketServer(200, latency_s=0.2, faults=0.05)
    with server, Job(folder / "all.db", asking(server.url), version="1") as job:
        job.add((n, f"p{n}") for n in range(items))
        begun = time.monotonic()
        delivered = sum(item.is_ok for item in job.run())
        took_s = time.monotonic() - begun
    paid, refused = server.answered.total(), server.refused
    calls = paid + refused + server.failed
    print(
        f"all: {delivered:,} of {items:,} delivered in {took_s:.0f} s, {paid:,} paid; {refused} refusals "
        f"of {calls:,} calls ({refused / calls:.2%}), {server.failed} faults"
    )
    return delivered == paid == items and refused < 0.02 * calls


def a_tenth(folder: Path, items: int) -> bool:
    """A budget of a tenth of the work."""
    limit = Decimal(PRICE) * items / 10
    server = TokenBucketServer(10_000, latency_s=0.05)
    delivered, stopped = 0, ""
    with server, Job(folder / "tenth.db", asking(server.url), version="1", max_usd=limit) as job:
        job.add((n, f"p{n}") for n in range(items))
        try:
            for item in job.run():
                delivered += item.is_ok
        except BudgetExceededError as error:
            stopped = type(error).__name__
        spent = job.progress().spent_usd
    paid = server.answered.total() * Decimal(PRICE)
    print(
        f"tenth: ${spent} spent of ${limit}, ${paid} in the books, {delivered:,} delivered, {stopped}"
    )
    return limit * Decimal("0.9") < paid == spent <= limit and delivered * Decimal(PRICE) == paid


def chunks(folder: Path, count: int, framework: str) -> bool:
    """A corpus, half of it, then all of it."""
    import qdrant_client

    with TokenBucketServer(10_000, latency_s=0.02) as server:
        client = qdrant_client.QdrantClient(
            ":memory:"
        )  # its files cost a write to the disk per point
        sizes = qdrant_client.models.VectorParams(
            size=2, distance=qdrant_client.models.Distance.COSINE
        )
        client.create_collection("facts", sizes)
        store, embeddings = MADE[framework](server.url, client)
        server.answered.clear()
        texts = [f"chunk {n} {'word ' * 40}" for n in range(count)]
        begun, cpu = time.monotonic(), time.process_time()
        embed_into(store, embeddings, texts[: count // 2], store=folder / f"{framework}.db")
        done = embed_into(store, embeddings, texts, store=folder / f"{framework}.db")
        took_s, cpu_s = time.monotonic() - begun, time.process_time() - cpu
        paid = sum(len(json.loads(p)) * times for p, times in server.answered.items())
        written = client.count("facts").count
        client.close()
    print(
        f"chunks, {framework}: {done.done:,} of {count:,} in {took_s:.0f} s ({cpu_s:.0f} s of CPU with the "
        f"vector store and the server), {paid:,} texts paid in {server.answered.total()} requests, {written:,} "
        "in the vector store"
    )
    return done.done == paid == written == count


def _langchain(url: str, client: Any) -> tuple[Any, Any]:
    from langchain_qdrant import QdrantVectorStore

    from langchain_openrouter import OpenRouterEmbeddings

    embeddings = OpenRouterEmbeddings(model="a/b", api_key="sk-or-x", base_url=url)
    return QdrantVectorStore(client, "facts", embedding=embeddings), embeddings


def _llama_index(url: str, client: Any) -> tuple[Any, Any]:
    from llama_index.vector_stores.qdrant import QdrantVectorStore

    from llama_index_openrouter import OpenRouterEmbedding

    return QdrantVectorStore("facts", client=client), OpenRouterEmbedding(
        "a/b", api_key="sk-or-x", base_url=url
    )


MADE = {"LangChain": _langchain, "LlamaIndex": _llama_index}


def main() -> int:
    """Run what is asked for."""
    warnings.simplefilter("ignore")
    options = argparse.ArgumentParser()
    options.add_argument("--items", type=int, default=10_000)
    options.add_argument("--chunks", type=int, default=20_000)
    given = options.parse_args()
    kept: list[bool] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.items:
            kept += [everything(folder, given.items), a_tenth(folder, given.items)]
        if given.chunks:
            kept += [chunks(folder, given.chunks, framework) for framework in MADE]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
