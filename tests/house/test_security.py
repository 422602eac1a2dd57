"""Each promise of SECURITY.md names tests; requirements-dev.lock pins all dependencies by hashes, without a host."""

from __future__ import annotations

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.bootstrap import dependency_group
from tests.house._tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
_PINNED = re.compile(
    r"^([\w.-]+)==([^\s;]+)[^\n]*\\\n((?: +--hash=sha256:[0-9a-f]{64}.*\n)+)", re.MULTILINE
)


def _pinned() -> dict[str, set[str]]:
    """The versions of each package; several where systems or Pythons differ."""
    versions: dict[str, set[str]] = {}
    for name, version, _ in _PINNED.findall(LOCK):
        versions.setdefault(canonicalize_name(name), set()).add(version)
    return versions


def test_every_line_is_a_package_with_hashes():
    assert _PINNED.sub("", LOCK) == ""


def test_no_host_is_named():
    assert re.findall(r"://|index-url|find-links", LOCK) == []


def test_every_dependency_is_pinned_to_a_version_that_is_allowed():
    """`make lock` writes the file anew when this fails."""
    requirements = [
        *PROJECT["dependencies"],
        *(r for e in PROJECT["optional-dependencies"].values() for r in e),
        *dependency_group("dev"),
    ]
    wanted = [Requirement(text) for text in requirements]
    pinned = _pinned()

    assert {
        str(one): pinned.get(canonicalize_name(one.name))
        for one in wanted
        if one.name != PROJECT["name"]
        and not any(one.specifier.contains(v) for v in pinned.get(canonicalize_name(one.name), ()))
    } == {}


def test_bandits_rules_hold_in_the_packages():
    """ruff's S: all of them but S101, which is `assert`; tests and scripts name the few that they break."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"][
        "lint"
    ]
    broken = {rule for rule in lint["ignore"] if re.fullmatch(r"S\d*", rule)}
    places = lint["per-file-ignores"]
    broken_at = {
        place for place, rules in places.items() if any(re.fullmatch(r"S\d*", r) for r in rules)
    }

    assert lint["select"] == ["ALL"]
    assert broken == {"S101"}
    assert broken_at == {"tests/**", "benchmarks/**", "scripts/**"}
    assert "S" not in {rule for rules in places.values() for rule in rules}


def test_every_promise_names_tests_that_exist():
    rows = re.findall(
        r"^\| (?!Promise|---)(.+) \| (.+) \|$",
        (ROOT / "SECURITY.md").read_text("utf-8"),
        re.MULTILINE,
    )

    assert len(rows) > 15
    for promise, held_by in rows:
        named = re.findall(r"`(tests/[\w./]+\.py)`", held_by)
        assert named, promise
        assert [name for name in named if not (ROOT / name).is_file()] == []
