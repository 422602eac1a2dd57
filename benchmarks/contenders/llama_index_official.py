"""LlamaIndex's own package `llama-index-llms-openrouter`."""

from __future__ import annotations

from typing import Any

from contenders._llama_index import LlamaIndexContender
from llama_index.llms.openrouter import OpenRouter


class Contender(LlamaIndexContender):
    def make(self, url: str) -> Any:
        return OpenRouter(model="bench/text", api_key="sk-or-bench", api_base=url, max_retries=0)
