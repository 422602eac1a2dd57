"""A cost database as a page that goes on: filters, and the last calls as they come. Needs the extra `[cli]`.

It only asks, and only answers whoever sits at this machine: under a `Host` that is not loopback, which a name on
the web can be made to be, nobody gets anything.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any, Literal, get_args

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from openrouter_core._http.loopback import ELSEWHERE, PAGE_HEADERS, is_loopback
from openrouter_core.costs.ledger import CostLedger
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.records.totals import Filter, Totals
from openrouter_core.costs.report.page import document, head, section, sections
from openrouter_core.costs.report.style import SORT
from openrouter_core.costs.report.summary import Period, Summary, headline_of, summarize
from openrouter_core.costs.report.tables import calls_table

_TITLE = "OpenRouter costs"
_Text = Literal["model", "provider", "run", "tag", "user"]
_TEXTS: tuple[_Text, ...] = get_args(_Text)
_PERIODS = {"": "always", "1": "24 hours", "7": "7 days", "30": "30 days", "90": "90 days"}
_LAST = 20
_SCRIPT = (
    SORT
    + """
const calls = new EventSource("calls" + location.search);
calls.onmessage = event => {
  for (const [id, html] of Object.entries(JSON.parse(event.data)))
    document.getElementById(id).innerHTML = html;
};
"""
)


def app(ledger: CostLedger, *, every_s: float = 2.0) -> ASGIApp:
    """Return the page as an ASGI application.

    Args:
        every_s: How often the database is asked for new calls while somebody looks. Seconds.
    """

    async def report(request: Request) -> Response:
        params = dict(request.query_params)
        return HTMLResponse(await asyncio.to_thread(_page, ledger, params), headers=PAGE_HEADERS)

    async def calls(request: Request) -> Response:
        wanted = filter_of(dict(request.query_params), datetime.now(UTC))
        return StreamingResponse(
            _events(ledger, wanted, every_s), headers=PAGE_HEADERS, media_type="text/event-stream"
        )

    return _Loopback(Starlette(routes=[Route("/", report), Route("/calls", calls)]))


class _Loopback:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not is_loopback(Request(scope).headers.get("host", "")):
            await PlainTextResponse(ELSEWHERE, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def filter_of(params: Mapping[str, str], now: datetime) -> Filter:
    """Return the filter that the fields of the page's form ask for. What is empty or unknown asks for nothing."""
    texts: dict[str, Any] = {name: params[name] for name in _TEXTS if params.get(name)}
    days = params.get("days", "")
    since = now - timedelta(days=int(days)) if days and days in _PERIODS else None
    return Filter(since=since, **texts)


def _page(ledger: CostLedger, params: Mapping[str, str]) -> str:
    wanted = filter_of(params, datetime.now(UTC))
    summary, latest = summarize(ledger.store, wanted), ledger.store.latest(wanted, _LAST)
    top, calls = _moving(summary.totals, summary.period, latest).values()
    parts = [f"<div id=top>{top}</div>", _form(summary, params), f"<div id=calls>{calls}</div>"]
    return document(_TITLE, [*parts, *sections(summary)], _SCRIPT)


def _moving(totals: Totals, period: Period, latest: list[CostRecord]) -> dict[str, str]:
    """The parts that change by themselves, by their ids."""
    shown = calls_table(latest) if latest else "<p>No calls yet.</p>"
    return {
        "top": head(totals, period, _TITLE, datetime.now(UTC)),
        "calls": section("Last calls", shown),
    }


async def _events(ledger: CostLedger, wanted: Filter, every_s: float) -> AsyncIterator[str]:
    """What is new, as server-sent events: at once, and whenever the last calls are others than before."""
    before: list[CostRecord] | None = None
    while True:
        latest = await asyncio.to_thread(ledger.store.latest, wanted, _LAST)
        if latest != before:
            totals, period = await asyncio.to_thread(headline_of, ledger.store, wanted)
            yield f"data: {json.dumps(_moving(totals, period, latest))}\n\n"
        before = latest
        await asyncio.sleep(every_s)


def _form(summary: Summary, params: Mapping[str, str]) -> str:
    """The filters; the fields propose what the calls have."""
    fields = "".join(_field(key, params.get(key, ""), list(summary.groups[key])) for key in _TEXTS)
    periods = "".join(
        f'<option value="{days}"{" selected" if params.get("days", "") == days else ""}>{label}</option>'
        for days, label in _PERIODS.items()
    )
    return section(
        "Filter",
        f"<form><label>time<select name=days>{periods}</select></label>{fields}<button>Show</button></form>",
    )


def _field(name: str, value: str, known: list[str]) -> str:
    options = "".join(f'<option value="{escape(text)}">' for text in known[:200] if text)
    return (
        f'<label>{name}<input name={name} value="{escape(value)}" list="{name}-known" autocomplete=off>'
        f'</label><datalist id="{name}-known">{options}</datalist>'
    )
