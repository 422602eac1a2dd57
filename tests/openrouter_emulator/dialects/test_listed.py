"""Every rule is listed in the emulator's README, with its evidence."""

from __future__ import annotations

import re
from pathlib import Path

import openrouter_emulator
from openrouter_emulator import dialects

_ROW = re.compile(r"^\| `(\w+\.\w+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_BESIDE_RULES = {"upstream.sent", "embeddings.leaves_out_vectors", "reasoning_replay.check"}
"""Called by name where they matter, because they refuse nothing or need more than the body."""


def registered() -> set[str]:
    rules = {rule for found in dialects._rules.values() for rule in found}
    found = [*rules, *dialects._limits]
    return {f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}" for rule in found}


def test_the_readme_lists_every_rule_with_its_evidence():
    readme = Path(openrouter_emulator.__file__).parent / "README.md"
    rows = {name: evidence for name, _, evidence in _ROW.findall(readme.read_text())}

    assert rows.keys() == registered() | _BESIDE_RULES
    assert all(len(evidence.strip()) > 10 for evidence in rows.values())
