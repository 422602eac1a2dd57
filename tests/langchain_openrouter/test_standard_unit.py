"""LangChain's own unit tests for chat models, with every capability switched on."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_tests.unit_tests import ChatModelUnitTests

from langchain_openrouter import ChatOpenRouter


class TestChatOpenRouterUnit(ChatModelUnitTests):
    @pytest.fixture(autouse=True)
    def _key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The suite's own `load` takes secrets from the environment."""
        monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-test")

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatOpenRouter

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "anthropic/claude-sonnet-4.5"}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        env = {
            "OPENROUTER_API_KEY": "sk-or-env",
            "OPENROUTER_API_BASE": "https://proxy.example/api/v1",
            "OPENROUTER_APP_URL": "https://app.example",
            "OPENROUTER_APP_TITLE": "App",
        }
        expected = {
            "openrouter_api_key": "sk-or-env",
            "openrouter_api_base": "https://proxy.example/api/v1",
            "app_url": "https://app.example",
            "app_title": "App",
        }
        return env, self.chat_model_params, expected

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_image_inputs(self) -> bool:
        return True

    @property
    def supports_image_urls(self) -> bool:
        return True

    @property
    def supports_pdf_inputs(self) -> bool:
        return True

    @property
    def supports_audio_inputs(self) -> bool:
        return True

    @property
    def supports_video_inputs(self) -> bool:
        return True

    @property
    def supports_anthropic_inputs(self) -> bool:
        return True

    @property
    def supports_image_tool_message(self) -> bool:
        return True

    @property
    def supports_pdf_tool_message(self) -> bool:
        return True
