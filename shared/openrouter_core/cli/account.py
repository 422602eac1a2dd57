"""Keys, credits, activity and generations from a terminal."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Annotated, Any

import typer

from openrouter_core.cli.clients import client
from openrouter_core.cli.output import Json, print_facts, print_json, print_table, usd
from openrouter_core.client import OpenRouterClient
from openrouter_core.wire.keys import Key, KeyUsage

keys = typer.Typer(help="Manage keys (needs a management key).", no_args_is_help=True)
Hash = Annotated[str, typer.Argument(help="The hash that `keys list` shows.", show_default=False)]
_KEYS_HEAD = ("hash", "name", "label", "state", "limit", "left", "used")


def key(*, as_json: Json = False) -> None:
    """Show the key in use: its limit, what is left, what was used."""
    with client() as opened:
        found = opened.keys.current()
    if as_json:
        return print_json(found.raw)
    return print_facts(
        {
            **_usage(found),
            "free tier": "yes" if found.is_free_tier else "",
            "management key": "yes" if found.is_management_key else "",
        }
    )


def _usage(found: KeyUsage) -> dict[str, str]:
    return {
        "label": found.label or "",
        "limit": "none" if found.limit is None else usd(found.limit),
        "left": usd(found.limit_remaining),
        "resets": str(found.limit_reset or ""),
        "used": usd(found.usage),
        "today": usd(found.usage_daily),
        "this week": usd(found.usage_weekly),
        "this month": usd(found.usage_monthly),
        "expires": f"{found.expires_at:%Y-%m-%d %H:%M} UTC" if found.expires_at else "",
    }


def credits(*, as_json: Json = False) -> None:
    """Show what was paid in, used and is left (needs a management key)."""
    with client() as opened:
        balance = opened.credits.get()
    if as_json:
        return print_json(balance.raw)
    return print_facts(
        {
            "paid in": usd(balance.total_credits),
            "used": usd(balance.total_usage),
            "left": usd(balance.balance),
        }
    )


def activity(
    *,
    by: Annotated[str, typer.Option(help="date, model or provider_name.")] = "date",
    as_json: Json = False,
) -> None:
    """Show the last 30 completed days of the account (needs a management key)."""
    if by not in ("date", "model", "provider_name"):
        raise typer.BadParameter(f"{by} is not a group. There are: date, model, provider_name.")
    with client() as opened:
        page = opened.analytics.activity()
    if as_json:
        return print_json(page.raw)
    sums: dict[str, list[Any]] = defaultdict(lambda: [Decimal(0), 0, 0, 0])
    for item in page.data:
        figures = (item.usage, item.requests, item.prompt_tokens, item.completion_tokens)
        line = sums[str(getattr(item, by) or "")[: 10 if by == "date" else None]]
        line[:] = [old + (new or 0) for old, new in zip(line, figures, strict=True)]
    lines = [
        (name, usd(spent), f"{calls:,}", f"{read:,}", f"{written:,}")
        for name, (spent, calls, read, written) in sorted(sums.items())
    ]
    return print_table((by, "USD", "calls", "in", "out"), lines, less=("in", "out"))


def generation(
    id: Annotated[str, typer.Argument(help='E.g. "gen-1772030107-..."')], *, as_json: Json = False
) -> None:
    """Show what one call was, took and cost."""
    with client() as opened:
        found = opened.generations.get(id)
    if as_json:
        return print_json(found.raw)
    return print_facts(
        {
            "id": found.id,
            "made": f"{found.created_at:%Y-%m-%d %H:%M:%S} UTC" if found.created_at else "",
            "model": found.model or "",
            "provider": found.provider_name or "",
            "cost": usd(found.total_cost),
            "tokens in / out": f"{found.native_tokens_prompt or 0:,} / {found.native_tokens_completion or 0:,}",
            "from cache": f"{found.native_tokens_cached:,}" if found.native_tokens_cached else "",
            "reasoning": f"{found.native_tokens_reasoning:,}"
            if found.native_tokens_reasoning
            else "",
            "finish reason": found.finish_reason or "",
            "latency": f"{found.latency / 1000:.2f} s" if found.latency else "",
        }
    )


@keys.command("list")
def list_keys(*, as_json: Json = False) -> None:
    """List the keys of the account."""
    with client() as opened:
        page = opened.keys.list()
    if as_json:
        return print_json(page.raw)
    return print_table(
        _KEYS_HEAD, [_line(found) for found in page.data], less=("label", "state", "limit", "left")
    )


def _line(found: Key) -> tuple[str, ...]:
    return (
        found.hash[:16],
        found.name or "",
        found.label or "",
        "disabled" if found.disabled else "",
        "none" if found.limit is None else usd(found.limit),
        usd(found.limit_remaining),
        usd(found.usage),
    )


@keys.command("create")
def create_key(
    name: str,
    *,
    limit_usd: Annotated[float | None, typer.Option(help="The most it may spend, USD.")] = None,
    reset: Annotated[str | None, typer.Option(help="daily, weekly or monthly.")] = None,
    as_json: Json = False,
) -> None:
    """Make a key and print it, this once."""
    limits: dict[str, Any] = {"limit": limit_usd, "limit_reset": reset}
    with client() as opened:
        made = opened.keys.create(name, **{k: v for k, v in limits.items() if v is not None})
    secret = made.key.get_secret_value()
    if as_json:
        return print_json({"key": secret, "hash": made.data.hash})
    return print(secret)


@keys.command("disable")
def disable_key(hash: Hash) -> None:
    """Stop a key; `enable` takes that back."""
    _update(hash, disabled=True)


@keys.command("enable")
def enable_key(hash: Hash) -> None:
    """Let a stopped key work again."""
    _update(hash, disabled=False)


@keys.command("delete")
def delete_key(
    hash: Hash, *, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Delete a key for good."""
    with client() as opened:
        whole = _whole(opened, hash)
        if not yes:
            typer.confirm(f"Delete the key {whole.name or whole.hash[:16]} for good?", abort=True)
        opened.keys.delete(whole.hash)
    print(f"{whole.name or whole.hash[:16]} is deleted.")


def _update(hash: str, *, disabled: bool) -> None:
    with client() as opened:
        whole = _whole(opened, hash)
        opened.keys.update(whole.hash, disabled=disabled)
    print(f"{whole.name or whole.hash[:16]} is {'disabled' if disabled else 'enabled'}.")


def _whole(opened: OpenRouterClient, hash: str) -> Key:
    """The key whose hash begins so."""
    page = opened.keys.list(include_disabled=True)
    found = [key for key in page.data if key.hash.startswith(hash)]
    if len(found) != 1:
        raise typer.BadParameter(f"{len(found)} keys have a hash that begins with {hash}.")
    return found[0]
