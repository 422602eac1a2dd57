"""A LlamaIndex query engine over this project's own documents: embeddings, rerank, an answer, and the bill.

`demo.py` shows it as one of its parts; this file does it alone. Models: OPENROUTER_DEMO_EMBEDDING,
OPENROUTER_DEMO_RERANK and OPENROUTER_DEMO_CHAT.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from textwrap import shorten
from typing import Any

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.node_parser import MarkdownNodeParser
from llama_index.core.schema import BaseNode

from llama_index_openrouter import OpenRouter, OpenRouterEmbedding, OpenRouterRerank
from openrouter_core.costs import CostRecord, CostTracker, track_openrouter_cost

ROOT = Path(__file__).resolve().parent.parent
EMBEDDING_MODEL = os.environ.get("OPENROUTER_DEMO_EMBEDDING", "openai/text-embedding-3-small")
RERANK_MODEL = os.environ.get("OPENROUTER_DEMO_RERANK", "cohere/rerank-v3.5")
CHAT_MODEL = os.environ.get("OPENROUTER_DEMO_CHAT", "anthropic/claude-haiku-4.5")
QUESTION = "How does a budget refuse calls over a limit in USD?"

Say = Callable[[str], None]


def sections() -> list[BaseNode]:
    """The README and the guides, one node a heading."""
    files = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    guides = [file for file in files if file.name != "reference.md"]  # that one is a table
    documents = [
        Document(text=file.read_text("utf-8"), metadata={"file": file.name}) for file in guides
    ]
    return MarkdownNodeParser().get_nodes_from_documents(documents)


def answer_of(question: str, nodes: list[BaseNode]) -> Any:
    """The answer of a query engine, with the nodes that it rests on."""
    embeddings = OpenRouterEmbedding(EMBEDDING_MODEL, embed_batch_size=500)
    index = VectorStoreIndex(nodes, embed_model=embeddings)
    rerank = OpenRouterRerank(RERANK_MODEL, top_n=3)
    engine = index.as_query_engine(
        OpenRouter(CHAT_MODEL), similarity_top_k=8, node_postprocessors=[rerank]
    )
    return engine.query(question)


def ask_the_docs(question: str = QUESTION, *, say: Say = print) -> CostTracker:
    """Answer a question from the documents; say where the answer stands and what each call cost."""
    with track_openrouter_cost() as spent:
        nodes = sections()
        answer = answer_of(question, nodes)
    say(f"{len(nodes)} sections embedded. {question}")
    for source in sources_of(answer):
        say(f"  {source}")
    say(shorten(str(answer), 600, placeholder=" ..."))
    for record in spent.calls:
        say(_line_of_call(record))
    say(f"Together: ${spent.total:.6f}")
    return spent


def sources_of(answer: Any) -> list[str]:
    """Score, file and heading of each node."""
    found: list[str] = []
    for source in answer.source_nodes:
        heading = source.node.get_content().lstrip().partition("\n")[0].lstrip("# ")
        found.append(f"{source.score or 0:.3f}  {source.node.metadata['file']}: {heading}")
    return found


def _line_of_call(record: CostRecord) -> str:
    cost = record.cost.total
    price = "?" if cost is None else f"${cost:.6f}"
    return f"  {price}  {record.operation}  {record.requested_model}"


if __name__ == "__main__":
    from api import an_api
    from demo_answers import script

    with an_api(script):
        ask_the_docs()
