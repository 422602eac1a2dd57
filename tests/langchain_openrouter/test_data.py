"""LangChain's convention for provider packages: `data/_profiles.py` has the profiles of all models."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import langchain_openrouter
from langchain_openrouter import ChatOpenRouter
from openrouter_core.catalog.models import bundled_models

FILE = Path(langchain_openrouter.__file__).parent / "data" / "_profiles.py"


def profiles() -> dict[str, Any]:
    """As deepagents-code reads them: from the file, under a name of its own."""
    spec = importlib.util.spec_from_file_location("profiles_of_a_provider", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, Any] = module._PROFILES
    return found


def test_every_model_of_the_catalogue_has_a_profile():
    assert set(profiles()) == {facts.id for facts in bundled_models()}


def test_profiles_are_those_of_the_chat_model():
    model = ChatOpenRouter(model="anthropic/claude-sonnet-4.5", api_key="sk-or-test")

    assert profiles()["anthropic/claude-sonnet-4.5"] == model.profile
    assert profiles()["anthropic/claude-sonnet-4.5"]["tool_calling"] is True


def test_a_picker_of_models_for_agents_has_hundreds():
    able = [p for p in profiles().values() if p["tool_calling"] and p["text_outputs"]]

    assert len(able) > 200


def test_nothing_reads_them_unasked():
    code = (
        "import sys; from langchain_openrouter import ChatOpenRouter; "
        "ChatOpenRouter(model='a/b', api_key='sk-or-test'); "
        "print('langchain_openrouter.data' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
