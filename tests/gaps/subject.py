"""The package that the gap tests are about: ours, or the official one where GAPS_SUBJECT=official.

Both are imported as `langchain_openrouter` and made with the same arguments; `scripts/gaps.py` decides which
one Python finds. Nothing here prefers a name of ours: what a message holds is searched as a whole.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution, requires, version
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage

import langchain_openrouter
from langchain_openrouter import ChatOpenRouter
from openrouter_emulator import Emulator
from tests.langchain_openrouter.call_styles import CLAUDE, GPT, PNG, Ask

__all__ = ["CLAUDE", "GPT", "PNG", "Ask", "ChatOpenRouter"]

OFFICIAL = "langchain-openrouter"
IS_OFFICIAL = os.environ.get("GAPS_SUBJECT", "ours") == "official"
PATIENCE_S = 5.0
"""How long a call may take that fails at once where nothing is repeated."""
KEPT = ""
"""The official package is fine here: its test passes with both."""


def gap(row: int, what: str, *, official: str) -> pytest.MarkDecorator:
    """Mark a test as one row's.

    Args:
        row: The row's number.
        what: What a user expects, in a few words.
        official: A pattern of how the test fails on the official package, or KEPT where it passes.
    """
    return pytest.mark.gap(row, what, official)


def is_official() -> bool:
    """Whether the package that was imported belongs to the official distribution."""
    with suppress(PackageNotFoundError):
        theirs = Path(str(distribution(OFFICIAL).locate_file("langchain_openrouter")))
        return theirs.resolve() == Path(langchain_openrouter.__file__).resolve().parent
    return False


def named() -> str:
    """The subject with its version."""
    if IS_OFFICIAL:
        return f"{OFFICIAL} {version(OFFICIAL)}"
    return f"openrouter-adapters {langchain_openrouter.__version__}"


def requirements() -> list[str]:
    """What the subject's distribution asks to be installed."""
    if IS_OFFICIAL:
        return requires(OFFICIAL) or []
    return _our_requirements()


def _our_requirements() -> list[str]:
    """What this project asks for, from its own pyproject.toml: it need not be installed."""
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))[
        "project"
    ]
    return [*project["dependencies"], *project["optional-dependencies"]["langchain"]]


def model(emulator: Emulator, name: str = GPT, **settings: Any) -> ChatOpenRouter:
    """The subject, talking to the emulator, without retries unless told otherwise."""
    return ChatOpenRouter(
        **{
            "model": name,
            "api_key": emulator.api_key,
            "base_url": emulator.base_url,
            "max_retries": 0,
            **settings,
        }
    )


def held(message: AIMessage) -> str:
    """Everything that a message holds, under whatever name, as one text."""
    blocks: Any = message.content_blocks
    return json.dumps([message.model_dump(), blocks], default=str, ensure_ascii=False)


async def failure(call: Awaitable[Any], *, patience_s: float = PATIENCE_S) -> Exception:
    """Return the exception that ends a call; that it ends well, or not at all, is a failure of the test."""
    try:
        answer = await asyncio.wait_for(call, patience_s)
    except TimeoutError as error:
        raise AssertionError(f"no end within {patience_s:g} s") from error
    except Exception as error:  # noqa: BLE001  # which one it is, is what the test is about
        return error
    raise AssertionError(f"no failure, but an answer\n{answer!r:.200}")


async def let_end(call: Awaitable[Any], *, patience_s: float = PATIENCE_S) -> None:
    """Wait for a call whose outcome does not matter; what it sent does."""
    with suppress(Exception):
        await asyncio.wait_for(call, patience_s)


async def sent_by(emulator: Emulator, call: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
    """Return the body that a call sent, whatever became of it.

    Raises:
        Exception: That of the call, where nothing was sent.
    """
    before = len(emulator.bodies)
    try:
        await asyncio.wait_for(call(), PATIENCE_S)
    except Exception:
        if len(emulator.bodies) == before:
            raise
    return emulator.bodies[before]


def parts(body: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Every content part of one type, in any message of a body."""
    contents = [m["content"] for m in body["messages"] if isinstance(m.get("content"), list)]
    return [part for content in contents for part in content if part.get("type") == kind]
