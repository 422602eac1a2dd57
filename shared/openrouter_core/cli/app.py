"""All commands under one name, and what a mistake looks like: a sentence, never a traceback."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from difflib import get_close_matches
from shutil import get_terminal_size
from typing import Any

import typer
from rich.console import Console

from openrouter_core._version import __version__
from openrouter_core.cli import account, ask, batch, doctor, login, models
from openrouter_core.cli.clients import kept_key_in_environment
from openrouter_core.errors import MissingApiKeyError, NotFoundError, OpenRouterError
from openrouter_core.extras import how_to_install

_TOO_NARROW = 60
"""Columns below which the tables of a help page cut the names of options off; plain text does not."""

_columns = get_terminal_size().columns
_is_narrow = _columns < _TOO_NARROW

app = typer.Typer(
    name="openrouter",
    help="OpenRouter from a terminal. The key comes from OPENROUTER_API_KEY or from `openrouter login`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None if _is_narrow else "rich",
    context_settings={"terminal_width": _columns} if _is_narrow else None,
)
_INTERRUPTED = 130


def _version(is_wanted: bool) -> None:  # noqa: FBT001  # typer calls it so
    if is_wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(  # noqa: FBT001  # how typer declares a flag
        False,
        "--version",
        help="Print the version and end.",
        is_eager=True,
        callback=_version,
    ),
) -> None:
    assert not version, "the callback ends the program"


for command in (
    *(models.models, models.endpoints, account.key, account.credits, account.activity),
    *(account.generation, ask.ask, ask.chat, batch.batch, login.login, login.logout, doctor.doctor),
):
    app.command()(command)
app.add_typer(account.keys, name="keys")


_PASSED_ON: Any = {
    "context_settings": {"allow_extra_args": True, "ignore_unknown_options": True},
    "add_help_option": False,
}
"""Of commands whose options are those of another program, `--help` among them."""


@app.command(**_PASSED_ON)
def emulator(context: typer.Context) -> None:
    """Run the local emulator, as `python -m openrouter_emulator` does (`openrouter emulator --help`)."""
    sys.argv = ["openrouter emulator", *context.args]
    try:
        runpy.run_module("openrouter_emulator", run_name="__main__", alter_sys=True)
    except ImportError as missing:
        raise SystemExit(
            how_to_install("The emulator", (missing.name or "").partition(".")[0], "emulator")
        ) from missing


@app.command(**_PASSED_ON)
def costs(context: typer.Context) -> None:
    """Report, serve, export and reconcile a cost database (`openrouter costs --help`)."""
    from openrouter_core.costs.__main__ import app as program

    needs_key = any(argument.startswith("reconcile") for argument in context.args[:1])
    with kept_key_in_environment() if needs_key else nullcontext():
        typer.main.get_command(program).main(context.args, prog_name="openrouter costs")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code: 0, 1 for a refusal, 2 for a wrong command line."""
    try:
        return _run(sys.argv[1:] if arguments is None else list(arguments))
    except OpenRouterError as error:
        _say(_sentence(error))
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # `openrouter models | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a full disk, a file that may not be written
        _say(str(error))
        return 1


def _run(arguments: list[str]) -> int:
    names: Any = typer.main.get_command(app)
    given = next((argument for argument in arguments if not argument.startswith("-")), "")
    if given and given not in names.commands:
        near = get_close_matches(given, names.commands, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        _say(f"There is no command {given}.{hint} `openrouter --help` lists all.")
        return 2
    try:
        code = names.main(arguments, prog_name="openrouter", standalone_mode=True)
    except SystemExit as end:
        code = end.code
    if isinstance(code, str):
        _say(code)
        return 1
    return code or 0


def _sentence(error: OpenRouterError) -> str:
    if isinstance(error, MissingApiKeyError):
        return "There is no API key. Set OPENROUTER_API_KEY, or run `openrouter login`."
    model = (
        models.near(str(error)) if isinstance(error, NotFoundError) or "model" in str(error) else ""
    )
    return f"{error}{model}"


def _say(text: str) -> None:
    console = Console(stderr=True)
    whole = not console.is_terminal
    console.print(text, style="red", markup=False, highlight=False, soft_wrap=whole)
