"""The catalogue of server tools, and the other spellings of their names."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("web_search_preview", "openrouter:web_search"),
        ("web_search_20260209", "openrouter:web_search"),
        ("advisor_20260301", "openrouter:advisor"),
        ("tool_search", "openrouter:tool_search"),
    ],
)
def test_an_alias_is_redirected_to_the_name(wire: Any, alias: str, name: str):
    answer = wire.get(f"/tools/{alias}")

    assert answer.status_code == 308
    assert answer.headers["location"] == f"/api/v1/tools/{name}"
    assert wire.get(f"/tools/{name}").json()["data"]["id"] == name


def test_every_alias_of_the_list_is_known(wire: Any):
    listed = wire.get("/tools").json()["data"]

    for tool in listed:
        for alias in tool["aliases"]:
            expected = 200 if alias["type"] == tool["id"] else 308
            assert wire.get(f"/tools/{alias['type']}").status_code == expected


def test_the_list_is_that_of_one_form_of_the_api(wire: Any):
    def names(form: str) -> set[str]:
        data = wire.get("/tools", api_format=form).json()["data"]
        return {tool["name"] for tool in data}

    assert "bash" in names("anthropic-messages") - names("chat-completions")
    assert "apply_patch" in names("responses") - names("anthropic-messages")


def test_unknown_names_are_404(wire: Any):
    assert wire.get("/tools/openrouter:nothing").status_code == 404
