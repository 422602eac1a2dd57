"""LangChain's own tests for embedding models, against the local emulator."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.embeddings import Embeddings
from langchain_tests.integration_tests import EmbeddingsIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests

from langchain_openrouter import OpenRouterEmbeddings
from openrouter_emulator import Emulator

MODEL = "openai/text-embedding-3-small"


class TestOpenRouterEmbeddingsUnit(EmbeddingsUnitTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return OpenRouterEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": MODEL, "api_key": "sk-or-made-up"}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        return (
            {"OPENROUTER_API_KEY": "sk-or-env", "OPENROUTER_API_BASE": "https://or.example/api/v1"},
            {"model": MODEL},
            {
                "openrouter_api_key": "sk-or-env",
                "openrouter_api_base": "https://or.example/api/v1",
            },
        )


class TestOpenRouterEmbeddingsIntegration(EmbeddingsIntegrationTests):
    @pytest.fixture(autouse=True)
    def _local(self, openrouter_emulator: Emulator) -> None:
        """The key and the address come from the emulator."""

    @property
    def embeddings_class(self) -> type[Embeddings]:
        return OpenRouterEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": MODEL, "batch_size": 2}
