"""From the notice to the program and back: what each requirement asks, by which command and screen it is met, and which
tests prove it.

    python -m tests.traceability     print the README's table

``requirements.tsv`` beside this file lists them; tests name theirs by ``@pytest.mark.proves("R01", …)``. A marker alone
proves nothing: `ProofCollector` fails a whole run in which a requirement has no test that ran and passed.
"""

from __future__ import annotations

import ast
import csv
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent


class Requirement(NamedTuple):
    """One line of the notice's requirements; ``screen`` is a name of ``tui/app/app.py``'s screens."""

    id: str
    requirement: str
    command: str
    screen: str


def requirements() -> list[Requirement]:
    """All of them, in order."""
    with (HERE / "requirements.tsv").open(encoding="utf-8", newline="") as file:
        return [Requirement(**row) for row in csv.DictReader(file, delimiter="\t")]


def marked() -> dict[str, list[str]]:
    """The tests that claim each requirement, ``file::test``, as their markers say. Read from the source."""
    tests: dict[str, list[str]] = defaultdict(list)
    for path in sorted(HERE.rglob("test_*.py")):
        for test in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(test, ast.FunctionDef):
                for requirement in _markers_of(test):
                    tests[requirement].append(f"{path.relative_to(HERE)}::{test.name}")
    return tests


def _markers_of(test: ast.FunctionDef) -> Iterator[str]:
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.proves":
            yield from (str(ast.literal_eval(argument)) for argument in mark.args)


class ProofCollector:
    """Which requirements were proved in this run by a test that passed. A pytest plugin of the process that reports:
    xdist's controller, where there are workers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._proved: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what a passed test proves; its markers travel with the report (``note_markers``)."""
        if report.when == "call" and report.passed:
            self._proved.update(str(value) for name, value in report.user_properties if name == "proves")

    def unproved(self) -> list[str]:
        """The requirements without a passed test, in order."""
        return [requirement.id for requirement in requirements() if requirement.id not in self._proved]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run of all tests that leaves a requirement unproved. A part of the tests is judged by itself."""
        if is_whole_run(self._config) and session.exitstatus == pytest.ExitCode.OK and self.unproved():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name what is unproved."""
        if is_whole_run(self._config) and (missing := self.unproved()):
            terminalreporter.section("requirements that no passed test proves")
            terminalreporter.write_line(" ".join(missing))


def is_whole_run(config: pytest.Config) -> bool:
    """Whether all tests were to run: nothing picked by path, ``-k``, ``-m``, ``--lf`` or ``make soak``."""
    options = config.option
    if os.environ.get("TESTS_SOAK"):
        return False
    picked = options.keyword or options.markexpr or getattr(options, "lf", False) or getattr(options, "deselect", None)
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not picked and not options.collectonly


def note_markers(item: pytest.Item) -> None:
    """Let a test's requirements travel with its reports."""
    item.user_properties.extend(("proves", name) for mark in item.iter_markers("proves") for name in mark.args)


def table() -> str:
    """The README's table: requirement, command, screen."""
    rows = [f"| {r.id} | {r.requirement} | `{r.command}` | {r.screen} |" for r in requirements()]
    return "\n".join(("| | requirement | command | screen |", "|---|---|---|---|", *rows))


if __name__ == "__main__":
    print(table())
