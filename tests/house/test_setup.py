"""What sets the project up works on every machine, and says in one line what it does without."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import bootstrap
from scripts import test_all_pythons as all_pythons
from tests.house._tree import ROOT, name_of, python_files


def test_windows_keeps_an_environments_python_elsewhere(monkeypatch):
    venv = Path(".venv")
    posix = bootstrap.python_of(venv)
    monkeypatch.setattr(os, "name", "nt")
    windows = bootstrap.python_of(venv)
    monkeypatch.undo()

    assert (posix.as_posix(), windows.as_posix()) == (
        ".venv/bin/python",
        ".venv/Scripts/python.exe",
    )


def test_only_bootstrap_knows_where_that_is():
    scripts = [p for p in python_files() if p.is_relative_to(ROOT / "scripts")]

    knowing = [p for p in scripts if re.search(r"venv.*bin/python", p.read_text("utf-8"))]

    assert [name_of(p) for p in knowing] == ["scripts/bootstrap.py"]


def test_what_may_fail_fails_in_silence_and_says_why(capfd):
    says = (
        "import sys; print('a wall', 'of red', 'no route', 'hint: try', sep='\\n', file=sys.stderr)"
    )

    assert bootstrap._failure([sys.executable, "-c", says]) == ""
    assert bootstrap._failure([sys.executable, "-c", f"{says}; sys.exit(2)"]) == "no route"
    assert bootstrap._failure([sys.executable, "-c", "import sys; sys.exit(2)"]) == "exit code 2"
    assert capfd.readouterr() == ("", "")


def test_without_uv_one_line_says_that_pip_is_used(monkeypatch, capfd, tmp_path):
    fake = tmp_path / "python"
    fake.write_text(
        '#!/bin/sh\necho error: no uv here >&2\ncase " $* " in *" uv "*) exit 1;; esac\n'
    )
    fake.chmod(0o755)
    monkeypatch.setattr(bootstrap, "python_of", lambda _venv: fake)

    bootstrap._install(tmp_path, lowest=False)

    out, err = capfd.readouterr()
    assert out.splitlines() == [
        "using pip, which takes a few minutes: uv does not work here (error: no uv here)"
    ]
    assert err.splitlines() == ["error: no uv here"]  # of the run that installs


def test_a_group_brings_those_that_it_includes():
    """pip reads groups since 25.1, and Debian's is older: bootstrap reads them itself."""
    names = ("test", "check", "examples", "dev")
    test, check, examples, dev = map(bootstrap.dependency_group, names)

    assert set(dev) == {*test, *check, *examples}
    assert any(requirement.startswith("pytest>=") for requirement in dev)


def test_a_python_that_is_absent_is_named_and_fails_only_when_all_are_wanted(capsys):
    assert all_pythons.main(["--only", "3.99"]) == 0
    assert capsys.readouterr().out == "Python 3.99: not on this machine\n"
    assert all_pythons.main(["--only", "3.99", "--strict"]) == 1


def test_the_distributions_own_python_is_found(monkeypatch):
    own = Path("/usr/bin/python3")
    if not own.exists():
        pytest.skip("this machine has no /usr/bin/python3")
    monkeypatch.setenv("PATH", "/nowhere")
    exact = subprocess.check_output(
        [own, "-c", "import platform; print(platform.python_version())"]
    )
    version = exact.decode().strip()

    assert version in dict(all_pythons._found([".".join(version.split(".")[:2])]))


def test_this_python_is_not_among_the_others(monkeypatch, capsys):
    this = platform.python_version()
    monkeypatch.setattr(all_pythons, "_found", lambda _wanted: [(this, sys.executable)])

    assert all_pythons.main(["--others", "--only", ".".join(this.split(".")[:2])]) == 0
    assert capsys.readouterr().out == ""


def test_the_tests_for_other_pythons_are_where_the_list_says():
    assert [test for test in all_pythons.TESTS_ON_OTHERS if not (ROOT / test).exists()] == []
    assert "tests/" not in (ROOT / ".ci/run").read_text("utf-8")


def test_the_readme_names_the_pythons_of_the_metadata():
    line = f"Python {', '.join(all_pythons._supported())}. "

    assert line in (ROOT / "README.md").read_text("utf-8")


def test_tests_run_side_by_side_in_the_same_way_everywhere():
    assert f"PARALLEL ?= {' '.join(all_pythons.PARALLEL)}\n" in (ROOT / "Makefile").read_text(
        "utf-8"
    )


@pytest.mark.parametrize("value", ["{'a', 'b'}", "object()"], ids=["set", "address"])
def test_names_of_tests_are_the_same_in_every_process(tmp_path, value):
    """Else those that run side by side do not agree on what there is to run."""
    claim = f"@pytest.mark.parametrize('one', [{value}], ids=repr)\ndef test_one(one):\n    pass\n"
    (tmp_path / "test_one.py").write_text(f"import pytest\n\n{claim}")
    (tmp_path / "conftest.py").write_bytes((ROOT / "tests/conftest.py").read_bytes())
    options = "-m pytest -p no:cacheprovider --rootdir=. -c/dev/null"
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    done = subprocess.run(
        [sys.executable, *options.split()],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert "Give the parameters of this test an id" in done.stdout + done.stderr
