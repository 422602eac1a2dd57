"""A job: every prompt is answered and paid once, whatever happens in between."""

from __future__ import annotations

import asyncio
import csv
import json
import sqlite3
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from openrouter_core import ConfigurationError, OpenRouterClient, OpenRouterError
from openrouter_core.bulk import Item, Job, Progress
from openrouter_core.costs import CostLedger, observing, track_openrouter_cost
from openrouter_core.errors import BudgetExceededError, classify
from tests.openrouter_core.bulk.conftest import Ask
from tests.token_bucket import PRICE, TokenBucketServer

ROWS = [(f"k{n}", f"p{n}") for n in range(20)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "job.db"


def _done(job: Job[Any], **options: Any) -> dict[Any, Item[Any]]:
    return {item.key: item for item in job.run(**options)}


def _until_stopped(job: Job[Any]) -> tuple[list[Item[Any]], BaseException]:
    """What a run hands over before it is stopped, and by what."""
    seen: list[Item[Any]] = []
    try:
        for item in job.run():
            seen.append(item)  # noqa: PERF402  # kept when it raises
    except OpenRouterError as error:
        return seen, error
    pytest.fail("the run was not stopped")


def _refusal(status: int) -> Exception:
    return classify(status, {"error": {"code": status, "message": "No."}})


# ------------------------------------------------------------------------- once


def test_every_prompt_is_answered_and_paid_once(file: Path, ask: Ask, server: TokenBucketServer):
    with Job(file, ask) as job:
        assert job.add(ROWS) == 20
        assert job.add(ROWS) == 0
        items = _done(job)

        assert {k: i.result for k, i in items.items()} == {k: f"Answer to {p}" for k, p in ROWS}
        assert {i.cost for i in items.values()} == {Decimal(PRICE)}
        assert _done(job) == {}
    assert set(server.answered.values()) == {1}


async def test_async_for_works_too(file: Path, ask: Ask):
    with Job(file, ask) as job:
        job.add(ROWS)

        assert {item.key async for item in job.run()} == {key for key, _ in ROWS}


def test_calls_of_the_rows_themselves_are_seen_too(file: Path, ask: Ask, server: TokenBucketServer):
    """Rows are read in a thread, while the run goes on."""
    client = OpenRouterClient("sk-or-x", base_url=server.url)

    def rows() -> Any:
        for n in range(3):
            message = {"role": "user", "content": f"row {n}"}
            yield n, client.chat.send([message], model="a/b").text

    with Job(file, ask) as job, track_openrouter_cost() as spent:
        assert len(_done(job, rows=rows())) == 3
    assert spent.total == 6 * Decimal(PRICE)


def test_another_process_goes_on_where_the_last_one_stopped(
    file: Path, ask: Ask, server: TokenBucketServer
):
    with Job(file, ask) as job:
        job.add(ROWS[:5])
        _done(job)
    with Job(file, ask) as job:
        assert job.add(ROWS) == 15
        assert len(_done(job)) == 15
        assert [item.key for item in job.results()] == [key for key, _ in ROWS]

    assert set(server.answered.values()) == {1}


def test_results_are_in_the_order_in_which_keys_were_added(file: Path):
    async def ask(prompt: int) -> int:
        await asyncio.sleep(0.03 / (prompt + 1))
        return prompt

    with Job(file, ask) as job:
        job.add((n, n) for n in range(6))
        _done(job)

        assert [(item.key, item.result) for item in job.results()] == [(n, n) for n in range(6)]


def test_a_changed_prompt_is_a_new_item_and_the_old_answer_is_kept(
    file: Path, ask: Ask, server: TokenBucketServer
):
    with Job(file, ask) as job:
        job.add([("a", "old"), ("b", "other")])
        _done(job)
        assert job.add([("a", "new")]) == 1
        assert [i.result for i in _done(job).values()] == ["Answer to new"]
        assert [i.result for i in job.results()] == ["Answer to new", "Answer to other"]
        job.add([("a", "old")])
        assert next(job.results()).result == "Answer to old"

    assert set(server.answered.values()) == {1}


PROMPT = "Summarise: "


def test_a_changed_setting_is_a_new_item(file: Path, monkeypatch: pytest.MonkeyPatch):
    def job(version: str = "", word: str = "A") -> Job[Any]:
        async def ask(prompt: str) -> str:
            return word + PROMPT + prompt

        return Job(file, ask, version=version)

    for made, new in [(job(), 1), (job(), 0), (job(word="B"), 1), (job(version="2"), 1)]:
        assert made.add([("a", "x")]) == new
    monkeypatch.setitem(globals(), "PROMPT", "Translate: ")
    assert job().add([("a", "x")]) == 1


def test_a_key_is_a_string_or_a_number_and_both_are_kept(file: Path, ask: Ask):
    with Job(file, ask) as job:
        job.add([(1, "one"), ("1", "text")])
        assert {key: type(key) for key in _done(job)} == {1: int, "1": str}
        with pytest.raises(ConfigurationError, match="string or a whole number"):
            job.add([(None, "x")])  # type: ignore[list-item]
        with pytest.raises(ConfigurationError, match="cannot be stored"):
            job.add([("x", object())])


# ------------------------------------------------------------------------- what fails


def test_one_bad_item_never_stops_the_rest_and_is_asked_again_on_demand(file: Path):
    healed = False

    async def ask(prompt: str) -> str:
        if prompt == "p3" and not healed:
            raise ValueError("This one is bad.")
        return prompt

    with Job(file, ask) as job:
        job.add(ROWS)
        items = _done(job)
        assert [k for k, i in items.items() if not i.is_ok] == ["k3"]
        assert items["k3"].error == "ValueError: This one is bad."
        assert _done(job) == {}

        healed = True
        assert job.retry_failed() == 1
        assert [i.result for i in _done(job).values()] == ["p3"]


def test_failures_that_pass_are_asked_again_in_the_same_run(file: Path):
    prompts: list[str] = []

    async def ask(prompt: str) -> str:
        prompts.append(prompt)
        if len(prompts) < 3:
            raise _refusal(503)
        return prompt

    with Job(file, ask) as job:
        job.add([("a", "x")])
        (item,) = job.run()

    assert (item.result, item.tries) == ("x", 3)


@pytest.mark.parametrize("status", [401, 402, 403])
def test_what_is_refused_for_all_ends_the_run_with_everything_delivered(file: Path, status: int):
    answered: list[str] = []

    async def ask(prompt: str) -> str:
        if len(answered) == 5:
            raise _refusal(status)
        answered.append(prompt)
        return prompt

    with Job(file, ask, concurrency=1) as job:
        job.add(ROWS)
        seen, error = _until_stopped(job)

        assert type(error) is type(_refusal(status))
        assert [item.result for item in seen] == answered
        assert [item.result for item in job.results()] == answered
        assert job.progress().left == 15
        assert job.progress().failed == 0


def test_a_result_that_cannot_be_stored_is_an_error_that_keeps_the_answer(file: Path, ask: Ask):
    async def odd(prompt: str) -> object:
        await ask(prompt)
        return object()

    with Job(file, odd) as job:
        job.add([("a", "x")])
        (item,) = job.run()

    assert "cannot be stored" in (item.error or "")
    assert item.body
    assert item.cost == Decimal(PRICE)


# ------------------------------------------------------------------------- money


def test_a_budget_stops_in_good_order_within_its_limit(
    file: Path, ask: Ask, server: TokenBucketServer
):
    with Job(file, ask, max_usd="0.0005") as job:
        job.add((n, f"p{n}") for n in range(500))
        seen, error = _until_stopped(job)
        assert isinstance(error, BudgetExceededError)
        assert Decimal("0.0004") <= job.progress().spent_usd <= Decimal("0.0005")
        assert len(seen) == server.answered.total() == job.progress().done
        assert job.progress().failed == 0
    with Job(file, ask, max_usd="0.0005") as job, pytest.raises(BudgetExceededError):
        list(job.run())

    assert server.answered.total() == len(seen)


def test_the_jobs_sum_is_the_ledgers(file: Path, ask: Ask):
    ledger = CostLedger()
    with Job(file, ask) as job, observing(ledger):
        job.add(ROWS)
        _done(job)

        assert job.progress().spent_usd == ledger.totals().total == 20 * Decimal(PRICE)


# ------------------------------------------------------------------------- prompts, file


def _prompts(file: Path) -> list[Any]:
    db = sqlite3.connect(file)
    try:
        return [row[0] for row in db.execute("SELECT prompt FROM items ORDER BY id")]
    finally:
        db.close()


def test_prompts_are_erased_when_their_answers_are_handed_over(file: Path, ask: Ask):
    with Job(file, ask) as job:
        job.add(ROWS[:3])
        assert _prompts(file) == ['"p0"', '"p1"', '"p2"']
        _done(job)
        assert _prompts(file) == [None] * 3
    with Job(file, ask, keep_prompts=True) as job:
        job.add([("new", "kept")])
        _done(job)

    assert _prompts(file)[-1] == '"kept"'


def test_no_prompt_is_stored_where_none_shall_be(file: Path, ask: Ask):
    with Job(file, ask, store_prompts=False) as job:
        job.add(ROWS)
        assert _prompts(file) == [None] * 20
        with pytest.raises(ConfigurationError, match="rows again"):
            list(job.run())
        assert len(_done(job, rows=iter(ROWS))) == 20


def test_rows_are_read_while_the_job_runs(file: Path, ask: Ask):
    read: list[int] = []

    def rows() -> Any:
        for n in range(2000):
            read.append(n)
            yield n, f"p{n}"

    with Job(file, ask) as job:
        run = iter(job.run(rows()))
        next(run)
        read_at_first = len(read)
        assert 1 + len(list(run)) == 2000

    assert read_at_first <= 1500


def test_the_file_is_private_and_holds_no_key(file: Path, ask: Ask):
    with Job(file, ask) as job:
        job.add(ROWS)
        _done(job)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert all(b"sk-or-" not in f.read_bytes() for f in file.parent.iterdir())


def test_two_runs_of_one_file_are_refused(file: Path, ask: Ask):
    with Job(file, ask) as job, Job(file, ask) as other:
        job.add(ROWS)
        first = iter(job.run())
        next(first)
        with pytest.raises(ConfigurationError, match="runs already"):
            list(other.run())
        assert 1 + len(list(first)) == 20


def test_what_was_stored_and_not_handed_over_comes_first_in_the_next_run(
    file: Path, ask: Ask, server: TokenBucketServer
):
    with Job(file, ask) as job:
        job.add(ROWS)
        first = next(iter(job.run()))
        paid = server.answered.total()
        later = _done(job)

    assert set(later) | {first.key} == {key for key, _ in ROWS}
    assert {k: i.result for k, i in later.items()} == {
        k: f"Answer to {p}" for k, p in ROWS if k in later
    }
    assert paid <= 20
    assert set(server.answered.values()) == {1}


# ------------------------------------------------------------------------- targets and results


class Song(BaseModel):
    """A song."""

    title: str


def test_a_blocking_function_runs_in_threads_under_the_context_of_the_caller(
    file: Path, server: TokenBucketServer
):
    client = OpenRouterClient("sk-or-x", base_url=server.url)

    def ask(prompt: str) -> Song:
        reply = client.chat.send([{"role": "user", "content": prompt}], model="a/b")
        return Song(title=reply.text or "")

    ledger = CostLedger()
    with Job(file, ask) as job, observing(ledger):
        job.add(ROWS)
        items = _done(job)
        stored = [item.result for item in job.results()]

    assert items["k0"].result == Song(title="Answer to p0")
    assert stored == [Song(title=f"Answer to {p}") for _, p in ROWS]
    assert items["k0"].cost == Decimal(PRICE)
    assert ledger.totals().calls == 20


def test_results_of_classes_that_are_not_at_hand_are_validated_as_asked(file: Path):
    class Local(BaseModel):
        title: str

    async def ask(prompt: str) -> Local:
        return Local(title=prompt)

    with Job(file, ask) as job:
        job.add([("a", "x")])
        list(job.run())
    db = sqlite3.connect(file)
    db.execute("UPDATE items SET result = replace(result, 'Local', 'Elsewhere')")
    db.commit()
    db.close()
    with Job(file, ask) as job, Job(file, ask, result_type=Song) as typed:
        assert [i.result for i in job.results()] == [{"title": "x"}]
        assert [i.result for i in typed.results()] == [Song(title="x")]


def test_what_a_model_wrote_names_no_class(file: Path):
    wrote = {"$class": "tests.openrouter_core.bulk.test_job:Song", "$value": {"title": "x"}}

    async def ask(prompt: str) -> Any:
        return [wrote, Song(title="y")]

    with Job(file, ask) as job:
        job.add([("a", "x")])
        list(job.run())

        assert [i.result for i in job.results()] == [[wrote, Song(title="y")]]


def test_what_cannot_be_asked_is_refused(file: Path):
    with pytest.raises(ConfigurationError, match="cannot ask int"):
        Job(file, 5)
    for wrong in (0, -1, True, "all", 501):
        with pytest.raises(ConfigurationError, match="concurrency"):
            Job(file, print, concurrency=wrong)  # type: ignore[arg-type]


def test_a_file_that_is_no_job_is_refused_in_a_sentence(file: Path):
    file.write_text("not a database, whatever it is called")

    with pytest.raises(ConfigurationError, match="cannot be opened"):
        Job(file, print)


# ------------------------------------------------------------------------- figures


def test_progress_says_how_far_it_is(file: Path, ask: Ask, capsys: pytest.CaptureFixture[str]):
    seen: list[Progress] = []
    with Job(file, ask, concurrency=2) as job:
        job.add(ROWS)
        list(job.run(progress=seen.append))
        job.add([("more", "x")])
        list(job.run(progress=True))

    assert (seen[-1].done, seen[-1].total, seen[-1].left) == (20, 20, 0)
    assert seen[-1].spent_usd == 20 * Decimal(PRICE)
    assert (seen[0].concurrency, seen[0].per_second > 0) == (2, True)
    assert seen[0].seconds_left is not None
    assert "21 of 21 done, 0 failed, $0.0002" in capsys.readouterr().err


def test_no_answer_is_a_formula_in_a_spreadsheet(file: Path, tmp_path: Path):
    with Job(file, lambda prompt: prompt) as job:
        list(
            job.run([("=1+1", '=HYPERLINK("http://e")'), ("b", "-1 is less than 0"), ("c", "fine")])
        )
        job.export(tmp_path / "out.csv")

    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["key"] for row in rows] == ["'=1+1", "b", "c"]
    assert [row["text"] for row in rows] == [
        '\'=HYPERLINK("http://e")',
        "'-1 is less than 0",
        "fine",
    ]
    assert [json.loads(row["result"]) for row in rows][1:] == ["-1 is less than 0", "fine"]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_items_are_exported_in_order(file: Path, ask: Ask, tmp_path: Path, ending: str):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    target = tmp_path / f"items.{ending}"
    with Job(file, ask) as job:
        job.add(ROWS)
        list(job.run())
        assert job.export(target) == 20
        frame = job.to_dataframe()
        with pytest.raises(ConfigurationError, match="Cannot tell the format"):
            job.export(tmp_path / "items.xml")

    read: Any = {
        "csv": pandas.read_csv,
        "jsonl": lambda f: pandas.DataFrame(map(json.loads, f.read_text().splitlines())),
        "parquet": pandas.read_parquet,
    }
    assert list(read[ending](target)["text"]) == [f"Answer to {p}" for _, p in ROWS]
    assert list(frame["cost_usd"]) == [Decimal(PRICE)] * 20


def test_concurrency_grows_while_nothing_is_refused_and_is_never_passed(
    file: Path, ask: Ask, server: TokenBucketServer
):
    with Job(file, ask, concurrency=3) as job:
        job.add(ROWS)
        list(job.run())
    assert server.most_in_flight <= 3
    seen: list[int] = []
    with Job(file, ask) as job:
        job.add((n, str(n)) for n in range(200))
        list(job.run(progress=lambda p: seen.append(p.concurrency)))

    assert 16 < seen[-1] <= 216
