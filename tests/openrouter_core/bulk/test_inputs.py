"""What a job is given and cannot do is refused with a sentence, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openrouter_core import ConfigurationError
from openrouter_core.bulk import Job
from tests.openrouter_core.bulk.conftest import Ask


class Model:
    """Something that can be asked once it is made."""

    async def ainvoke(self, prompt: str) -> str:
        return prompt


@pytest.fixture
def job(tmp_path: Path, ask: Ask) -> Iterator[Job]:
    with Job(tmp_path / "job.db", ask) as job:
        yield job


@pytest.mark.parametrize(
    "rows", ["Hi", {"a": "Hi"}, ["Hi", "Ho"], [{"a": 1, "b": 2}], [("a",)], [("a", "b", "c")], [5]]
)
def test_rows_are_pairs(job: Job, rows: Any):
    with pytest.raises(ConfigurationError, match="pairs of a key and a prompt"):
        job.add(rows)
    with pytest.raises(ConfigurationError, match="pairs of a key and a prompt"):
        list(job.run(rows))
    assert job.progress().total == 0


@pytest.mark.parametrize("rows", [5, None])
def test_rows_are_many(job: Job, rows: Any):
    with pytest.raises(ConfigurationError, match="pairs of a key and a prompt"):
        job.add(rows)


def test_pairs_may_be_lists(job: Job):
    assert job.add([["a", "Hi"], ("b", "Ho")]) == 2  # type: ignore[list-item]


@pytest.mark.parametrize("wrong", [0, -1, True, "3", 1.5, None])
def test_numbers_are_whole(tmp_path: Path, ask: Ask, wrong: Any):
    with pytest.raises(ConfigurationError, match="max_tries is a whole number above 0"):
        Job(tmp_path / "other.db", ask, max_tries=wrong)
    with (
        Job(tmp_path / "other.db", ask) as job,
        pytest.raises(ConfigurationError, match="batch_size is a whole number above 0"),
    ):
        job.submit(batch_size=wrong)


@pytest.mark.parametrize("wrong", ["much", -1, True])
def test_an_amount_is_refused_under_its_own_name(tmp_path: Path, ask: Ask, wrong: Any):
    with pytest.raises(ConfigurationError, match="max_usd must be an amount in USD"):
        Job(tmp_path / "other.db", ask, max_usd=wrong)


@pytest.mark.parametrize("wrong", ["line", 5])
def test_progress_is_shown_or_given_to_a_function(job: Job, wrong: Any):
    job.add([("a", "Hi")])

    with pytest.raises(ConfigurationError, match="progress is True or a function"):
        list(job.run(progress=wrong))
    assert job.progress().done == 0


def test_a_class_is_not_asked(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="cannot ask the class Model"):
        Job(tmp_path / "other.db", Model)
