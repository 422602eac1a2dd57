"""The HTML of the page. Pure: everything that came over the wire is escaped here, and redacted before."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from openrouter_emulator.page.redaction import Redactor
from openrouter_emulator.page.style import STYLE
from openrouter_emulator.planned_response import plain
from openrouter_emulator.state.seen import KEPT, Seen
from openrouter_emulator.state.state import State
from openrouter_emulator.stream_text import event_of

STYLE_HASH = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
"""What the page's policy allows as style."""
_HEADERS = ("user-agent", "http-referer", "x-title", "x-openrouter-title", "x-session-id", "anthropic-version", "x-emulator-fault")  # fmt: skip
_ANSWER_HEADERS = ("x-generation-id", "x-provider-name", "retry-after", "location")


def render(state: State, *, only_refused: bool) -> str:
    """The whole page, the latest exchange first."""
    with state.lock:
        seen, keys = [*state.seen][::-1], [*state.keys]
        charged = plain(state.total_charged)
    refused = [one for one in seen if (one.status or 0) >= 400]
    shown = refused if only_refused else seen
    rows = "\n".join(
        _exchange(one, Redactor(keys, one.path.removeprefix("/api/v1"))) for one in shown
    )
    nothing = "Nothing was refused." if only_refused else "No request has come yet."
    tabs = _tab("/", f"All ({len(seen)})", here=not only_refused) + _tab(
        "/?show=refused", f"Refused ({len(refused)})", here=only_refused
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>OpenRouter emulator</title><style>{STYLE}</style></head><body>"
        "<header><h1>OpenRouter emulator</h1>"
        f"<p>The last {KEPT} requests, the latest first. ${charged} charged. "
        "Keys, credentials and data URLs are hidden.</p>"
        f"<nav>{tabs}</nav></header><main>{rows or f'<p>{nothing}</p>'}</main></body></html>"
    )


def _tab(place: str, label: str, *, here: bool) -> str:
    current = ' aria-current="page"' if here else ""
    return f'<a href="{place}"{current}>{label}</a>'


def _exchange(one: Seen, redactor: Redactor) -> str:
    """One exchange: a line, and all of it when that is opened."""
    request, answer = _json(one.request.start), _json(one.answer.start)
    why = _why(one, answer, redactor)
    first = redactor.text(str(request.get("model") or "")) if request else ""
    cost = _cost(one, answer)
    parts = [
        f"<time>{one.at:%H:%M:%S}</time>",
        f"<b>{escape(one.method)} {_path(one, redactor)}</b>",
        f"<span>{escape(first)}</span>" if first else "",
        f'<i class="{_kind(one)}">{_status(one)}</i>',
        f"<small>{_took(one)}{f' · ${cost}' if cost else ''}</small>",
    ]
    line = " ".join(part for part in parts if part)
    reason = f'<span class="why">{why}</span>' if why else ""
    return (
        f'<details id="n{one.number}"><summary>{line}{reason}</summary><div class="both">'
        f"{_side('Request', one.headers, _HEADERS, redactor.body(one.request), redactor)}"
        f"{_side('Answer', one.answer_headers, _ANSWER_HEADERS, redactor.body(one.answer), redactor)}"
        "</div></details>"
    )


def _path(one: Seen, redactor: Redactor) -> str:
    query = redactor.value(dict(one.query))
    shown = "&".join(f"{name}={value}" for name, value in query.items())
    return escape(redactor.text(one.path) + (f"?{shown}" if shown else ""))


def _side(
    title: str, headers: Mapping[str, str], names: Iterable[str], body: str, redactor: Redactor
) -> str:
    rows = "".join(
        f"<dt>{name}</dt><dd>{escape(redactor.text(headers[name]))}</dd>"
        for name in names
        if headers.get(name)
    )
    listed = f"<dl>{rows}</dl>" if rows else ""
    return f"<section><h2>{title}</h2>{listed}<pre>{escape(body) or '<em>no body</em>'}</pre></section>"


def _kind(one: Seen) -> str:
    if one.status is None or one.took_s is None:
        return "going"
    return "refused" if one.status >= 400 else "cut" if not one.is_complete else "good"


def _status(one: Seen) -> str:
    if one.took_s is None:
        return "answering"
    if one.status is None:
        return "no answer"
    return str(one.status) if one.is_complete else f"{one.status}, cut off"


def _took(one: Seen) -> str:
    return "" if one.took_s is None else f"{one.took_s * 1000:,.0f} ms"


# ---------------------------------------------------------------- what was refused, and why


def _why(one: Seen, answered: Mapping[str, Any], redactor: Redactor) -> str:
    """Who refused, by which rule, and the words."""
    if one.status == 404 and not one.path.startswith("/api/"):
        return "Nothing is served here: the API is below /api/v1."
    fault = f"The fault {escape(one.fault)} was asked for. " if one.fault else ""
    error: Any = answered.get("error")
    if not isinstance(error, dict):
        return fault.strip()
    metadata: Any = error.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    message = _words(metadata.get("raw")) or str(error.get("message", ""))
    who = metadata.get("provider_name") or "OpenRouter"
    rule = f" (rule {one.rule} of the dialects)" if one.rule else ""
    return f"{fault}{escape(redactor.text(str(who)))} says{rule}: {escape(redactor.text(message))}"


def _words(raw: Any) -> str:
    """The message in a provider's own answer, or all of it."""
    if not isinstance(raw, str):
        return ""
    answer = _json(raw.encode())
    error: Any = answer.get("error", answer)
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else raw


def _cost(one: Seen, answered: Mapping[str, Any]) -> str:
    """What the answer says that it cost."""
    bodies: list[Any] = [answered]
    if not answered:
        bodies = [event_of(frame) for frame in one.answer.start.split(b"\n\n")][::-1]
    for body in bodies:
        usage: Any = body.get("usage") if isinstance(body, dict) else None
        cost = usage.get("cost") if isinstance(usage, dict) else None
        if isinstance(cost, int | float):
            return f"{cost:.10f}".rstrip("0").rstrip(".")
    return ""


def _json(content: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
