"""LightRAG reads a text into its graph and answers from it, with our model and our embeddings."""

import asyncio
import tempfile

import numpy as np
from lightrag import LightRAG, QueryParam
from lightrag.utils import EmbeddingFunc, Tokenizer
from llama_index.core.llms import ChatMessage

from llama_index_openrouter import OpenRouter, OpenRouterEmbedding

llm = OpenRouter("openai/gpt-4o-mini")
embed_model = OpenRouterEmbedding("openai/text-embedding-3-small")


class Bytes:
    def encode(self, content):
        return list(content.encode())

    def decode(self, tokens):
        return bytes(tokens).decode(errors="ignore")


async def ask(prompt, system_prompt=None, history_messages=(), **_):
    messages = [ChatMessage(role="system", content=system_prompt)] if system_prompt else []
    messages += [ChatMessage(role=m["role"], content=m["content"]) for m in history_messages]
    response = await llm.achat([*messages, ChatMessage(prompt)])
    return response.message.content


async def embed(texts, **_):
    return np.array(await embed_model.aget_text_embedding_batch(list(texts)))


async def main():
    dimensions = len(embed_model.get_text_embedding("a"))
    rag = LightRAG(
        working_dir=tempfile.mkdtemp(),
        llm_model_func=ask,
        embedding_func=EmbeddingFunc(embedding_dim=dimensions, max_token_size=8192, func=embed),
        tokenizer=Tokenizer("bytes", Bytes()),
    )
    await rag.initialize_storages()
    await rag.ainsert("Marie Curie lived in Paris. She was a physicist.")
    return await rag.aquery("Where did Marie Curie live?", QueryParam(mode="naive"))


assert asyncio.run(main())
