"""`openrouter login`: a key of the user's own by OAuth, kept in the system's keyring for this command alone."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from openrouter_core.cli.clients import keep_key
from openrouter_core.client import OpenRouterClient
from openrouter_core.oauth import AUTH_URL, sign_in


def login(
    *,
    print_key: Annotated[
        bool, typer.Option("--print", help="Print the key, keep nothing.")
    ] = False,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address only.")
    ] = False,
    label: Annotated[str, typer.Option(help="The name of the key.")] = "openrouter CLI",
    timeout_s: Annotated[float, typer.Option(help="Seconds you may take.")] = 300.0,
    auth_url: Annotated[str, typer.Option(hidden=True)] = AUTH_URL,
) -> None:
    """Agree in a browser and keep the key. OPENROUTER_API_KEY, where it is set, still wins.

    The libraries never read the kept key: a program says which key it uses.
    """

    def show(address: str) -> None:
        typer.echo(f"Agree in your browser: {address}", err=True)
        if not no_browser:
            webbrowser.open(address)

    with OpenRouterClient("none") as opened:
        key = sign_in(
            opened, open_url=show, timeout_s=timeout_s, key_label=label, auth_url=auth_url
        )
    if print_key:
        print(key.get_secret_value())
    else:
        keep_key(key.get_secret_value())
        print("The key is kept in this system's keyring. `openrouter logout` takes it out.")


def logout() -> None:
    """Take the kept key out of the keyring. It still works until it is deleted on OpenRouter's page."""
    keep_key(None)
    print("No key is kept.")
