"""Prices, usage, records of generations, caches and limits: what a call costs, and who may make it."""

from openrouter_emulator.billing.admission import admit, out_of_credit
from openrouter_emulator.billing.calls import Finished, bill, closing, new_id, once

__all__ = ["Finished", "admit", "bill", "closing", "new_id", "once", "out_of_credit"]
