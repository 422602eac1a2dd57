"""`ChatOpenAI` pointed at OpenRouter, and `OpenAIEmbeddings`."""

from __future__ import annotations

from typing import Any

from contenders._langchain import LangChainContender
from langchain_openai import ChatOpenAI, OpenAIEmbeddings


class Contender(LangChainContender):
    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._url = url
        self._embeddings: OpenAIEmbeddings | None = None

    def make(self, url: str) -> Any:
        return ChatOpenAI(model="bench/text", api_key="sk-or-bench", base_url=url)

    def embed(self) -> object:
        if self._embeddings is None:
            self._embeddings = OpenAIEmbeddings(
                model="bench/embed",
                api_key="sk-or-bench",
                base_url=self._url,
                check_embedding_ctx_length=False,
            )
        return self._embeddings.embed_documents([f"text {n}" for n in range(100)])
