"""What all LangChain chat models are asked to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

PROMPT = "Count."
TURN = [("user", "What is the capital of France, and why?"), ("assistant", "Paris, by history.")]


class LangChainContender:
    """A chat model. Subclasses make it from a URL in `make`."""

    def __init__(self, url: str) -> None:
        self.model = self.make(url)

    def make(self, url: str) -> Any:
        """Make the model."""
        raise NotImplementedError

    def call(self) -> object:
        return self.model.invoke(PROMPT)

    async def acall(self) -> object:
        return await self.model.ainvoke(PROMPT)

    def stream(self) -> Iterator[object]:
        return self.model.stream(PROMPT)  # type: ignore[no-any-return]  # any model

    def astream(self) -> AsyncIterator[object]:
        return self.model.astream(PROMPT)  # type: ignore[no-any-return]  # any model

    def history(self, count: int) -> object:
        return self.model.invoke([*(TURN * (count // 2)), ("user", PROMPT)])
