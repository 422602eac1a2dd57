"""Links lead somewhere, and code in the documents is Python."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house._tree import ROOT, name_of, project_files

DOCUMENTS = [p for p in project_files() if p.suffix == ".md"]
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _prose(text: str) -> str:
    return _FENCE.sub("", text)


def _anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _prose(text), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in kept}


def _leads_nowhere(document: Path, target: str) -> bool:
    if target.startswith(("https://", "http://", "mailto:")):
        return False
    file, _, anchor = target.partition("#")
    path = (document.parent / file) if file else document
    if not path.exists() or not path.resolve().is_relative_to(ROOT):
        return True
    return bool(anchor) and anchor not in _anchors(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_relative_links_lead_to_files_and_headings(document: Path):
    targets = _LINK.findall(_prose(document.read_text(encoding="utf-8")))

    assert [t for t in targets if _leads_nowhere(document, t)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_python_blocks_compile(document: Path):
    for language, code in _FENCE.findall(document.read_text(encoding="utf-8")):
        if language == "python":
            compile(code, name_of(document), "exec")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_files_named_in_documents_exist(document: Path):
    named = set(re.findall(r"`([\w./]+\.py)`", document.read_text(encoding="utf-8")))
    exist = {name_of(path) for path in project_files()}

    assert [n for n in named if not any(e == n or e.endswith(f"/{n}") for e in exist)] == []
