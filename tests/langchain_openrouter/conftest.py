"""Cassettes for the tests marked `vcr`: cassettes/langchain/<module>/<test>.yaml."""

from __future__ import annotations

from tests.cassette_fixtures import *  # noqa: F403  # its fixtures
