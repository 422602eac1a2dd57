"""Which `Host` headers a page for this machine answers."""

from __future__ import annotations

import pytest

from openrouter_core._http.loopback import is_loopback


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:8642", True),
        ("127.8.9.1:1", True),
        ("localhost", True),
        ("LOCALHOST:8642", True),
        ("[::1]:8642", True),
        ("evil.example", False),
        ("evil.example:8642", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("evil.example@127.0.0.1:x", False),
        ("192.168.0.7", False),
        ("0.0.0.0", False),  # noqa: S104  # nothing is bound
        ("[::ffff:8.8.8.8]", False),
        ("", False),
        ("127.0.0.1:port", False),
        ("[", False),
        ("127.9.9.9", True),
        ("127.0.0.1:1", True),
        ("localhost:80", True),
        ("[::1]:5", True),
        ("a.example", False),
        ("127.0.0.1.example", False),
        ("localhost.example", False),
        ("10.0.0.1", False),
    ],
)
def test_only_names_of_this_machine_are_loopback(host, expected):
    assert is_loopback(host) is expected
