"""`ChatLiteLLM`."""

from __future__ import annotations

from typing import Any

from contenders._langchain import LangChainContender
from langchain_litellm import ChatLiteLLM


class Contender(LangChainContender):
    def make(self, url: str) -> Any:
        return ChatLiteLLM(
            model="openrouter/bench/text", api_key="sk-or-bench", api_base=url, max_retries=0
        )
