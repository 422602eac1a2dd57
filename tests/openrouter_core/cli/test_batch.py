"""`openrouter batch`: prompts in a file, answers in a file, each paid once."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("typer", reason="the command needs the extra [cli]")
from openrouter_core import ResponseShapeError
from openrouter_core.cli import app
from openrouter_core.cli.batch import _Target
from openrouter_emulator import Emulator, Reply, faults

GPT = "openai/gpt-4o-mini"


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator, tmp_path, monkeypatch) -> Emulator:
    """The emulator, and a folder of its own."""
    running.reset()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENROUTER_API_KEY", running.api_key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", running.base_url)
    return running


@pytest.fixture
def batch(emulator, capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        code = app.run(["batch", *arguments, "-m", GPT])
        printed = capsys.readouterr()
        return code, printed.out, " ".join(printed.err.split())

    return run


def written(path: str, *rows: Any) -> str:
    Path(path).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def answers(path: str = "prompts.answers.jsonl") -> dict[str, Any]:
    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    return {row["key"]: row["text"] for row in rows}


def bodies(emulator: Emulator) -> list[Any]:
    return [
        request.json for request in emulator.requests if request.path.endswith("/chat/completions")
    ]


def test_json_lines_are_texts_prompts_messages_or_lines_for_a_batch_endpoint(batch, emulator):
    conversation = [{"role": "user", "content": "Four?"}]
    file = written(
        "prompts.jsonl",
        "One?",
        {"prompt": "Two?", "id": "b"},
        {"messages": [{"role": "user", "content": "Three?"}], "temperature": 0.5, "key": "c"},
        {"custom_id": "d", "url": "/v1/chat/completions", "body": {"messages": conversation}},
    )

    code, printed, _ = batch(file, "-o", "max_tokens=9", "-s", "Be short.")

    assert code == 0
    assert printed.split()[:2] == ["done", "4"]
    assert list(answers()) == ["1", "b", "c", "d"]
    sent = {body["messages"][-1]["content"]: body for body in bodies(emulator)}
    assert set(sent) == {"One?", "Two?", "Three?", "Four?"}
    assert {body["max_tokens"] for body in sent.values()} == {9}
    assert {body["messages"][0]["content"] for body in sent.values()} == {"Be short."}
    assert sent["Three?"]["temperature"] == 0.5


def test_a_table_becomes_prompts_by_a_template_and_answers_become_a_table(batch, emulator):
    emulator.script(Reply("=yes"), prompt="Lovely")
    Path("reviews.csv").write_text(
        'sku,text\na1,"Lovely, again"\na2,Broken\n', encoding="utf-8-sig"
    )

    code, _, _ = batch(
        "reviews.csv", "-t", 'Is "{text}" praise? {"a": 1}', "--key", "sku", "--out", "out.csv"
    )

    rows = list(csv.DictReader(Path("out.csv").read_text("utf-8").splitlines()))
    assert code == 0
    assert [row["key"] for row in rows] == ["a1", "a2"]
    assert rows[0]["text"] == "'=yes"  # a spreadsheet does not take it for a formula
    assert 'Is "Broken" praise? {"a": 1}' in [
        b["messages"][-1]["content"] for b in bodies(emulator)
    ]


def test_what_is_answered_is_not_asked_again_and_other_instructions_are(batch, emulator):
    file = written("prompts.jsonl", "One?", "Two?")
    batch(file)
    first = len(bodies(emulator))

    batch(file)
    assert len(bodies(emulator)) == first == 2
    batch(file, "-s", "Be short.")
    assert len(bodies(emulator)) == 4
    batch(file, "-s", "Be short.", "-o", "temperature=0")
    assert len(bodies(emulator)) == 6


def test_what_failed_is_named_and_asked_again_when_wanted(batch, emulator):
    file = written("prompts.jsonl", "One?")
    emulator.fail_next(faults.by_name("status_400"))

    code, _, errors = batch(file)
    assert code == 1
    assert "1 failed. E.g. BadRequestError" in errors
    assert "--retry-failed asks them again." in errors
    assert batch(file)[0] == 1
    assert len(bodies(emulator)) == 1

    assert batch(file, "--retry-failed")[0] == 0
    assert answers()["1"]


def test_a_budget_stops_it_and_what_was_answered_is_written(batch):
    file = written("prompts.jsonl", *(f"Number {n}?" for n in range(20)))

    code, _, errors = batch(
        file, "--max-usd", "0.00003", "--concurrency", "1", "-o", "max_tokens=20"
    )

    assert code == 1
    assert "budget" in errors.lower()
    assert 0 < len(answers()) < 20


def test_batches_within_a_budget_come_one_after_the_other(batch, emulator):
    emulator.polls_until_done = 1
    file = written("prompts.jsonl", *(f"Question {n}?" for n in range(8)))
    # 1,000 tokens of the answer at half the price are $0.0003: five prompts at once.
    options = "--via", "batch", "--max-usd", "0.0016", "-o", "max_tokens=1000"

    assert batch(file, *options)[0] == 0
    assert len(answers()) == len(emulator.charges) == 8
    assert [len(b["requests"]) for b in emulator.bodies if b and "requests" in b] == [4, 1, 3]


def test_a_budget_that_covers_no_batch_says_so(batch, emulator):
    file = written("prompts.jsonl", "One?", "Two?")
    code, _, errors = batch(file, "--via", "batch", "--max-usd", "0.00001", "-o", "max_tokens=1000")

    assert code == 1
    assert "does not cover this call" in errors
    assert emulator.total_charged == 0


def test_by_the_batch_api_at_half_the_price(batch):
    file = written("prompts.jsonl", "One?", "Two?")

    code, printed, errors = batch(file, "--via", "batch", "--json")

    assert code == 0
    assert "2 prompts are handed in." in errors
    assert json.loads(printed)["done"] == 2
    assert list(answers()) == ["1", "2"]


def test_answers_that_cannot_be_written_are_a_sentence_and_stay_stored(
    batch, emulator, monkeypatch
):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "prompts.answers.jsonl")

    file = written("prompts.jsonl", "One?")
    with monkeypatch.context() as patched:
        patched.setattr("openrouter_core.bulk.export.write", full)
        code, _, errors = batch(file)
    assert (code, errors.endswith("No space left on device: 'prompts.answers.jsonl'")) == (1, True)

    assert batch(file)[0] == 0
    assert len(answers()) == len(emulator.charges) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none.jsonl"], "There is no file none.jsonl."),
        (["prompts.xlsx"], "prompts.xlsx must end in .jsonl, .csv, .txt."),
        (["prompts.jsonl", "-t", "{promt}"], "there is no promt. Did you mean prompt?"),
        (["prompts.jsonl", "--key", "sku"], "there is no sku. There are: prompt, id."),
        (["prompts.jsonl", "--via", "mail"], "mail is not a way to ask."),
        (["prompts.jsonl", "--out", "a.doc"], "a.doc must end in .jsonl, .csv, .parquet."),
        (["prompts.jsonl", "--out", "none/a.csv"], "There is no folder none for the answers."),
        (["prompts.jsonl", "--out", "folder.csv"], "folder.csv is a folder."),
        (["prompts.jsonl", "--concurrency", "0"], "Invalid value for '--concurrency'"),
        (["prompts.jsonl", "--max-usd", "-1"], "Invalid value for '--max-usd'"),
        (["prompts.jsonl", "-o", "seed"], "seed is not a body field."),
        (["twice.jsonl"], "twice.jsonl, line 2: the key a stands there twice."),
        (["broken.jsonl"], "broken.jsonl, line 2 is not JSON"),
        (["number.jsonl"], "number.jsonl, line 1 must be an object or a text."),
        (["models.jsonl", "--via", "batch"], "a batch has one for all."),
    ],
)
def test_a_mistake_is_a_sentence_with_its_line(batch, emulator, arguments, sentence):
    written("prompts.jsonl", {"prompt": "One?", "id": "a"})
    written("twice.jsonl", {"prompt": "One?", "id": "a"}, {"prompt": "Two?", "id": "a"})
    written("number.jsonl", 7)
    written("models.jsonl", {"messages": [], "model": "a/b"})
    Path("broken.jsonl").write_text('"One?"\n{"prompt"', encoding="utf-8")
    Path("prompts.xlsx").touch()
    Path("folder.csv").mkdir()

    code, _, errors = batch(*arguments)

    assert code == 2
    assert sentence in errors.replace("│ ", "").replace(" │", "")
    assert bodies(emulator) == []


@pytest.mark.usefixtures("emulator")
def test_answers_are_read_as_the_client_reads_them():
    target = _Target(GPT, {})
    parts = [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]

    assert target.to_message({"choices": [{"message": {"content": parts}}]}) == "one two"
    with pytest.raises(ResponseShapeError):
        target.to_message({"choices": []})
