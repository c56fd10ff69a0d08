"""Every requirement of the notice is proven by a test, met by a command and a screen, and told in the README."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click
import pytest

from tests.traceability import ProofCollector, marked, requirements, table
from tui.app.navigation import SCREENS
from tui.cli.root import guanjia

When = Literal["setup", "call", "teardown"]
Outcome = Literal["passed", "failed", "skipped"]
README = Path(__file__).parent.parent / "README.md"


def test_every_requirement_is_claimed_by_a_test() -> None:
    """R01 to R59 are all there, each has a test that is marked for it, and no test is marked for anything else."""
    wanted = [requirement.id for requirement in requirements()]
    assert wanted == [f"R{n:02}" for n in range(1, 60)]
    assert sorted(set(wanted) - marked().keys()) == []
    assert sorted(marked().keys() - set(wanted)) == []


@pytest.mark.parametrize(("when", "outcome"), [("call", "failed"), ("call", "skipped"), ("setup", "passed")])
def test_a_marker_alone_proves_nothing(pytestconfig: pytest.Config, when: When, outcome: Outcome) -> None:
    """A requirement is proved by a test that passed; not by one that failed, was skipped, or only had its fixtures."""
    collector = ProofCollector(pytestconfig)
    collector.pytest_runtest_logreport(_report("R02", "call", "passed"))
    collector.pytest_runtest_logreport(_report("R01", when, outcome))
    assert "R01" in collector.unproved()
    assert "R02" not in collector.unproved()


def _report(requirement: str, when: When, outcome: Outcome) -> pytest.TestReport:
    return pytest.TestReport(
        "a::test", ("a", 1, "test"), {}, outcome, None, when, user_properties=[("proves", requirement)]
    )  # fmt: skip


def test_every_requirement_has_its_command_and_screen() -> None:
    """The commands and screens that the table names exist."""
    for requirement in requirements():
        command: click.Command | None = guanjia
        for word in requirement.command.split():
            assert isinstance(command, click.Group)
            command = command.get_command(click.Context(command), word)
        assert command is not None, requirement.command
        assert requirement.screen in SCREENS, requirement.screen


def test_the_readme_has_the_table() -> None:
    """The README tells for each requirement by what it is met, as the table has it."""
    assert table() in README.read_text(encoding="utf-8")
