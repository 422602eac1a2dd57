"""The built wheel does its work alone, away from the checkout. `make check-wheel` does it with each extra in turn."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from openrouter_emulator import Emulator
from scripts.check_wheel import HALF_A_GIGABYTE, PROMISES, _extras
from tests.house._tree import ROOT


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "unpacked")
    return folder / "unpacked"


def test_every_extra_has_a_promise():
    assert PROMISES.keys() - {""} == _extras().keys() - {"all"}
    assert _extras()["cli"] == {"cli", "ledger"}


def test_what_is_in_the_wheel_suffices(
    unpacked: Path, openrouter_emulator: Emulator, tmp_path: Path
):
    wanted = {p: c for p, c in PROMISES.items() if p not in {*HALF_A_GIGABYTE, "cli", "langfuse"}}
    program = f"""
import sys
sys.path.insert(0, {str(unpacked)!r})
for name, code in {wanted!r}.items():
    print(name or "core")
    exec(code, {{}})
ours = [m.__file__ for n, m in sys.modules.items() if n.startswith(("openrouter_", "langchain_openrouter", "llama_index_openrouter")) and getattr(m, "__file__", None)]
assert len(ours) > 100
assert [f for f in ours if not f.startswith({str(unpacked)!r})] == []
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )

    assert done.returncode == 0, done.stderr
    assert [name for name in wanted if (name or "core") not in done.stdout.splitlines()] == []
