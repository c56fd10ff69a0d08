"""The bin on several devices: a line that one person deletes can be brought back by another."""

from __future__ import annotations

from pathlib import Path

from store.commands.bin import restore_binned
from store.queries.bin import bin_entries
from tests.sync.central_fixture import Central as Office
from tests.sync.laptops import agree, bureau, project, visit


def test_what_one_deletes_another_brings_back(tmp_path: Path, at: Office) -> None:
    """A deleted visit is in the bin of every device that has it; restored by another it is there again for all."""
    one, other = bureau(tmp_path / "a", at), bureau(tmp_path / "b", at, "李局")
    logged = visit(one, project(one))
    for laptop in (one, other):
        laptop.sync()
    with one.open() as device:
        device.ledger.delete("visit", logged.id)
    for laptop in (one, other):
        laptop.sync()
    with other.open() as device:
        [entry] = bin_entries(device.ledger.database.connection())
        assert (entry.line, entry.what, entry.author) == (logged.id, "deleted", "张局")
        restore_binned(device.ledger, [entry])
    for laptop in (other, one):
        laptop.sync()
        assert not laptop.lines()[logged.id].deleted
    agree(one)
    with one.open() as device:
        assert bin_entries(device.ledger.database.connection()) == []
