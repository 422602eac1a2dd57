"""The emulator shows what the world refuses: with a mend of the client taken out, a call that goes well ends in a refusal.

Each mend is replaced by nothing at all where it is called. A mend that nothing misses would be one that the emulator hides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from llama_index_openrouter import OpenRouter
from openrouter_core import BadRequestError, OpenRouterClient
from openrouter_core import client as core_client
from openrouter_core.chat import checks, recovery, schema, sound, tools
from openrouter_core.chat import request as chat_request
from openrouter_core.errors import NoEndpointsError, ResponseShapeError
from openrouter_core.resources import embeddings, rerank
from openrouter_emulator import Emulator
from tests.adapters import test_strict_emulator as strict
from tests.adapters.conversations import BOTH, Ask
from tests.adapters.test_histories import REPAIRED


def _as_it_is(first: Any, *_rest: Any, **_options: Any) -> Any:
    return first


@pytest.fixture
def without_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """Conversations go out as they are, and no second request mends them."""
    monkeypatch.setattr(chat_request, "fit_history", _as_it_is)
    monkeypatch.setattr(recovery, "_REPAIRS", ())


@BOTH
@pytest.mark.parametrize(("model", "wire"), REPAIRED.values(), ids=REPAIRED.keys())
async def test_a_conversation_is_refused_without_its_repair(
    openrouter_emulator: Emulator, without_history: None, ask: Ask, model: str, wire: Any
):
    with pytest.raises(BadRequestError):
        await ask(model, wire)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as started:
        yield started


@pytest.fixture
def client(emulator: Emulator) -> Iterator[OpenRouterClient]:
    with OpenRouterClient(emulator.api_key, base_url=emulator.base_url, max_retries=0) as made:
        yield made


def _always(body: Any, _facts: object) -> Any:
    return {**body, "provider": {**(body.get("provider") or {}), "require_parameters": True}}


def _nothing(*_given: Any, **_options: Any) -> None:
    return None


def _with_tools_alone(choice: Any, offered: Any) -> Any:
    return tools.to_tool_choice(choice, offered) if offered else None


Taken = tuple[tuple[ModuleType | type, ...], str, Any, type[BaseException], Callable[..., Any]]
OUT: dict[str, Taken] = {
    "require_parameters only where all is listed": (
        (chat_request,), "require_listed_parameters", _always, NoEndpointsError,
        lambda e, _c: strict.test_a_temperature_that_a_model_does_not_list_leaves_its_structured_outputs(e),
    ),
    "parallel_tool_calls only where it is listed": (
        (OpenRouter,), "_may_forbid", lambda _self, parallel: not parallel, NoEndpointsError,
        lambda e, _c: strict.test_tools_need_no_parameter_that_a_model_does_not_list(e),
    ),
    "tool_choice goes without tools": (
        (chat_request,), "to_tool_choice", _with_tools_alone, AssertionError,
        lambda e, _c: strict.test_a_tool_choice_without_tools_is_sent_where_it_means_something(e),
    ),
    "open schemas are closed": (
        (chat_request,), "close_where_refused", _nothing, BadRequestError,
        lambda e, _c: strict.test_open_schemas_are_closed_for_models_that_refuse_them(e, strict.GPT5),
    ),
    "strict schemas keep the rules": (
        (schema,), "to_strict", _as_it_is, BadRequestError,
        lambda e, _c: strict.test_schemas_of_classes_keep_the_rules_of_strict_ones(e, strict.GPT5, strict=True),
    ),
    "wav is made of pcm16": (
        (sound,), "ask_for_streamed", _nothing, BadRequestError,
        lambda e, _c: strict.test_a_wav_is_made_of_the_samples_that_streams_have(e),
    ),
    "redirects are followed": (
        (core_client,), "redirected", _nothing, Exception,
        lambda _e, c: strict.test_a_tool_is_found_by_its_other_names(c),
    ),
    "sessions go into the header": (
        (embeddings, rerank), "with_session_header", _as_it_is, AssertionError,
        strict.test_the_session_of_a_call_that_is_no_chat_counts,
    ),
    "floats where base64 brings nothing": (
        (embeddings,), "_with_floats", _nothing, ResponseShapeError,
        lambda e, _c: strict.test_models_that_do_not_know_base64_embed(e),
    ),
    "no more than three models": (
        (checks,), "MAX_MODELS", 99, BadRequestError,
        lambda e, _c: strict.test_more_than_three_fallbacks_are_refused_before_they_are_sent(e),
    ),
}  # fmt: skip
"""Where a mend is called, its name, what takes its place, how a call ends then, and the call."""


@pytest.mark.parametrize("mend", OUT)
def test_a_call_fails_without_its_mend(
    emulator: Emulator, client: OpenRouterClient, monkeypatch: pytest.MonkeyPatch, mend: str
):
    modules, name, instead, failure, act = OUT[mend]
    embeddings._without_base64.clear()
    for module in modules:
        monkeypatch.setattr(module, name, instead)

    with pytest.raises(failure):
        act(emulator, client)


@pytest.mark.parametrize("mend", OUT)
def test_and_goes_well_with_it(emulator: Emulator, client: OpenRouterClient, mend: str):
    embeddings._without_base64.clear()

    OUT[mend][-1](emulator, client)
