"""Cassettes for the tests marked `vcr`: cassettes/langchain/<module>/<test>.yaml."""

from __future__ import annotations

from tests.playing import (
    default_cassette_name,
    from_cassette,
    pytest_recording_configure,
    vcr_cassette_dir,
    vcr_config,
)

__all__ = [
    "default_cassette_name",
    "from_cassette",
    "pytest_recording_configure",
    "vcr_cassette_dir",
    "vcr_config",
]
