"""LangChain's own integration tests for chat models, every capability on, twice.

Once against the local emulator, once from cassettes. What the suite would download is served from
here, so nothing leaves the machine.
"""

from __future__ import annotations

import base64
from typing import Any, Literal

import httpx
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_tests.integration_tests import ChatModelIntegrationTests

from langchain_openrouter import ChatOpenRouter
from openrouter_emulator import Emulator

_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
_WAV = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00" + bytes(20)
_MEDIA = {".pdf": _PDF, ".wav": _WAV, ".png": _PNG, ".jpg": _PNG, ".jpeg": _PNG}
_AUDIO = base64.b64encode(_WAV).decode()


def _serve(url: str, **_: Any) -> httpx.Response:
    ending = next(e for e in _MEDIA if url.lower().endswith(e))
    return httpx.Response(200, content=_MEDIA[ending])


class _Suite(ChatModelIntegrationTests):
    @pytest.fixture(autouse=True)
    def _local(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The files that the suite downloads come from this module."""
        monkeypatch.setattr(httpx, "get", _serve)
        monkeypatch.setenv("LANGCHAIN_TESTS_USER_AGENT", "tests")

    @property
    def enable_vcr_tests(self) -> bool:
        return True

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatOpenRouter

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": "google/gemini-3-flash-preview"}

    @property
    def model_override_value(self) -> str:
        return "openai/gpt-4o-mini"

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

    @property
    def supported_usage_metadata_details(
        self,
    ) -> dict[
        Literal["invoke", "stream"],
        list[
            Literal[
                "audio_input",
                "audio_output",
                "reasoning_output",
                "cache_read_input",
                "cache_creation_input",
            ]
        ],
    ]:
        details: Any = ["audio_input", "audio_output", "reasoning_output"]
        details += ["cache_read_input", "cache_creation_input"]
        return {"invoke": details, "stream": details}

    def invoke_with_audio_input(self, *, stream: bool = False) -> AIMessage:
        audio = {"type": "audio", "base64": _AUDIO, "mime_type": "audio/wav"}
        model = ChatOpenRouter(model="openai/gpt-audio-mini")
        return _ask(model, [HumanMessage(["What is said?", audio])], stream=stream)

    def invoke_with_audio_output(self, *, stream: bool = False) -> AIMessage:
        model = ChatOpenRouter(
            model="openai/gpt-audio-mini",
            modalities=["text", "audio"],
            audio={"voice": "alloy", "format": "pcm16"},
        )
        return _ask(model, [HumanMessage("Say hello.")], stream=stream)

    def invoke_with_reasoning_output(self, *, stream: bool = False) -> AIMessage:
        model = ChatOpenRouter(model="anthropic/claude-sonnet-4.5", reasoning={"effort": "high"})
        return _ask(model, [HumanMessage("What is 3 times 7?")], stream=stream)

    def invoke_with_cache_creation_input(self, *, stream: bool = False) -> AIMessage:
        return _ask(_claude(), [_long_prompt("creation"), HumanMessage("Hi")], stream=stream)

    def invoke_with_cache_read_input(self, *, stream: bool = False) -> AIMessage:
        messages = [_long_prompt("read"), HumanMessage("Hi")]
        _ask(_claude(), messages, stream=stream)
        return _ask(_claude(), messages, stream=stream)


class TestChatOpenRouterIntegration(_Suite):
    @pytest.fixture(autouse=True)
    def _live(self, openrouter_emulator: Emulator, stands_for_openrouter: None) -> None:
        """The model finds the emulator in the environment; `test_stream_time` has a cassette."""


class _OfAVersion(TestChatOpenRouterIntegration):
    version = ""

    @pytest.fixture(autouse=True)
    def _version(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every model of the suite has it, also those that the tests make themselves."""
        monkeypatch.setenv("LC_OUTPUT_VERSION", self.version)


class TestChatOpenRouterV0(_OfAVersion):
    version = "v0"


class TestChatOpenRouterV1(_OfAVersion):
    version = "v1"

    def test_the_answers_are_of_version_1(self, model: BaseChatModel) -> None:
        answer = model.invoke("Hello")

        assert answer.response_metadata["output_version"] == "v1"
        assert isinstance(answer.content, list)


@pytest.mark.vcr
@pytest.mark.block_network
@pytest.mark.usefixtures("from_cassette")
class TestChatOpenRouterFromCassettes(_Suite):
    """The same answers without a server: the network is blocked."""


def _claude() -> ChatOpenRouter:
    return ChatOpenRouter(model="anthropic/claude-sonnet-4.5")


def _long_prompt(word: str) -> SystemMessage:
    text = f"{word} " * 2000
    return SystemMessage([{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}])


def _ask(model: ChatOpenRouter, messages: list[Any], *, stream: bool) -> AIMessage:
    if not stream:
        return model.invoke(messages)
    first, *rest = model.stream(messages)
    return first + rest  # type: ignore[return-value]
