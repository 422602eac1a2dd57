"""A sign-in from start to end on the emulator, with a browser that is one HTTP call."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from threading import Thread

import httpx2
import pytest

from openrouter_core import AsyncOpenRouterClient, OpenRouterClient, oauth
from openrouter_emulator import Emulator


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


def _browse(url: str) -> None:
    """Follow the consent page's redirect, as a browser does, while the caller listens."""
    Thread(target=httpx2.get, args=(url,), kwargs={"follow_redirects": True}, daemon=True).start()


def test_a_user_signs_in_and_their_key_works(emulator: Emulator):
    with OpenRouterClient("sk-or-v1-none", base_url=emulator.base_url) as client:
        page = f"{emulator.origin}/auth"
        key = oauth.sign_in(client, open_url=_browse, timeout_s=10, auth_url=page, key_label="App")

    with OpenRouterClient(key, base_url=emulator.base_url) as theirs:
        assert theirs.keys.current().label
    assert "App" in {key.name for key in emulator.state.keys.values()}


async def test_a_user_signs_in_without_blocking_the_loop(emulator: Emulator):
    async with AsyncOpenRouterClient("sk-or-v1-none", base_url=emulator.base_url) as client:
        page = f"{emulator.origin}/auth"
        key = await asyncio.wait_for(
            oauth.asign_in(client, open_url=_browse, timeout_s=10, auth_url=page), 15
        )

    assert key.get_secret_value() in emulator.state.keys
