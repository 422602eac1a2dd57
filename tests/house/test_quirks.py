"""docs/quirks.md explains every code that names and docstrings of tests carry, and names tests that exist."""

from __future__ import annotations

import re

from tests.house._tree import ROOT, name_of, project_files, python_files

PAGE = ROOT / "docs" / "quirks.md"
_ROW = re.compile(r"^\| ([\w-]+) \|.*\| ([^|]*) \|$", re.MULTILINE)
_IN_NAME = re.compile(r"def test((?:_[a-j]\d+)+)_")
_IN_TEXT = re.compile(r"quirks\.md ((?:[A-J]\d+(?:, and |, | and )?)+)")


def _rows() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = _ROW.findall(PAGE.read_text("utf-8"))
    return [(anchor, held_by) for anchor, held_by in found if anchor != "Anchor"]


def _used() -> set[str]:
    """The codes of all tests."""
    texts = [path.read_text("utf-8") for path in python_files() if "tests" in path.parts]
    named = {code for text in texts for run in _IN_NAME.findall(text) for code in run.split("_")}
    written = {
        code
        for text in texts
        for run in _IN_TEXT.findall(text)
        for code in re.findall(r"\w\d+", run)
    }
    return {code.upper() for code in named | written if code}


def test_every_code_that_a_test_carries_has_a_row():
    assert sorted(_used() - {anchor for anchor, _ in _rows()}) == []


def test_an_anchor_is_one_row():
    anchors = [anchor for anchor, _ in _rows()]

    assert len(anchors) > 90
    assert sorted({anchor for anchor in anchors if anchors.count(anchor) > 1}) == []


def test_every_row_names_a_test_that_exists():
    exist = {name_of(path) for path in project_files()}
    lost = {
        (anchor, file)
        for anchor, held_by in _rows()
        for file in re.findall(r"`(tests/[^`:]+\.py)", held_by)
        if file not in exist
    }

    assert lost == set()
    assert [anchor for anchor, held_by in _rows() if not held_by.strip()] == []
