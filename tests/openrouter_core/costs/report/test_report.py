"""What a report says (pure), how it looks (in a browser where one is installed), and the commands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html import escape
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_core import OpenRouterClient
from openrouter_core.costs import Cost, CostLedger, Labels, Totals, cost_labels
from openrouter_core.costs.records.latency import percentile
from openrouter_core.costs.records.memory import MemoryStore
from openrouter_core.costs.records.record import CostRecord
from openrouter_core.costs.records.tables import money
from openrouter_core.costs.report import summary_of, write_report
from openrouter_core.costs.report.activity import compare, reconcile_with_activity
from openrouter_core.costs.report.charts import columns
from openrouter_core.costs.report.page import page
from openrouter_core.costs.report.summary import summarize
from openrouter_core.costs.report.text import plain_report, text_report
from tests.openrouter_core.costs.factories import START, call

ROOT = Path(__file__).resolve().parents[4]
DAY_S = 86_400
MODELS = ["a/one", "b/two", "c/three", "d/four", "e/five", "f/six", "g/seven", "h/<eight>"]


def filled(url: str | None = None) -> CostLedger:
    """Three days: eight models, the first the most expensive; one call without a price, one that failed."""
    ledger = CostLedger(url, reconcile="none")
    for n, model in enumerate(MODELS):
        with cost_labels(tags=["even" if n % 2 == 0 else "odd"], run="r"):
            done = call(
                cost=8 - n,
                requested_model=model,
                after_s=(n % 3) * DAY_S,
                latency_s=n + 1,
                first_event_s=0.5,
            )
            ledger.completed(done, ledger.admit(None))
    ledger.completed(
        call(outcome="interrupted", requested_model="a/one", model=None, after_s=DAY_S), None
    )
    return ledger


@pytest.fixture
def ledger() -> CostLedger:
    return filled()


def test_a_summary_counts_every_call_once(ledger):
    summary = summary_of(ledger)

    assert summary.totals.total == sum(range(1, 9)) == 36
    assert summary.totals.unknown == 1
    assert sum(sum(line) for line in summary.timeline.spend.values()) == 36
    assert summary.period == ("2026-10-01", "2026-10-03")


def test_models_beyond_the_six_most_expensive_are_others(ledger):
    spend = summary_of(ledger).timeline.spend

    assert list(spend) == [*MODELS[:6], "others"]
    assert sum(spend["others"]) == 2 + 1


@pytest.mark.parametrize(
    ("after_days", "unit", "labels", "steps"),
    [
        (
            (0, 0.125),
            "hour",
            ["2026-10-01 12", "2026-10-01 13", "2026-10-01 14", "2026-10-01 15"],
            4,
        ),
        ((0, 4), "day", [f"2026-10-0{day}" for day in range(1, 6)], 5),
        ((0, 150), "week", ["2026-09-28", "2026-10-05"], 22),
    ],
    ids=["hours", "days", "weeks"],
)
def test_time_goes_in_steps_that_fit_and_those_without_calls_are_shown(
    after_days, unit, labels, steps
):
    quiet = CostLedger(reconcile="none")
    for day in after_days:
        quiet.completed(call(cost=1, after_s=day * DAY_S), None)

    timeline = summary_of(quiet).timeline

    (spend,) = timeline.spend.values()
    assert timeline.unit == unit
    assert list(timeline.labels[: len(labels)]) == labels
    assert spend == (1, *[0] * (steps - 2), 1)


def test_a_budget_burns_down(ledger):
    burn = summary_of(ledger, budget_usd=Decimal(40)).burn

    assert burn is not None
    assert (burn.left[0], burn.left[24], burn.left[-1]) == (25, 13, 4)


@pytest.mark.parametrize(("percent", "value"), [(0, 1.0), (50, 3.0), (90, 4.6), (100, 5.0)])
def test_percentiles(percent, value):
    assert percentile(5, [1.0, 2.0, 3.0, 4.0, 5.0].__getitem__, percent) == pytest.approx(value)


def test_latency_counts_calls_that_ended_well(ledger):
    found = summary_of(ledger).latency

    assert found["a/one"].calls == 1
    assert found["b/two"].p50_s == found["b/two"].p99_s == 2
    assert found["a/one"].first_event_p50_s == 0.5


def test_the_most_expensive_calls_come_first(ledger):
    assert [r.cost.total for r in summary_of(ledger).most_expensive] == list(range(8, 0, -1))


def test_an_empty_ledger_makes_a_report():
    summary = summarize(MemoryStore())

    assert summary.totals == Totals()
    assert text_report(summary) == "No calls.\n"
    assert "No calls." in page(summary)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "?"),
        ("0", "$0"),
        ("0.00000034", "$0.0000003400"),
        ("0.00341475", "$0.003415"),
        ("0.5", "$0.5000"),
        ("1234.567", "$1,234.57"),
        ("-0.02", "-$0.02000"),
    ],
)
def test_amounts_are_shown_with_four_digits_that_count(amount, text):
    assert money(None if amount is None else Decimal(amount)) == text


def test_the_text_report_says_what_is_missing(ledger):
    text = text_report(summary_of(ledger))

    assert "1 call of unknown cost not in the sums" in text
    assert text.startswith(
        "$36.00+? for 9 calls, 1 of them failed or interrupted, 2026-10-01 to 2026-10-03 (UTC).\n"
    )


def test_the_text_report_has_the_groups_that_are_asked_for(ledger):
    text = text_report(summary_of(ledger), ["tag", "run"])

    assert "By tag" in text
    assert "By run" in text
    assert "By model" not in text


def test_a_report_for_programs_keeps_every_digit(ledger):
    ledger.completed(call(cost="0.00000000000000000001", requested_model="a/one"), None)

    plain = json.loads(json.dumps(plain_report(summary_of(ledger), ["model"])))

    assert plain["by"]["model"]["a/one"]["total"] == "8.00000000000000000001"
    assert list(plain["by"]) == ["model"]


class Outline(HTMLParser):
    """The headings of a page, and whatever it would load from elsewhere."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.loaded: list[str] = []
        self._in_heading = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self._in_heading = tag == "h2"
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and not (value or "").startswith("#"):
                self.loaded.append(f"{tag} {value}")

    def handle_data(self, data):
        if self._in_heading:
            self.headings.append(data)
            self._in_heading = False


def test_the_page_has_every_part_and_loads_nothing(ledger, tmp_path):
    write_report(ledger, tmp_path / "costs.html", budget_usd=Decimal(40))

    text = (tmp_path / "costs.html").read_text()
    outline = Outline(text)
    assert outline.headings == [
        "Spend per hour",
        "What is left of $40.00",
        "By model",
        "By provider",
        "By run",
        "By tag",
        "By key",
        "By endpoint",
        "Tokens per hour",
        "Most expensive calls",
    ]
    assert outline.loaded == []
    assert not re.search(r"url\((?!#)|@import|<script src", text)
    assert "h/<eight>" not in text
    assert "h/&lt;eight&gt;" in text


def test_the_same_records_make_the_same_page(ledger, tmp_path):
    summary, noon = summary_of(ledger), datetime(2026, 10, 9, 12, tzinfo=UTC)

    assert page(summary, made_at=noon) == page(summary, made_at=noon)


BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian: apt install chromium)")
@pytest.mark.parametrize("width", [390, 1000], ids=["phone", "desktop"])
def test_the_page_fits_the_screen_and_shows_its_charts(ledger, tmp_path, width):
    """In a browser: nothing is wider than the screen, and the bars are painted.

    The screen is a frame, for a window of a whole browser is never as narrow as a phone.
    """
    image = pytest.importorskip("PIL.Image", reason="looking at the picture needs pillow")
    html, picture = tmp_path / "costs.html", tmp_path / "costs.png"
    write_report(ledger, html, budget_usd=Decimal(40))
    probe = "document.title = this.contentDocument.documentElement.scrollWidth"
    size, shown = f"border:0;width:{width}px;height:1500px", escape(html.read_text())
    html.write_text(f"<iframe style='{size}' onload='{probe}' srcdoc='{shown}'></iframe>")
    common = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu"]  # no display, maybe root
    common += ["--window-size=1200,1600", f"--user-data-dir={tmp_path / 'profile'}"]

    dom = subprocess.run(
        [*common, "--dump-dom", html.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    subprocess.run(
        [*common, "--hide-scrollbars", f"--screenshot={picture}", html.as_uri()],
        capture_output=True,
        timeout=60,
        check=True,
    )

    scroll_width = re.search(r"<title>(\d+)</title>", dom)
    assert scroll_width is not None
    assert int(scroll_width[1]) <= width
    colors = image.open(picture).convert("RGB")
    blue = sum(n for n, rgb in colors.getcolors(1 << 24) if rgb == (0x44, 0x77, 0xAA))
    assert blue > 1000


# The commands, as a user runs them.


def command(*arguments: str, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "openrouter_core.costs", *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT / "shared"), "PATH": "/usr/bin:/bin", **(env or {})},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def database(tmp_path) -> Path:
    for name in ("sqlalchemy", "typer"):
        pytest.importorskip(name, reason="the commands need the extras [ledger] and [cli]")
    filled(f"sqlite:///{tmp_path}/costs.db").close()
    return tmp_path / "costs.db"


def test_the_report_command_prints_and_writes_nothing_unless_asked(database, tmp_path):
    before = set(tmp_path.iterdir())
    printed = command("report", "costs.db", "--by", "tag", "--by", "day", cwd=tmp_path)
    plain = json.loads(command("report", "costs.db", "--by", "hour", "--json", cwd=tmp_path))

    assert "even" in printed
    assert "2026-10-03" in printed
    assert plain["totals"]["calls"] == 9
    assert list(plain["by"]) == ["hour"]
    assert set(tmp_path.iterdir()) - before <= {
        tmp_path / "costs.db-wal",
        tmp_path / "costs.db-shm",
    }


def test_the_report_command_prints_a_table_and_writes_a_page(database, tmp_path):
    output = command("report", "costs.db", "--html", "out.html", "--tag", "even", cwd=tmp_path)

    assert "a/one" in output
    assert "b/two" not in output
    assert (tmp_path / "out.html").read_text().startswith("<!doctype html>")


def test_the_export_command_writes_every_call(database, tmp_path):
    assert "9 calls written" in command("export", "costs.db", "costs.csv", cwd=tmp_path)
    assert len((tmp_path / "costs.csv").read_text().splitlines()) == 10


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("report", "nowhere.db"), "There is no file nowhere.db"),
        (("report", "nowhere.db", "--by", "modle"), "modle is not a group. There are: model,"),
    ],
    ids=["file", "group"],
)
def test_what_does_not_exist_is_named(tmp_path, arguments, sentence):
    pytest.importorskip("typer", reason="the commands need the extra [cli]")
    done = subprocess.run(
        [sys.executable, "-m", "openrouter_core.costs", *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "shared"), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert sentence in done.stderr
    assert not (tmp_path / "nowhere.db").exists()


# The ledger against OpenRouter's own days.

TODAY = date(2026, 10, 4)


def rows(*days):
    return [{"date": day, "usage": usage, "requests": n} for day, usage, n in days]


def test_days_that_agree_are_not_listed():
    booked = {"2026-10-01": Totals(calls=2, charged=Decimal("0.3"))}
    activity = rows(("2026-10-01", 0.1, 1), ("2026-10-01 00:00:00", 0.2, 1))

    assert compare(booked, activity, today=TODAY, tolerance_usd=Decimal(0)) == []


def test_days_that_differ_are_listed_with_both_sums():
    booked = {
        "2026-10-01": Totals(calls=1, charged=Decimal("0.1")),
        "2026-10-02": Totals(calls=1, charged=Decimal("0.5")),
    }
    activity = rows(("2026-10-01", 0.4, 3), ("2026-10-03", 0.2, 1))

    found = compare(booked, activity, today=TODAY, tolerance_usd=Decimal("0.01"))

    assert [(d.day.day, d.difference_usd) for d in found] == [
        (1, Decimal("0.3")),
        (2, Decimal("-0.5")),
        (3, Decimal("0.2")),
    ]
    assert (found[0].booked_calls, found[0].activity_calls) == (1, 3)


def test_the_day_that_is_not_over_is_left_out():
    booked = {"2026-10-04": Totals(charged=Decimal(1))}

    assert compare(booked, [], today=TODAY, tolerance_usd=Decimal(0)) == []


class ActivityServer(BaseHTTPRequestHandler):
    """Answers GET /activity for one key hash with one row, as OpenRouter does."""

    def do_GET(self):
        is_for_the_key = self.path == "/api/v1/activity?api_key_hash=abc"
        authorized = self.headers["Authorization"] == "Bearer sk-or-v1-management"
        row = {"date": "2026-10-01", "usage": 0.25, "requests": 2, "model": "a/one"}
        body = json.dumps({"data": [row]}).encode()
        self.send_response(200 if is_for_the_key and authorized else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Stay silent."""


def test_the_activity_is_asked_over_the_wire():
    server = HTTPServer(("127.0.0.1", 0), ActivityServer)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    ledger = CostLedger(reconcile="none")
    ledger.completed(call(cost=0.1, started_at=START), None)
    url = f"http://127.0.0.1:{server.server_port}/api/v1"

    with OpenRouterClient("sk-or-v1-management", base_url=url) as client:
        (day,) = reconcile_with_activity(ledger, client, api_key_hash="abc", today=TODAY)
    server.shutdown()
    server.server_close()

    assert (day.booked_usd, day.activity_usd) == (Decimal("0.1"), Decimal("0.25"))
    assert (day.booked_calls, day.activity_calls) == (1, 2)


# No name can break what is shown.

NASTY = st.text(max_size=40) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        "plan_$10_to_$20",
        "</style>",
        '" onmouseover="x',
        "&lt;",
        "\x1b[31m红色",
        "x" * 400,
    ]
)


class Texts(HTMLParser):
    """The elements of a page, and the texts between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.shape: list[tuple[str, tuple[str, ...]]] = []
        self.texts: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.shape.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data):
        self.texts.add(data)


@settings(max_examples=40, deadline=None)
@given(names=st.lists(NASTY, min_size=5, max_size=5))
def test_no_name_breaks_the_page_or_the_terminal(names):
    shapes = []
    for chosen in (["plain"] * 5, names):
        model, provider, error, run, tag = (name.strip() or "x" for name in chosen)
        ledger = CostLedger(reconcile="none")
        labels = Labels(run, (tag,), None, tag)
        record = CostRecord(
            "gen-1", START, "x", requested_model=model, provider=provider, labels=labels
        )
        ledger.book(replace(record, response=Cost(Decimal(1))))
        ledger.book(replace(record, id="gen-2", outcome="error", error=error))
        summary = summary_of(ledger)
        shapes.append(Texts(page(summary)).shape)
        text = text_report(summary)
        assert not [c for c in text if unicodedata.category(c) == "Cc" and c != "\n"]
        assert "\n\n\n" not in text

    assert shapes[0] == shapes[1]


def test_each_column_has_a_place_for_its_label_below():
    text = columns([f"day {n}" for n in range(7)], {"a/one": [1] * 7}, str, title="Spend")

    assert text.count("<div class=col ") == 7
    assert re.findall(r"<span>(.*?)</span>", text) == [
        "day 0",
        "",
        "day 2",
        "",
        "day 4",
        "",
        "day 6",
    ]


@pytest.mark.parametrize("columns", [80, 40])
def test_a_terminal_is_shown_what_fits(columns: int):
    with filled() as ledger:
        text = text_report(summary_of(ledger), columns=columns)
        whole = text_report(summary_of(ledger))

    assert [line for line in text.splitlines()[2:] if len(line) > columns] == []
    assert text.count("a/one") == whole.count("a/one")
    assert "total" in text
