"""Every Python block of every page of the documentation runs, page by page, against the emulator."""

from __future__ import annotations

import gc
import threading
import urllib.request
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest

from openrouter_core.catalog import endpoints
from openrouter_core.catalog.models import ModelCatalog
from openrouter_emulator import Emulator
from tests.house._tree import ROOT
from tests.pages import blocks_of, run_page, write_sample_files

DOCS = ROOT / "docs"
ELSEWHERE = {"other_frameworks.md"}
"""Shows packages that compete for dependencies: `make clients` runs it, in an environment for each."""
PAGES = [
    page for page in sorted(DOCS.rglob("*.md")) if page.name not in ELSEWHERE and blocks_of(page)
]


class Visitor(webbrowser.BaseBrowser):
    """A browser whose user agrees at once, on the emulator's page of consent."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__("visitor")
        self._origin = emulator.base_url.removesuffix("/api/v1")

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        here = url.replace("https://openrouter.ai", self._origin)
        threading.Thread(
            target=urllib.request.urlopen, args=[here], daemon=True
        ).start()  # loopback
        return True


@pytest.fixture
def api(
    openrouter_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Emulator]:
    """The emulator, in a folder that has the files that pages read."""
    write_sample_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENROUTER_MANAGEMENT_KEY", openrouter_emulator.management_key)
    openrouter_emulator.polls_until_done = 1
    monkeypatch.setattr(webbrowser, "get", lambda *_: Visitor(openrouter_emulator))
    monkeypatch.setattr(webbrowser, "_tryorder", ["visitor"])
    monkeypatch.setattr(webbrowser, "_lock", threading.RLock())
    yield openrouter_emulator
    endpoints.reset()
    ModelCatalog(openrouter_emulator.base_url).reset()
    gc.collect()  # here, where what LlamaIndex leaves open may be left open: see the filters below


# Qdrant says that its embedded form needs no index; its class for LlamaIndex makes one for any form.
@pytest.mark.filterwarnings("ignore:Payload indexes have no effect")
# LlamaIndex leaves the event loop open that it makes where none runs.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_a_page_shows_code_that_runs(page: Path, api: Emulator):
    run_page(page, api)


def test_pages_of_either_framework_show_much_code():
    """So that a change of the fences cannot leave the pages unread."""
    assert len(PAGES) > 30
    assert sum(len(blocks_of(page)) for page in PAGES) > 90
