"""The home that a command works on: what a failing disk means for what the command has saved."""

from __future__ import annotations

from contextlib import closing

import pytest

from store.db.connection import connect
from store.db.migrations.run import upgrade
from store.exceptions import DiskFull, SavedThenFailed
from tests.tui.cli.conftest import CommandLine
from tui.cli.session import write_session


def test_a_disk_that_fails_after_a_change_says_that_it_was_saved(lone: CommandLine) -> None:
    """Who is told of a full disk after the commit is told that the change is there, and enters it once."""
    with pytest.raises(SavedThenFailed), write_session(lone.home) as (_session, ledger):
        ledger.put("project", {"name": "甲", "number": "续1", "category": "continuing"})
        raise DiskFull()
    assert len(lone.json("project", "list")) == 1


def test_an_upgrade_while_opening_is_no_change_of_the_command(lone: CommandLine) -> None:
    """A change that failed is called failed, also where the command had upgraded the ledger before."""
    key = bytes.fromhex((lone.home / "credentials" / "key").read_text().strip())
    for file in lone.home.glob("ledger.*"):
        file.unlink()
    with closing(connect(lone.home / "ledger.db", key)) as connection:
        upgrade(connection, "0007")
    with pytest.raises(DiskFull), write_session(lone.home):
        raise DiskFull()
