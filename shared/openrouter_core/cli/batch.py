"""`openrouter batch`: a file of prompts in, a file of answers out; stopped, it goes on where it was."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from openrouter_core._call import ReplyInfo
from openrouter_core._json import as_dict
from openrouter_core.bulk import Item, Job, Progress
from openrouter_core.cli import models
from openrouter_core.cli.ask import DEFAULT_MODEL, Effort, Model, System
from openrouter_core.cli.batch_rows import Row, read_rows
from openrouter_core.cli.clients import async_client, client
from openrouter_core.cli.output import Json, print_facts, print_json, usd
from openrouter_core.errors import BudgetExceededError
from openrouter_core.wire._base import read
from openrouter_core.wire.chat import ChatResult

Template = Annotated[str | None, typer.Option("--template", "-t", help='E.g. "Summarise: {text}".')]
KeyColumn = Annotated[str | None, typer.Option(help="The column that names a row.")]
Options = Annotated[
    list[str] | None,
    typer.Option("--option", "-o", help='A body field, e.g. -o temperature=0 or -o "stop=END".'),
]
Out = Annotated[
    Path | None, typer.Option(help="Answers: .jsonl, .csv or .parquet.", show_default=False)
]
Kept = Annotated[Path | None, typer.Option(help="What is kept between runs.")]
MaxUsd = Annotated[float | None, typer.Option(min=0, help="The most that all runs may spend.")]
Concurrency = Annotated[int | None, typer.Option(min=1, help="Calls at once; else it finds out.")]
Via = Annotated[str, typer.Option(help="calls; or batch: half the price, within a day.")]
_VIAS = ("calls", "batch")
_OUTPUTS = (".jsonl", ".csv", ".parquet")


def batch(
    file: Annotated[Path, typer.Argument(help="Prompts: .jsonl, .csv, or .txt with one a line.")],
    *,
    model: Model = DEFAULT_MODEL,
    system: System = None,
    template: Template = None,
    key: KeyColumn = None,
    effort: Effort = None,
    option: Options = None,
    out: Out = None,
    store: Kept = None,
    max_usd: MaxUsd = None,
    concurrency: Concurrency = None,
    via: Via = "calls",
    wait: Annotated[bool, typer.Option(help="With --via batch: wait for the answers.")] = True,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Ask those again.")] = False,
    as_json: Json = False,
) -> None:
    """Answer a file of prompts, each paid once. Run it again to go on where it stopped."""
    out = out or file.with_name(f"{file.stem}.answers.jsonl")
    _check(via, out)
    target = _Target(model, _settings(effort, option or []))
    rows = list(read_rows(file, key=key, template=template, system=system))
    if via == "batch":
        _check_one_model(rows)
    made = Job[str](
        store or file.with_name(f"{file.name}.db"),
        target,
        max_usd=None if max_usd is None else str(max_usd),
        concurrency=concurrency or "auto",
    )
    with made as job:
        if retry_failed:
            job.retry_failed()
        try:
            items = _by_batch(job, rows, wait=wait) if via == "batch" else _by_calls(job, rows)
        finally:
            job.export(out)
        progress = job.progress()
    _show(progress, out, as_json=as_json)
    _note_what_is_missing(progress, next((item.error for item in items if item.error), ""))
    if progress.failed or (progress.left and wait):
        raise typer.Exit(1)


def _by_calls(job: Job[str], rows: list[Row]) -> list[Item[str]]:
    return list(job.run(rows, progress=True))


def _by_batch(job: Job[str], rows: list[Row], *, wait: bool) -> list[Item[str]]:
    job.add(rows)
    items = list[Item[str]]()
    while True:
        refused = _handed_in(job)
        got = list(job.collect(wait=wait))
        items += got
        if refused is None:
            return items
        if not (wait and got):  # else they cost less than they might have: there is room again
            raise refused


def _handed_in(job: Job[str]) -> BudgetExceededError | None:
    """Hand in what the budget covers; return its refusal of the rest."""
    try:
        if count := job.submit():
            _note(f"{count:,} prompts are handed in.")
    except BudgetExceededError as refused:
        return refused
    return None


def _show(progress: Progress, out: Path, *, as_json: bool) -> None:
    counts = {"done": progress.done, "failed": progress.failed, "open": progress.left}
    if as_json:
        print_json({**counts, "cost_usd": progress.spent_usd, "answers": str(out)})
    else:
        shown = {name: f"{count:,}" for name, count in counts.items() if count}
        print_facts({**shown, "cost": usd(progress.spent_usd), "answers": str(out)})


def _note_what_is_missing(progress: Progress, why: str) -> None:
    if progress.failed:
        hint = f" E.g. {why}{models.near(why)}" if why else " The answers say why."
        _note(f"{progress.failed:,} failed.{hint} --retry-failed asks them again.")
    if progress.left:
        _note(f"{progress.left:,} are not answered yet. Run the same command later.")


def _note(text: str) -> None:
    print(text, file=sys.stderr)


# ---------------------------------------------------------------- what is asked


class _Target:
    """What answers the job: one model, with the methods by which a job knows a model of an adapter."""

    def __init__(self, model: str, settings: Mapping[str, Any]) -> None:
        self._model, self._settings = model, settings
        self.core_client = client()
        self._client = async_client()

    def build_request(self, prompt: Any) -> dict[str, Any]:
        own = as_dict(prompt) or {"messages": []}
        return {"model": self._model, **self._settings, **own}

    async def ainvoke(self, prompt: Any) -> str:
        return (await self._client.chat.send(**self.build_request(prompt))).text

    def to_message(self, body: Mapping[str, Any]) -> str:
        return read(ChatResult, body, ReplyInfo()).text


def _settings(effort: str | None, options: list[str]) -> dict[str, Any]:
    reasoning = {"reasoning": {"effort": effort}} if effort else {}
    return {**dict(map(_option, options)), **reasoning}


def _option(text: str) -> tuple[str, Any]:
    name, given, value = text.partition("=")
    if not given or not name.strip():
        raise typer.BadParameter(f"{text} is not a body field. Write it so: -o temperature=0")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value


# ---------------------------------------------------------------- checks


def _check(via: str, out: Path) -> None:
    if via not in _VIAS:
        raise typer.BadParameter(f"{via} is not a way to ask. There are: {', '.join(_VIAS)}.")
    if out.suffix.lower() not in _OUTPUTS:
        raise typer.BadParameter(f"{out.name} must end in {', '.join(_OUTPUTS)}.")
    if not out.parent.is_dir():  # said before anything is paid
        raise typer.BadParameter(f"There is no folder {out.parent} for the answers.")
    if out.is_dir():
        raise typer.BadParameter(f"{out} is a folder. Name a file for the answers.")


def _check_one_model(rows: list[Row]) -> None:
    named = next((key for key, body in rows if "model" in body), None)
    if named is not None:
        raise typer.BadParameter(
            f"The row {named} names a model, and a batch has one for all. Use --model, or --via calls."
        )
