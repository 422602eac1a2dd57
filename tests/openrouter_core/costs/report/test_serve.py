"""The page of a cost database that goes on: whom it answers, what it hides, and how it works in a browser."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest

from openrouter_core.costs import Budget, Cost, CostLedger, Labels
from openrouter_core.costs.records.record import CostRecord
from tests.openrouter_core.costs import writers
from tests.openrouter_emulator.browser import ABSENT, CHROMIUM, Page, browser

pytest.importorskip("sqlalchemy", reason="a cost database needs the extra [ledger]")
pytest.importorskip("uvicorn", reason="the live page needs the extra [cli]")

from openrouter_core.costs.report.serve import filter_of  # needs [cli]

ROOT = Path(__file__).resolve().parents[4]
NOW = datetime.now(UTC)


def record(name: str, usd: str, model: str, **facts: object) -> CostRecord:
    labels = Labels("nightly", (str(facts.pop("tag", "search")),), None, "ann")
    return CostRecord(
        id=name,
        at=NOW,
        operation="x",
        requested_model=model,
        labels=labels,
        response=Cost(Decimal(usd)),
    )


@pytest.fixture
def url(tmp_path) -> str:
    return f"sqlite:///{tmp_path}/costs.db"


@pytest.fixture
def ledger(url) -> Iterator[CostLedger]:
    with CostLedger(url, reconcile="none") as opened:
        opened.book(record("gen-1", "0.25", "a/one"))
        opened.book(record("gen-2", "0.5", "b/<i>two</i>", tag="</script><b>"))
        budget = Budget(9, per="total", name="team", ledger=opened, price_of=lambda model: None)
        budget.admit(writers.INTENT)
        opened.flush()
        yield opened


@pytest.fixture
def origin(ledger, tmp_path) -> Iterator[str]:
    """The command, as a user runs it."""
    command = [sys.executable, "-m", "openrouter_core.costs", "serve", "costs.db", "--port", "0"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "shared"), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield process.stdout.readline().split()[0].rstrip("/")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


def test_it_shows_the_report_the_last_calls_and_the_budgets(origin):
    answer = httpx2.get(origin)

    assert answer.status_code == 200
    for text in ("$0.7500", "gen-2", "a/one", "Last calls", "By tag", "team", "$9.00"):
        assert text in answer.text
    assert "b/<i>two" not in answer.text
    assert "</script><b>" not in answer.text
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/calls"])
def test_a_name_that_is_not_loopback_gets_nothing(origin, path):
    answer = httpx2.get(origin + path, headers={"host": "evil.example:80"})

    assert answer.status_code == 403
    assert "gen-" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_only_reads(origin, method):
    assert httpx2.request(method, origin).status_code == 405


def test_filters_choose_the_calls(origin):
    answer = httpx2.get(origin, params={"model": "a/one", "days": "7", "provider": ""}).text

    assert "gen-1" in answer
    assert "gen-2" not in answer


def test_a_form_that_nobody_filled_asks_for_everything():
    assert filter_of({"model": "", "days": "x", "other": "1"}, NOW) == filter_of({}, NOW)
    assert filter_of({"days": "7"}, NOW).since == NOW - timedelta(days=7)


@pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)
def test_in_a_browser_tables_sort_filters_filter_and_new_calls_come(origin, ledger, tmp_path):
    with browser(tmp_path / "profile") as page:
        page.show(origin)
        models = "[...document.querySelectorAll('section')].find(s => s.innerText.startsWith('By model'))"
        first = f"{models}.querySelector('tbody th').innerText"
        assert page.ask(first) == "b/<i>two</i>"
        page.ask(f"{models}.id = 'models'")
        page.click("#models thead th:nth-child(1) button")
        page.click("#models thead th:nth-child(1) button")
        assert page.ask(first) == "a/one"

        ledger.book(record("gen-3", "1", "a/one"))
        ledger.flush()
        wait_for(page, "document.getElementById('calls').innerText.includes('gen-3')")
        assert page.ask("document.getElementById('top').innerText.includes('$1.75')")

        page.ask("document.querySelector('[name=model]').value = 'a/one'")
        page.click("form button")
        wait_for(
            page, "location.search.includes('model=a%2Fone') && document.readyState === 'complete'"
        )
        assert not page.ask("document.body.innerText.includes('gen-2')")

        for width in (390, 1000):
            page.show(origin, width=width, dark=width < 600)
            assert page.ask("document.documentElement.scrollWidth") <= width


def wait_for(page: Page, condition: str) -> None:
    deadline_s = time.monotonic() + 20
    while not page.ask(condition):
        assert time.monotonic() < deadline_s, condition
        time.sleep(0.1)
