"""OpenRouter's own SDKs (Python, and node for Vercel's AI SDK), OpenAI's, Anthropic's and LiteLLM accept what the emulator answers.

Nobody here wrote them, and their parsers are strict. `python scripts/witnesses.py` shows the same as a table.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts import side_environment

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "witnesses.py"
NOT_INSTALLED = 3
CALLS = {"openrouter": 199, "openai": 52, "anthropic": 45, "litellm": 34, "ai": 44}
"""Fewer accepted calls than these mean that a witness has not looked at everything."""
OPERATIONS = 139
"""The methods of `openrouter` 1.3.84; newer ones may have more."""


def _hear(sdk: str, into: Path) -> dict[str, Any]:
    command = [sys.executable, str(SCRIPT), "--only", sdk, "--json", str(into)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == NOT_INSTALLED:
        pytest.skip(done.stdout.strip())
    assert into.is_file(), done.stdout + done.stderr
    return json.loads(into.read_text("utf-8"))[0]


@pytest.mark.timeout(400)  # the environment may have to be made first
@pytest.mark.parametrize("sdk", CALLS)
def test_a_strict_client_that_nobody_here_wrote_accepts_every_answer(sdk: str, tmp_path: Path):
    heard = _hear(sdk, tmp_path / "heard.json")

    assert heard["refused"] == {}
    assert len(heard["accepted"]) >= CALLS[sdk]
    if sdk == "openrouter":
        operations = {name for name in heard["accepted"] if " " not in name}
        assert len(operations) >= OPERATIONS


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_a_registry_that_cannot_be_reached_is_given_up_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """With npm's own retries it takes 70 seconds to say so."""
    monkeypatch.setattr(side_environment, "ROOT", tmp_path)
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")  # nobody listens there
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))

    with pytest.raises(side_environment.NotInstalledError, match="ECONNREFUSED"):
        side_environment.node_with("none", ["left-pad"], within_s=45)
