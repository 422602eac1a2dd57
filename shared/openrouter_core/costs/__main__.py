"""`python -m openrouter_core.costs`: reports, exports and reconciliation of a cost database."""

from __future__ import annotations

import json
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, cast, get_args

from openrouter_core.extras import how_to_install

try:
    import typer
    from rich.console import Console
except ImportError as missing:
    module = (missing.name or "").partition(".")[0]
    sys.exit(how_to_install("This command", module, "cli"))

from openrouter_core.costs.budget.budget import close_hold
from openrouter_core.costs.budget.store import PendingHold
from openrouter_core.costs.ledger import CostLedger
from openrouter_core.costs.records.tables import money, text_table
from openrouter_core.costs.records.totals import Filters, GroupKey
from openrouter_core.costs.sql import SqlStore
from openrouter_core.costs.sql.budgets import SqlBudgetStore
from openrouter_core.errors import OpenRouterError

app = typer.Typer(
    help="Reports, exports and reconciliation of a cost database.", no_args_is_help=True
)

Database = Annotated[
    str, typer.Argument(help="A file such as costs.db, or a database URL.", show_default=False)
]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A UTC day.")]
Text = Annotated[str | None, typer.Option()]
Hold = Annotated[str, typer.Argument(help="The id that `pending` prints.", show_default=False)]
_PENDING_HEAD = ("hold", "amount", "age", "run", "budgets", "generation or job")


@app.command()
def report(
    database: Database,
    *,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="model, run, tag, user, provider, key_hash, error, day ...; again for more."
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with charts here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    since: Day = None,
    until: Day = None,
    model: Text = None,
    tag: Text = None,
    run: Text = None,
    user: Text = None,
    budget: Annotated[str | None, typer.Option(help="A budget for the whole period, USD.")] = None,
) -> None:
    """Print what was spent."""
    from openrouter_core.costs.report import summary_of
    from openrouter_core.costs.report.page import page
    from openrouter_core.costs.report.text import plain_report, text_report

    filters = _filters(since, until, {"model": model, "tag": tag, "run": run, "user": user})
    limit = None if budget is None else _usd(budget)
    groups: list[GroupKey] = [_group(text) for text in dict.fromkeys(by or ())]
    with _ledger(database) as ledger:
        summary = summary_of(ledger, by=groups, budget_usd=limit, **filters)
    if as_json:
        print(json.dumps(plain_report(summary, groups), indent=2, ensure_ascii=False))
    else:
        console = Console()
        columns = console.width if console.is_terminal else None
        print(text_report(summary, groups, columns=columns), end="")
    if html is not None:
        html.write_text(page(summary), encoding="utf-8")
        Console(stderr=True).print(f"Page: {html}", highlight=False)


@app.command()
def serve(
    database: Database,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8643,
) -> None:
    """Show the report as a page that goes on, for this machine only; Ctrl-C ends it."""
    import uvicorn

    from openrouter_core.costs.report.serve import app as live

    with _ledger(database) as ledger, _listening(port) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/  (Ctrl-C ends it)", flush=True)
        config = uvicorn.Config(live(ledger), log_level="warning", timeout_graceful_shutdown=1)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run([listener])


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise typer.BadParameter(
            f"Port {port} cannot be used: {error.strerror}. --port 0 takes a free one."
        ) from error


@app.command()
def export(database: Database, to: Path, *, since: Day = None, until: Day = None) -> None:
    """Write all calls to a .csv, .json or .parquet file."""
    with _ledger(database) as ledger:
        print(f"{ledger.export(to, **_filters(since, until, {})):,} calls written to {to}")


@app.command()
def reconcile(
    database: Database,
    *,
    timeout_s: Annotated[
        float, typer.Option("--timeout-s", "--patience-s", help="Seconds to wait.")
    ] = 120.0,
) -> None:
    """Look up the prices that earlier runs left open (needs OPENROUTER_API_KEY)."""
    with _ledger(database) as ledger:
        taken = ledger.resume()
        left = ledger.flush(timeout_s)
        print(f"{taken:,} looked up, {len(left):,} still open.")


@app.command()
def pending(database: Database) -> None:
    """List what budgets hold for calls whose end nobody saw (their process died)."""
    with _ledger(database) as ledger:
        holds = _budgets(ledger).pending()
    lines = [
        (h.id, money(h.usd), _age(h.age_s), h.run or "", ", ".join(h.scopes), _hint(h))
        for h in holds
    ]
    print(text_table(_PENDING_HEAD, lines) if lines else "Nothing is pending.")


@app.command()
def settle(database: Database, hold: Hold, usd: Annotated[str, typer.Argument()]) -> None:
    """Close a reservation of `pending` with what its call cost, in USD."""
    with _ledger(database) as ledger:
        close_hold(_budgets(ledger), hold, _usd(usd))
    print(f"{hold} counts {money(_usd(usd))}.")


@app.command()
def release(database: Database, hold: Hold) -> None:
    """Close a reservation of `pending` whose call cost nothing."""
    settle(database, hold, "0")


@app.command("reconcile-with-activity")
def with_activity(
    database: Database,
    *,
    api_key_hash: Annotated[str | None, typer.Option(help="Compare this key alone.")] = None,
    tolerance: Annotated[str, typer.Option(help="Ignore smaller differences, USD.")] = "0.000001",
) -> None:
    """List the days on which OpenRouter's activity differs (OPENROUTER_API_KEY: a management key)."""
    from openrouter_core.client import OpenRouterClient
    from openrouter_core.costs.report.activity import HEAD, reconcile_with_activity

    with _ledger(database) as ledger, OpenRouterClient() as client:
        days = reconcile_with_activity(
            ledger, client, api_key_hash=api_key_hash, tolerance_usd=_usd(tolerance)
        )
    lines = [
        (
            str(d.day),
            money(d.booked_usd),
            money(d.activity_usd),
            money(d.difference_usd),
            f"{d.booked_calls:,}",
            f"{d.activity_calls:,}",
        )
        for d in days
    ]
    print(text_table(HEAD, lines) if lines else "Every completed day agrees.")


def _budgets(ledger: CostLedger) -> SqlBudgetStore:
    store = ledger.store
    assert isinstance(store, SqlStore), "the command opens databases only"
    return store.budgets


def _age(seconds: float | None) -> str:
    return "" if seconds is None else str(timedelta(seconds=round(seconds)))


def _hint(hold: PendingHold) -> str:
    return hold.generation_id or hold.job_id or ""


def _ledger(database: str) -> CostLedger:
    if "://" in database:
        return CostLedger(database, reconcile="none")
    if not Path(database).exists():
        raise typer.BadParameter(f"There is no file {database}.")
    return CostLedger(f"sqlite:///{Path(database).resolve()}", reconcile="none")


def _filters(
    since: datetime | None, until: datetime | None, named: dict[str, str | None]
) -> Filters:
    times = {"since": since, "until": until}
    aware = {name: at.replace(tzinfo=UTC) for name, at in times.items() if at is not None}
    given = {name: value for name, value in named.items() if value is not None}
    return cast("Filters", {**aware, **given})


def _group(text: str) -> GroupKey:
    known: tuple[GroupKey, ...] = get_args(GroupKey)
    for key in known:
        if key == text:
            return key
    raise typer.BadParameter(f"{text} is not a group. There are: {', '.join(known)}.")


def _usd(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text} is not a valid amount in USD.") from None


if __name__ == "__main__":
    try:
        app()
    except OpenRouterError as error:
        sys.exit(str(error))
