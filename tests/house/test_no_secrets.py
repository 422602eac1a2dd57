"""Nothing in the tree holds a key, a path of somebody's machine or a recording's credentials."""

from __future__ import annotations

import re

import pytest

from tests.house._tree import name_of, project_files

# Built from pieces, so that this file does not match itself.
PATTERNS = {
    "an OpenRouter key": re.compile(r"sk-or-" + r"v1-[0-9a-f]{24,}"),
    "another provider's key": re.compile(r"\b(?:sk-(?:ant|proj)-|AIza|gsk_|xai-)" + r"[\w-]{24,}"),
    "a private key": re.compile("-----BEGIN [A-Z ]*" + "PRIVATE KEY-----"),
    "a bearer token": re.compile(r"[Bb]earer " + r"[A-Za-z0-9_.-]{32,}"),
    "a path of a home directory": re.compile(r"/(?:home|Users)/" + r"[a-z][\w.-]+/|/" + r"root/\w"),
    "a path of a work directory": re.compile(r"(?<![\w.])/" + r"work/(?:main|shared)\b"),
}
BINARY = {".png", ".jpg", ".gif", ".pdf", ".mp3", ".wav", ".webp", ".gz"}


def _findings(text: str) -> list[str]:
    return [what for what, pattern in PATTERNS.items() if pattern.search(text)]


def test_no_file_holds_a_secret_or_a_path_of_a_machine():
    texts = {name_of(p): p.read_text("utf-8") for p in project_files() if p.suffix not in BINARY}

    assert {name: what for name, text in texts.items() if (what := _findings(text))} == {}


@pytest.mark.parametrize(
    ("leak", "what"),
    [
        ("sk-or-" + "v1-" + "0123456789abcdef" * 4, "an OpenRouter key"),
        ("Authorization: Bearer " + "a1B2c3D4" * 5, "a bearer token"),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "a private key"),
        ("/home/" + "ada/notes.txt", "a path of a home directory"),
    ],
    ids=["key", "bearer", "pem", "home"],
)
def test_a_leak_would_be_found(leak: str, what: str):
    assert what in _findings(f"before {leak} after")
