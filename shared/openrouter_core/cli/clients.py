"""The client of a command: its key comes from OPENROUTER_API_KEY, else from `openrouter login`."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from openrouter_core.client import AsyncOpenRouterClient, OpenRouterClient
from openrouter_core.config import base_url_of, from_environment
from openrouter_core.errors import ConfigurationError

SERVICE = "openrouter"
_NAME = "OPENROUTER_API_KEY"


def client(**settings: Any) -> OpenRouterClient:
    """Return a client with the key of the environment, else the one that `login` kept."""
    return OpenRouterClient(None if from_environment("api_key") else kept_key(), **settings)


def async_client() -> AsyncOpenRouterClient:
    """Return the same for awaited calls."""
    return AsyncOpenRouterClient(None if from_environment("api_key") else kept_key())


def kept_key() -> str | None:
    """Return the key that `login` kept for the base URL in use; None without one, or without keyring."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(SERVICE, base_url_of(None))
    except KeyringError:
        return None


@contextmanager
def kept_key_in_environment() -> Generator[None]:
    """Let a program that reads OPENROUTER_API_KEY find the key that `login` kept."""
    key = None if from_environment("api_key") else kept_key()
    if key is not None:
        os.environ[_NAME] = key
    try:
        yield
    finally:
        if key is not None:
            del os.environ[_NAME]


def keep_key(key: str | None) -> None:
    """Keep a key in the system's keyring; None forgets it.

    Raises:
        ConfigurationError: keyring is not installed, or the system has no keyring.
    """
    try:
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError
    except ImportError as missing:
        raise ConfigurationError(
            "Keeping a key needs keyring: pip install keyring. Or use --print and set OPENROUTER_API_KEY."
        ) from missing
    try:
        if key is None:
            keyring.delete_password(SERVICE, base_url_of(None))
        else:
            keyring.set_password(SERVICE, base_url_of(None), key)
    except PasswordDeleteError:
        return
    except KeyringError as error:
        raise ConfigurationError(
            f"This system's keyring cannot be used ({error}). Use --print and set OPENROUTER_API_KEY."
        ) from error
