"""The tables that management handlers keep their records in, and the registry of handlers."""

from __future__ import annotations

import pytest

from openrouter_core._call import Route
from openrouter_emulator.api_error import ApiError
from openrouter_emulator.handlers._paging import offset_page
from openrouter_emulator.registry import bound, handles
from openrouter_emulator.state.table import Table


def test_a_record_is_added_found_changed_and_removed():
    table = Table("Thing")
    id = table.add({"name": "a"})["id"]

    assert table.get(id)["name"] == "a"
    assert table.change(id, {"name": "b"})["name"] == "b"
    assert (len(table), id in table) == (1, True)
    table.remove(id)
    assert table.rows() == []


@pytest.mark.parametrize("act", ["get", "remove"])
def test_an_unknown_record_is_404(act):
    with pytest.raises(ApiError, match="Thing not found") as caught:
        getattr(Table("Thing"), act)("no")

    assert caught.value.status == 404


def test_rows_keep_their_order_and_can_be_filtered():
    table = Table("Thing", id_field="slug")
    for slug in "abc":
        table.add({"slug": slug})

    assert [r["slug"] for r in table.rows()] == ["a", "b", "c"]
    assert table.rows(lambda r: r["slug"] > "a") == [{"slug": "b"}, {"slug": "c"}]


def test_a_page_has_the_total():
    rows = [{"n": n} for n in range(5)]
    page = offset_page(rows, {"offset": "3", "limit": "2"})

    assert page == {"data": rows[3:5], "total_count": 5}


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"offset": "-1"}, {"limit": "a"}]
)
def test_a_page_out_of_range_is_400(query):
    with pytest.raises(ApiError) as caught:
        offset_page([], query)

    assert caught.value.status == 400


def test_a_route_is_answered_once():
    taken = next(b.route for b in bound() if b.route.path == "/credits") if bound() else None
    route = taken or Route("GET", "/test-only", "testOnly")
    if taken is None:
        handles(route)(lambda ask: {})

    with pytest.raises(ValueError, match="handled twice"):
        handles(route)(lambda ask: {})
