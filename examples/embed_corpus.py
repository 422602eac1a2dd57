"""A corpus into a vector store, stopped on the way, each chunk paid once. Run it: `python examples/embed_corpus.py`.

Needs langchain-qdrant. With OPENROUTER_API_KEY set it calls the real API, for less than a cent; without one it
starts the emulator and talks to that.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from api import an_api
from langchain_core.documents import Document
from langchain_qdrant import QdrantVectorStore
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, VectorParams

from langchain_openrouter import OpenRouterEmbeddings
from openrouter_core.bulk import embed_into

CITIES = [
    Document(f"City {number} is known for its {number} bridges.", metadata={"number": number})
    for number in range(300)
]


def main(folder: Path) -> None:
    """Embed a part, then all, then all again."""
    embeddings = OpenRouterEmbeddings(model="openai/text-embedding-3-small", dimensions=64)
    database = QdrantClient(":memory:")
    database.create_collection("cities", VectorParams(size=64, distance=Distance.COSINE))
    cities = QdrantVectorStore(database, "cities", embedding=embeddings)
    for some in (CITIES[:100], CITIES, CITIES):
        print(embed_into(cities, embeddings, some, store=folder / "cities.db", max_usd="0.05"))
    print("found:", cities.similarity_search("a city with 7 bridges", k=1)[0].metadata)
    database.close()


if __name__ == "__main__":
    with an_api(), tempfile.TemporaryDirectory() as name:
        main(Path(name))
