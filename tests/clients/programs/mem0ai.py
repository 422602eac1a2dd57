"""Memories are extracted, embedded, stored and found with our model and our embeddings."""

import os
import tempfile

os.environ["MEM0_TELEMETRY"] = "False"
os.environ["MEM0_DIR"] = tempfile.mkdtemp()
from mem0 import Memory

from langchain_openrouter import ChatOpenRouter, OpenRouterEmbeddings

embeddings = OpenRouterEmbeddings(model="openai/text-embedding-3-small")
memory = Memory.from_config(
    {
        "llm": {
            "provider": "langchain",
            "config": {"model": ChatOpenRouter(model="openai/gpt-4o-mini")},
        },
        "embedder": {"provider": "langchain", "config": {"model": embeddings}},
        "vector_store": {
            "provider": "qdrant",
            "config": {
                "path": tempfile.mkdtemp(),
                "embedding_model_dims": len(embeddings.embed_query("a")),
            },
        },
    }
)
memory.add("I like green tea.", user_id="me", infer=False)
found = memory.search("What tea?", filters={"user_id": "me"})
assert "green tea" in str(found), found
memory.add("I live in Lisbon.", user_id="me")
