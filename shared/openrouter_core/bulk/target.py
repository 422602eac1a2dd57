"""How a job asks: whatever can answer, as one function from an input to a result.

Frameworks are told apart by their methods, for the core imports none.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from openrouter_core.errors import ConfigurationError

if TYPE_CHECKING:
    from openrouter_core.client import OpenRouterClient

Ask = Callable[[Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Target:
    """Something that answers."""

    ask: Ask | None
    """Awaited, where it can be."""
    ask_blocking: Callable[[Any], Any] | None = None
    """A plain function, which runs in a thread."""
    from_body: Callable[[Mapping[str, Any]], Any] | None = None
    """Makes its result of the JSON of an answer; None when the result is more than the answer."""
    to_body: Callable[[Any], dict[str, Any]] | None = None
    """Makes the JSON of the request, where one request is all that an item takes."""
    client: Callable[[], OpenRouterClient] | None = None
    """The core client that reaches the same API with the same key and observers."""


def target_of(given: Any) -> Target:
    """Return how to ask a model, a chain, an embeddings object or a function.

    Raises:
        ConfigurationError: It is nothing that can be asked.
    """
    kind = type(given)
    if isinstance(given, type):
        name = cast("type[Any]", given).__name__
        raise ConfigurationError(
            f"A job cannot ask the class {name}. Give it an object: {name}(...)."
        )
    if hasattr(kind, "to_message"):
        return _model(given, given.ainvoke, given.to_message, given.build_request)
    if hasattr(kind, "to_response"):
        return _model(given, _llama_chat(given), given.to_response, _llama_body(given))
    if ask := _of_framework(given):
        return Target(ask)
    if not callable(given):
        raise ConfigurationError(
            f"A job cannot ask {kind.__name__}. Give it a chat model, a chain, an embeddings object or a "
            "function."
        )
    is_async = inspect.iscoroutinefunction(given if inspect.isroutine(given) else kind.__call__)
    return Target(cast("Ask", given)) if is_async else Target(None, ask_blocking=given)


def _of_framework(given: Any) -> Ask | None:
    """How to ask a chain, an LLM of LlamaIndex or an embeddings object; None for anything else."""
    kind = type(given)
    if hasattr(kind, "ainvoke"):
        return cast("Ask", given.ainvoke)
    if hasattr(kind, "achat"):
        return _llama_chat(given)
    if hasattr(kind, "aget_text_embedding"):
        return _either(given.aget_text_embedding, given.aget_text_embedding_batch)
    if hasattr(kind, "aembed_documents"):
        return _either(_first_of(given.aembed_documents), given.aembed_documents)
    return None


def _model(
    model: Any,
    ask: Ask,
    from_body: Callable[[Mapping[str, Any]], Any],
    to_body: Callable[[Any], dict[str, Any]],
) -> Target:
    return Target(ask, None, from_body, to_body, lambda: model.core_client)


def _llama_body(llm: Any) -> Callable[[Any], dict[str, Any]]:
    return lambda messages: llm.build_request(_llama_messages(messages))


def _llama_chat(llm: Any) -> Ask:
    def ask(messages: Any) -> Awaitable[Any]:
        return cast("Awaitable[Any]", llm.achat(_llama_messages(messages)))

    return ask


def _llama_messages(given: Any) -> Any:
    """A conversation of LlamaIndex, whose module is loaded: the model object is of it."""
    message: Any = sys.modules["llama_index.core.base.llms.types"].ChatMessage
    if isinstance(given, (str, message, Mapping)):
        given = [given]
    if not isinstance(given, Iterable):
        raise ConfigurationError(
            f"messages must be a list of ChatMessages, dicts or texts, not {type(given).__name__}."
        )
    return [
        message(role="user", content=one) if isinstance(one, str)
        else message(**one) if isinstance(one, Mapping) else one
        for one in given
    ]  # fmt: skip


def _either(one: Ask, several: Ask) -> Ask:
    """Embed a text, or a list of them in one item."""

    def ask(texts: Any) -> Awaitable[Any]:
        return one(texts) if isinstance(texts, str) else several(texts)

    return ask


def _first_of(several: Ask) -> Ask:
    async def one(text: Any) -> Any:
        return (await several([text]))[0]

    return one
