"""The README leads everywhere it says: in the repository, and on a package index. Its pictures are of today."""

from __future__ import annotations

import email
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hatch_build import readme
from scripts import make_pictures
from tests.house._tree import ROOT

TEXT = (ROOT / "README.md").read_text("utf-8")
_TARGETS = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The description in the metadata of a built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return str(email.message_from_bytes(archive.read(name)).get_payload())


def test_a_package_index_is_given_no_link_that_leads_nowhere(published: str):
    """While `[project.urls]` has no `Source`; see the next test for what it is then."""
    assert published.startswith("# openrouter-adapters")
    assert [t for t in _TARGETS.findall(published) if not t.startswith("https://")] == []
    assert len(published.splitlines()) > 100


def test_with_an_address_links_and_pictures_are_absolute():
    text = readme(TEXT, "https://example.com/owner/name/")
    targets = _TARGETS.findall(text)

    assert len(targets) == len(_TARGETS.findall(TEXT))
    assert [t for t in targets if not t.startswith("https://")] == []
    assert "(https://example.com/owner/name/raw/main/docs/pictures/demo.svg)" in text
    assert "(https://example.com/owner/name/blob/main/LICENSE)" in text


def test_without_an_address_the_words_of_links_stay():
    assert readme("See [the list](a.md) or [it](https://x.y). ![Chart](c.svg)", None) == (
        "See the list or [it](https://x.y). "
    )


def test_code_is_left_alone():
    code = "```python\nx = [list](of.something)\n```\n"

    assert readme(code, None) == readme(code, "https://x.y") == code


@pytest.fixture(scope="module")
def demo_output() -> str:
    return make_pictures.demo_output()


def test_the_picture_of_the_demo_shows_what_it_prints(demo_output: str):
    kept = (ROOT / "docs/pictures/demo.svg").read_text("utf-8")

    assert make_pictures.shown(kept) == make_pictures.shown(make_pictures.demo_picture(demo_output))


def test_the_picture_of_the_report_is_the_report():
    kept = (ROOT / "docs/pictures/report.svg").read_text("utf-8")

    assert kept == make_pictures.report_picture()


@pytest.mark.parametrize("name", ["demo.svg", "report.svg"])
def test_a_picture_loads_nothing_and_has_two_schemes(name: str):
    svg = (ROOT / "docs/pictures" / name).read_text("utf-8")

    assert re.findall(r"(?:href|src|url)\s*[=(]\s*[\"']?(?!#)\w", svg) == []
    assert "prefers-color-scheme: dark" in svg
    assert Path(ROOT / "docs/pictures" / name).stat().st_size < 60_000
