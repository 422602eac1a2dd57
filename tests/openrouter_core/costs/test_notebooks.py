"""What a notebook shows of the objects that people look at."""

from __future__ import annotations

from decimal import Decimal

from openrouter_core import OpenRouterClient
from openrouter_core.costs import Budget, CostLedger, Totals
from openrouter_emulator import Emulator
from tests.openrouter_core.costs.factories import call


def test_totals_show_their_sums():
    shown = Totals(calls=3, charged=Decimal("0.25"), total=Decimal("0.5"), unknown=1)._repr_html_()

    assert "$0.5000+?" in shown
    assert "1 call of unknown cost" in shown


def test_a_budget_shows_what_is_left():
    ledger = CostLedger(reconcile="none")
    ledger.completed(call(cost=2), None)

    shown = Budget(5, per="total", ledger=ledger, price_of=lambda model: None)._repr_html_()

    for cell in ("total", "$5.00", "$2.00", "$3.00"):
        assert cell in shown


def test_a_reply_shows_its_text_and_its_cost():
    with (
        Emulator() as emulator,
        OpenRouterClient(emulator.api_key, base_url=emulator.base_url) as client,
    ):
        emulator.script("**Forty-two.**")
        reply = client.chat.send([{"role": "user", "content": "?"}], model="openai/gpt-4o-mini")

    text, below = reply._repr_markdown_().split("\n\n")
    assert text == "**Forty-two.**"
    assert below.startswith("`openai/gpt-4o-mini` · `OpenAI` · `$0.0")
