"""Every requirement of the notice is proven by a test, met by a command and a screen, and told in the README."""

from __future__ import annotations

from pathlib import Path

import click

from tests.traceability import proofs, requirements, table
from tui.app.navigation import SCREENS
from tui.cli.root import guanjia

README = Path(__file__).parent.parent / "README.md"


def test_every_requirement_is_proven() -> None:
    """R01 to R59 are all there, each has a test that is marked for it, and no test is marked for anything else."""
    wanted = [requirement.id for requirement in requirements()]
    assert wanted == [f"R{n:02}" for n in range(1, 60)]
    found = proofs()
    assert sorted(set(wanted) - found.keys()) == []
    assert sorted(found.keys() - set(wanted)) == []


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
