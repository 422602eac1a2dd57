"""The hand-written shapes through every column, judged like the recordings. Needs no recordings."""

from __future__ import annotations

import pytest

from openrouter_core import OpenRouterError

from . import expected_answers, samples, test_core, test_langchain, test_llama_index
from .cases import one_loop
from .failures import problems_of
from .recordings import Recording
from .replay_server import ReplayServer

each_answer = pytest.mark.parametrize("sample", samples.ANSWERS, ids=lambda r: r.id)
each_failure = pytest.mark.parametrize("sample", samples.FAILURES, ids=lambda r: r.id)
each_column = pytest.mark.parametrize(
    "column",
    [test_core, test_langchain, test_llama_index],
    ids=["core", "langchain", "llama_index"],
)


@each_column
@each_answer
def test_nothing_of_a_rare_shape_is_lost(
    server: ReplayServer, column: object, sample: Recording
) -> None:
    server.add(sample)

    problems = column.judge(server, column.SYNC, sample, column.received(server, sample))
    assert not problems, "\n".join(problems)


@each_column
@each_answer
@one_loop
async def test_nothing_of_a_rare_shape_is_lost_async(
    server: ReplayServer, column: object, sample: Recording
) -> None:
    server.add(sample)

    problems = column.judge(server, column.ASYNC, sample, await column.areceived(server, sample))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("column", [test_langchain, test_llama_index])
@each_answer
def test_a1_rare_shape_goes_back_as_it_came(
    server: ReplayServer, column: object, sample: Recording
) -> None:
    server.add(sample)
    outcome = column.received(server, sample)
    message = outcome if column is test_langchain else outcome.last.message

    problems = column.next_turn_problems(server, column.SYNC, sample, message)
    assert not problems, "\n".join(problems)


@each_column
@each_failure
def test_c3_failure_inside_a_stream_is_raised(
    server: ReplayServer, column: object, sample: Recording
) -> None:
    server.add(sample)

    with pytest.raises(OpenRouterError) as raised:
        column.ask(server, sample)

    problems = problems_of(expected_answers.failure_of(sample), raised.value)
    assert not problems, "\n".join(problems)


@each_column
@each_failure
@one_loop
async def test_c3_failure_inside_a_stream_is_raised_async(
    server: ReplayServer, column: object, sample: Recording
) -> None:
    server.add(sample)

    with pytest.raises(OpenRouterError) as raised:
        await column.aask(server, sample)

    problems = problems_of(expected_answers.failure_of(sample), raised.value)
    assert not problems, "\n".join(problems)
