"""What a cassette holds, and LangChain's tests for embedding models from cassettes.

The suite for chat models is in `test_standard_integration`, beside its run against the emulator.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from langchain_core.embeddings import Embeddings
from langchain_tests.integration_tests import EmbeddingsIntegrationTests
from vcr import VCR
from vcr.request import Request

from langchain_openrouter import OpenRouterEmbeddings
from openrouter_core import OpenRouterClient
from openrouter_emulator import Emulator
from tests import cassettes

KEY = "sk-or-v1-" + "0123456789abcdef" * 4


@pytest.mark.vcr
@pytest.mark.block_network
@pytest.mark.usefixtures("from_cassette")
class TestOpenRouterEmbeddingsFromCassettes(EmbeddingsIntegrationTests):
    """The same vectors without a server: the network is blocked."""

    @property
    def embeddings_class(self) -> type[Embeddings]:
        return OpenRouterEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": "openai/text-embedding-3-small", "dimensions": 8}


def use(path: Any, mode: str) -> Any:
    vcr = VCR(record_mode=mode)
    vcr.register_serializer("yaml", cassettes.Readable)
    vcr.register_matcher("equal_bodies", cassettes.equal_bodies)
    return vcr.use_cassette(str(path), **cassettes.config())


def test_a_recording_holds_no_key_and_can_be_read(openrouter_emulator: Emulator, tmp_path: Any):
    path = tmp_path / "a.yaml"
    client = OpenRouterClient(headers={"X-Api-Key": KEY, "Cookie": KEY})

    with use(path, "once"):
        answer = client.chat.send([{"role": "user", "content": "Hi"}], model="openai/gpt-4o-mini")

    text = path.read_text("utf-8")
    (recorded,) = yaml.safe_load(text)["interactions"]
    assert openrouter_emulator.api_key not in text
    assert KEY not in text
    assert "127.0.0.1" not in text
    assert recorded["request"]["body"]["messages"] == [{"role": "user", "content": "Hi"}]
    assert recorded["response"]["body"] == answer.raw


def test_a_stream_is_played_back_once_and_whole(openrouter_emulator: Emulator, tmp_path: Any):
    client = OpenRouterClient()

    def chunks() -> list[Any]:
        return [
            *client.chat.stream([{"role": "user", "content": "Hi"}], model="openai/gpt-4o-mini")
        ]

    with use(tmp_path / "a.yaml", "once"):
        recorded = chunks()
    with use(tmp_path / "a.yaml", "none"):
        played = chunks()

    assert played == recorded
    assert len(openrouter_emulator.requests) == 1


def test_what_nobody_asked_for_is_named(openrouter_emulator: Emulator, tmp_path: Any):
    client = OpenRouterClient()
    with use(tmp_path / "a.yaml", "once"):
        client.models.count()
        client.keys.current()

    with use(tmp_path / "a.yaml", "none") as cassette:
        client.models.count()

    assert cassettes.unused(cassette) == ["GET https://openrouter.ai/api/v1/key"]


def test_uuids_that_a_test_draws_are_the_same_by_place():
    one = "00000000-0000-4000-8000-000000000001"
    two = "00000000-0000-4000-8000-000000000002"

    def request_of(*ids: str) -> Request:
        return Request("POST", "u", str([*ids]).replace("'", '"').encode(), {})

    cassettes.equal_bodies(request_of(one, two, one), request_of(two, one, two))
    with pytest.raises(AssertionError):
        cassettes.equal_bodies(request_of(one, two), request_of(one, one))
