"""Questions to a pile of PDFs: pages into Qdrant, the best ones reranked, an answer that names its pages.

    python examples/rag_pdf.py                                   a handbook of three pages
    python examples/rag_pdf.py "Who pays?" contract.pdf offer.pdf    your own

Needs `pip install langchain-qdrant pypdf`. The vectors stay in the folder `pages.qdrant` beside the first file: delete it to read anew.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import replies
from api import FILES, an_api
from langchain_core.documents import Document
from langchain_qdrant import QdrantVectorStore
from pypdf import PdfReader

from langchain_openrouter import ChatOpenRouter, OpenRouterEmbeddings, OpenRouterRerank
from openrouter_core.costs import track_openrouter_cost

QUESTION = "How much may a night in a hotel cost, and who has to agree to more?"
PROMPT = (
    "Answer from these pages alone. Put the page in brackets behind each statement, e.g. [handbook.pdf, page 2]. "
    "If they do not say it, say so.\n\n{pages}\n\nQuestion: {question}"
)


def pages_of(files: list[Path]) -> list[Document]:
    """A document for each page."""
    return [
        Document(text, metadata={"source": f"{file.name}, page {number}"})
        for file in files
        for number, page in enumerate(PdfReader(file).pages, 1)
        if (text := page.extract_text().strip())
    ]


def store_of(files: list[Path], place: Path) -> QdrantVectorStore:
    """The pages with their vectors; read and paid for at the first run."""
    embeddings = OpenRouterEmbeddings(model="openai/text-embedding-3-small")
    if place.exists():
        return QdrantVectorStore.from_existing_collection("pages", embeddings, path=str(place))
    return QdrantVectorStore.from_documents(
        pages_of(files), embeddings, path=str(place), collection_name="pages"
    )


def best_pages(store: QdrantVectorStore, question: str) -> list[Document]:
    """Twenty by their vectors, three of these by a model that reads both."""
    rerank = OpenRouterRerank(model="cohere/rerank-v3.5", top_n=3)
    return list(rerank.compress_documents(store.similarity_search(question, k=20), question))


def main(question: str, files: list[Path], place: Path) -> None:
    """Answer, with sources and prices."""
    model = ChatOpenRouter(model="anthropic/claude-haiku-4.5", max_tokens=500)
    with track_openrouter_cost() as spent:
        store = store_of(files, place)
        found = best_pages(store, question)
        pages = "\n\n".join(f"[{page.metadata['source']}]\n{page.page_content}" for page in found)
        answer = model.invoke(PROMPT.format(pages=pages, question=question))
    print(f"{store.client.count('pages').count} pages in {place}\n\n{question}\n")
    for page in found:
        print(f"  {page.metadata['relevance_score']:.3f}  {page.metadata['source']}")
    print(f"\n{answer.text}\n")
    for model_id, figures in spent.by("model").items():
        print(f"  {model_id:<30}{figures.calls:>2} calls  ${figures.total:.6f}")
    store.client.close()


if __name__ == "__main__":
    own = [Path(name) for name in sys.argv[2:]]
    question = sys.argv[1] if len(sys.argv) > 1 else QUESTION
    with an_api(replies.rag_pdf), tempfile.TemporaryDirectory() as folder:
        place = own[0].parent if own else Path(folder)
        main(question, own or [FILES / "handbook.pdf"], place / "pages.qdrant")
