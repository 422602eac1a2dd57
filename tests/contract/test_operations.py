"""Every operation of the API has a declared endpoint, with its path, parameters and body fields."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from openrouter_core._call import Route

from . import samples, spec
from .covered import ABSENT, GAPS, is_known, lacking, path_shape
from .declared import by_operation, declared
from .spec import Operation

HERE = Path(__file__).parent
OPERATIONS = [(operation.id, operation.method, operation.path) for operation in spec.pinned()]


def test_all_140_operations_are_declared():
    have = by_operation()

    missing = [name for name, _, _ in OPERATIONS if name not in have]

    assert len(OPERATIONS) == 140
    assert missing == []


def test_nothing_is_declared_that_the_api_does_not_have():
    known = {name for name, _, _ in OPERATIONS}

    assert [one for one in declared() if one.route.operation not in known] == []


@pytest.mark.parametrize(("operation", "method", "path"), OPERATIONS, ids=str)
def test_an_operation_has_its_method_and_path(operation: str, method: str, path: str):
    for one in by_operation()[operation]:
        assert (one.route.method, path_shape(one.route.path)) == (method, path_shape(path))


def test_every_path_parameter_is_filled():
    """A placeholder without a value would be a KeyError at the user's call."""
    for one in (one for one in declared() if "{" in one.route.path):
        bound = one.endpoint.describe.__get__(one.owner(None))
        described = samples.call(one, bound, samples.arguments(one))
        wanted = set(re.findall(r"\{(\w+)\}", one.route.path))
        assert set(described.path) == wanted, one


SERVERS = {"https://openrouter.ai/api/v1": "v1", "https://openrouter.ai": "root"}


def test_an_operation_is_at_the_server_of_the_newest_document(
    newer_operations: dict[str, Operation],
):
    """Batches were below /api/beta until September 2026."""
    elsewhere = {
        one.name: one.route.base
        for id, operation in newer_operations.items()
        for one in by_operation()[id]
        if one.route.base != SERVERS[operation.server]
    }

    assert elsewhere == {}


def test_the_decisions_call_is_at_the_root_of_the_host():
    (one,) = by_operation()["createApiAlphaDecisions"]

    assert one.route.base == "root"


def test_what_creates_is_never_sent_twice_by_a_retry():
    """A retry after a 500 that did its work would make a second one, or end in a 409."""
    computed = {"createApiAlphaDecisions", "createSystemone"}  # answers, nothing that stays
    careless = [
        one.name
        for one in declared()
        if one.route.operation.startswith(("create", "upload", "exchange", "promote"))
        and not one.route.is_billed
        and one.route.operation not in computed
        and not one.route.creates
    ]

    assert careless == []


def _unexplained(operations: dict[str, Operation]) -> list[str]:
    return [
        f"{operation.id}: {what}"
        for operation in operations.values()
        for what in lacking(operation)
        if not is_known(operation.id, what)
    ]


def test_every_parameter_and_body_field_of_the_newer_document_can_be_given(
    newer_operations: dict[str, Operation],
):
    assert _unexplained(newer_operations) == []


def test_every_parameter_and_body_field_of_the_older_document_can_be_given(
    older_operations: dict[str, Operation],
):
    assert _unexplained(older_operations) == []


def test_no_known_gap_has_been_closed(
    newer_operations: dict[str, Operation], older_operations: dict[str, Operation]
):
    found = [
        (operation.id, what)
        for operation in (*newer_operations.values(), *older_operations.values())
        for what in lacking(operation)
    ]

    stale = [
        gap
        for gap in GAPS
        if not any(
            re.fullmatch(gap["operation"], name) and re.fullmatch(gap["what"], what)
            for name, what in found
        )
    ]

    assert stale == []


def test_the_list_of_operations_is_that_of_the_documents(
    newer_operations: dict[str, Operation], older_operations: dict[str, Operation]
):
    named = {*newer_operations, *older_operations, "createCompletions"}

    assert {name for name, _, _ in OPERATIONS} == named


def test_every_known_gap_has_a_reason():
    assert all(len(gap["reason"]) > 20 for gap in (*GAPS, *ABSENT))


def test_a_route_is_plain_data():
    assert all(isinstance(one.route, Route) for one in declared())


def test_importing_the_package_loads_no_resource():
    """What is not used costs nothing: a resource's module is imported with its attribute."""
    code = (
        "import sys, openrouter_core; client = openrouter_core.OpenRouterClient('k'); client.keys; "
        "print(*[m for m in sys.modules if m.startswith('openrouter_core.resources.') and '._' not in m])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HERE.parents[1] / "shared",
        capture_output=True,
        text=True,
        check=True,
    )
    shown = done.stdout.split()

    assert "openrouter_core.resources.keys" in shown
    assert [name for name in shown if name.rpartition(".")[2] not in ("keys", "_calls")] == []
