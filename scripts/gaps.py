"""Run tests/gaps against the official langchain-openrouter and against this project, and compare.

A gap test has to pass here; on the official package it has to fail in its own body, in the way that the
test names, or to pass where the test says that nothing is lost. Both runs use one environment, made once
under .venvs, in which only the package that is imported as `langchain_openrouter` differs. Ends with 1
when one expectation does not hold, with 3 when the environment cannot be made.

    python scripts/gaps.py                     the table
    python scripts/gaps.py --write             and docs/gaps.md from it
    python scripts/gaps.py --official 0.3.0    another version: which losses are still there?
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.bootstrap import dependency_group  # noqa: E402  # path first
from scripts.side_environment import (  # noqa: E402  # path first
    NOT_INSTALLED,
    NotInstalledError,
    clean_environment,
    python_with,
)

DOCUMENT = ROOT / "docs" / "gaps.md"
SUBJECTS = {"ours": ". shared", "official": ""}
"""Subject -> what stands before the installed packages on its path."""
LAST_ROW = 55
LEFT_OUT = {46: "it is about blocks that only LlamaIndex has, `CitableBlock` and `CitationBlock`"}
"""Rows of docs/gaps.md without a gap test, and why."""
_MEASURED = "0.2.9"
_TOOLS = ("pytest", "pytest-asyncio", "pytest-timeout")
_INSTALL_S = 300
_TESTS_S = 600


class NotRunError(Exception):
    """The tests did not run, so they say nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one test ended with one subject."""

    row: int
    what: str
    expected: str
    """A pattern of the failure on the official package; empty where it passes."""
    how: str
    """"passed", "failure" (in the body of the test), "error" (outside of it) or "skipped"."""
    message: str = ""

    def holds(self, subject: str) -> bool:
        """Whether it ended as it was claimed to."""
        if subject == "ours" or not self.expected:
            return self.how == "passed"
        return self.how == "failure" and re.search(self.expected, self.message) is not None


@dataclass(frozen=True, slots=True)
class Line:
    """One expectation: its tests with both subjects."""

    row: int
    what: str
    ours: list[Outcome]
    official: list[Outcome]

    @property
    def holds(self) -> bool:
        counted = len(self.ours) == len(self.official)
        claims = [o.holds("ours") for o in self.ours] + [o.holds("official") for o in self.official]
        return counted and all(claims)

    @property
    def lost(self) -> bool:
        """Whether the official package loses something here."""
        return any(o.how != "passed" for o in self.official)

    @property
    def reason(self) -> str:
        """How the official package's tests failed first, in one line."""
        messages = [o.message for o in self.official if o.how != "passed"]
        first = messages[0].splitlines()[0].removeprefix("AssertionError: ") if messages else ""
        first = re.sub(r"^(?:\w+\.)+(?=\w+: )", "", first)  # the class without its module
        return first if len(first) <= 100 else f"{first[:97]}..."


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both subjects and say whether every claim holds."""
    args = _parser().parse_args(arguments)
    try:
        python = prepare(args.official)
        runs = {subject: run(subject, python) for subject in SUBJECTS}
    except (NotInstalledError, NotRunError) as error:
        print(error)
        return NOT_INSTALLED if isinstance(error, NotInstalledError) else 1
    lines = list(joined(runs["ours"][1], runs["official"][1]))
    names = {subject: name for subject, (name, _) in runs.items()}
    print(table(lines, names))
    print(summary(lines))
    wrong = wrongs(lines)
    print("\n".join(wrong) or "Every claim holds.")
    if args.write and not wrong:
        DOCUMENT.write_text(document(lines, names), encoding="utf-8")
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--official", default=_MEASURED, help="the version of langchain-openrouter")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT.name} if all holds")
    return parser


# ---------------------------------------------------------------- the environment


def prepare(official: str) -> Path:
    """Return the Python of the environment for both subjects.

    Raises:
        NotInstalledError: The packages cannot be fetched.
    """
    python = python_with("gaps-langchain", _requirements(official), within_s=_INSTALL_S)
    _append_to_path(python)
    return python


def _requirements(official: str) -> list[str]:
    """The official package, what our packages need, and the tools; LangChain as in this environment."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    tools = [r for r in dependency_group("test") if re.split(r"[<>=\[ ]", r)[0] in _TOOLS]
    try:
        framework = [f"{name}=={version(name)}" for name in ("langchain", "langchain-core")]
    except PackageNotFoundError as error:
        raise NotInstalledError(f"{error.name} is not installed here. Run `make gaps`.") from None
    ours = [*project["dependencies"], *extras["emulator"]]
    return [f"langchain-openrouter=={official}", *framework, *ours, *tools]


def _append_to_path(python: Path) -> None:
    """Let tests and emulator be found, but after what is installed: the official package comes first."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    path = Path(found.stdout.strip()) / "gaps.pth"
    path.write_text(f"{ROOT}\n{ROOT / 'shared'}\n", encoding="utf-8")


# ---------------------------------------------------------------- the tests


def run(subject: str, python: Path) -> tuple[str, list[Outcome]]:
    """Run the gap tests against one subject; return its name with version, and the outcomes.

    Raises:
        NotRunError: pytest did not come to its end, or could not import a test.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            _command(subject, python, report),
            cwd=ROOT,
            env={
                **clean_environment("LANGSMITH_", "LANGCHAIN_", "PYTEST_"),
                "GAPS_SUBJECT": subject,
            },
            capture_output=True,
            text=True,
            timeout=_TESTS_S,
            check=False,
        )
        if done.returncode not in (0, 1) or not report.is_file():
            raise NotRunError(f"The tests did not run with {subject}:\n{done.stdout[-3000:]}")
        return _read(ET.parse(report).getroot())  # noqa: S314  # pytest's own report


def _command(subject: str, python: Path, report: Path) -> list[str]:
    return [
        *(str(python), "-P", "-m", "pytest", "tests/gaps", "--quiet", "--tb=short"),
        "--ignore=tests/gaps/test_table.py",  # about this script, not about a package
        *("-p", "openrouter_emulator.pytest_plugin", "-p", "no:cacheprovider"),
        *("-o", f"pythonpath={SUBJECTS[subject]}"),
        *("-o", "filterwarnings=ignore"),  # a warning of somebody else's is no loss
        f"--junitxml={report}",
    ]


def _read(report: ET.Element) -> tuple[str, list[Outcome]]:
    names = [p.get("value", "") for p in report.iter("property") if p.get("name") == "subject"]
    return names[0] if names else "", [read_outcome(case) for case in report.iter("testcase")]


def read_outcome(case: ET.Element) -> Outcome:
    """Read one test of a JUnit report, in which a failure outside a test's body is an error."""
    properties = {p.get("name"): p.get("value", "") for p in case.iter("property")}
    ends = [c for c in case if c.tag in {"error", "skipped", "failure"}]
    end = min(ends, key=lambda c: c.tag, default=None)  # an error counts before a failure
    return Outcome(
        row=int(properties.get("row", 0)),
        what=properties.get("what", case.get("name", "")),
        expected=properties.get("official", ""),
        how="passed" if end is None else end.tag,
        message="" if end is None else end.get("message", ""),
    )


# ---------------------------------------------------------------- what came out


def joined(ours: list[Outcome], official: list[Outcome]) -> Iterator[Line]:
    """One line an expectation, in the order of the rows."""
    entries = sorted(
        [(o.row, o.what, "ours", o) for o in ours]
        + [(o.row, o.what, "official", o) for o in official],
        key=lambda entry: entry[:3],
    )
    for (row, what), group in groupby(entries, key=lambda entry: entry[:2]):
        by: dict[str, list[Outcome]] = {"ours": [], "official": []}
        for _, _, subject, outcome in group:
            by[subject].append(outcome)
        yield Line(row, what, by["ours"], by["official"])


def table(lines: Sequence[Line], names: dict[str, str]) -> str:
    """Every expectation with both subjects."""
    head = f"{'row':>3}  {'what':<62} {'ours':>7}  official\n"
    shown = [
        f"{line.row:>3}  {line.what:<62} {_passed(line.ours):>7}  {_official(line)}"
        + ("" if line.holds else "   <-- NOT AS CLAIMED")
        for line in lines
    ]
    return f"ours: {names['ours']}, official: {names['official']}\n{head}" + "\n".join(shown)


def _passed(outcomes: list[Outcome]) -> str:
    return f"{sum(o.how == 'passed' for o in outcomes)}/{len(outcomes)}"


def _official(line: Line) -> str:
    return f"{_passed(line.official)} {line.reason}".strip()


def summary(lines: Sequence[Line]) -> str:
    """How many tests and rows there are."""
    lost = {line.row for line in lines if line.lost}
    kept = {line.row for line in lines} - lost - {0}
    partly = {line.row for line in lines if not line.lost} & lost
    passed = {s: sum(o.how == "passed" for ln in lines for o in getattr(ln, s)) for s in SUBJECTS}
    tests = sum(len(line.ours) for line in lines)
    return "\n".join(
        [
            f"{tests} tests: ours passes {passed['ours']}, official passes {passed['official']}.",
            f"{len(lost)} rows lose something on the official package: {_listed(lost)}.",
            f"Of these, {_listed(partly)} lose only a part. {len(kept)} lose nothing: {_listed(kept)}.",
            *(f"Row {row} is left out: {why}." for row, why in LEFT_OUT.items()),
        ]
    )


def _listed(rows: set[int]) -> str:
    return ", ".join(map(str, sorted(rows)))


def wrongs(lines: Sequence[Line]) -> list[str]:
    """A sentence for every claim that does not hold, and for every row without a test."""
    untested = {*range(1, LAST_ROW + 1)} - {line.row for line in lines} - LEFT_OUT.keys()
    found = [f"NOT AS CLAIMED: row {row} has no test" for row in sorted(untested)]
    for line in lines:
        if len(line.ours) != len(line.official):
            found.append(
                f"NOT AS CLAIMED: row {line.row}, {line.what}: not the same tests ran twice"
            )
        for subject, outcomes in (("ours", line.ours), ("official", line.official)):
            found += [
                f"NOT AS CLAIMED: row {line.row}, {line.what}, {subject}: {o.how} {o.message[:300]!r}"
                for o in outcomes
                if not o.holds(subject)
            ]
    return found


def document(lines: Sequence[Line], names: dict[str, str]) -> str:
    """The table as a page for users."""
    framework = ", ".join(f"{name} {version(name)}" for name in ("langchain", "langchain-core"))
    shown = "\n".join(
        f"| {line.row} | {line.what} | {_result(line)} |" for line in lines if line.row
    )
    return _PAGE.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        ours=names["ours"],
        official=names["official"],
        framework=framework,
        tests=sum(len(line.official) for line in lines),
        left_out=" ".join(f"Row {row} is missing: {why}." for row, why in LEFT_OUT.items()),
        rows=shown,
    )


def _result(line: Line) -> str:
    if not line.lost:
        return "works too"
    return "**lost**: " + line.reason.replace("|", "\\|").replace("<", "&lt;")


_PAGE = """\
# What changes when you replace langchain-openrouter

Both packages are imported as `langchain_openrouter` and take the same arguments; what little a program has
to change for that is said under
[From langchain-openrouter](migrating/langchain-openrouter.md). What it gets changes
more. Every line below is one or more tests in `tests/gaps` that talk to a local OpenRouter over a socket
and look for a thing under any name; all of them pass here. The last column says how the same tests ended
with the official package.

Measured on {date}: {ours} and {official},
with {framework}; {tests} tests each.
Repeat it with `make gaps`; `python scripts/gaps.py --official VERSION` measures another version.

| Row | What you expect | With the official package |
|---|---|---|
{rows}

What follows **lost** is the first line of the first failing test, as it was printed.
{left_out}
Row 53 says nothing about OpenRouter's own SDK, on which the official package stands: that has these
endpoints, but not as components that LangChain can use.
"""


if __name__ == "__main__":
    sys.exit(main())
