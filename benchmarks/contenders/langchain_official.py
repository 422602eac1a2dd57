"""The official package `langchain-openrouter`."""

from __future__ import annotations

from typing import Any

from contenders._langchain import LangChainContender

from langchain_openrouter import ChatOpenRouter


class Contender(LangChainContender):
    def make(self, url: str) -> Any:
        return ChatOpenRouter(
            model="bench/text", api_key="sk-or-bench", base_url=url, max_retries=0
        )
