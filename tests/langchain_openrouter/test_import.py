"""What importing the chat model brings along: nothing that only some calls need."""

from __future__ import annotations

import subprocess
import sys

LATER = {
    "langchain_core.tools.base",  # with the first tool
    "openrouter_core.wire.chat",  # with the first call
    "openrouter_core.errors._body",  # with the first failure
    "openrouter_core.observers.observed",  # with the first call that is observed
    "openrouter_core.observers.calls",
}


def imported(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_chat_model_brings_nothing_that_waits_for_a_call():
    brought = imported("from langchain_openrouter import ChatOpenRouter")

    assert "langchain_openrouter.chat_models" in brought
    assert not LATER & brought


def test_what_waits_has_these_names():
    """Else the test above would hold for names that nobody has."""
    assert imported("import " + ", ".join(sorted(LATER))) >= LATER
