"""Tests of the core client."""
