"""Types that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable

from llama_index_openrouter import OpenRouter

MakeLlm = Callable[..., OpenRouter]
"""The fixture `make_llm`: a model object that talks to the emulator."""
