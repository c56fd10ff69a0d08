"""What a meeting brought is marked where it matters, as long as it does, and can be put aside."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from store.domain.limits import read_limits
from store.domain.status_lights import light_thresholds
from store.queries.bin import bin_entries
from store.queries.projects import projects
from store.queries.visits import visit as visit_row
from tests.sync.central_fixture import Central
from tests.sync.laptops import Laptop, agree, project_of, visit
from tests.sync.rounds.test_carried import edit
from tests.sync.rounds.test_meeting import meet_all, provisional


def test_what_is_put_aside_is_in_the_bin_and_no_meeting_brings_it_again(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """A provisional version that nobody wants to see is put aside: it can be restored from the bin, does not come back
    with the next meeting, and what the central accepts comes as ever."""
    first, second = pair
    agree(first, second)
    seen = visit(first, project_of(first))
    meet_all(tmp_path / "room", first, second)
    with second.open() as device:
        assert device.ledger.drop_provisional([(seen.id, seen.device)]) == 1
        found = bin_entries(device.ledger.database.connection())
    assert [(each.line, each.what) for each in found] == [(seen.id, "rejected")]
    meet_all(tmp_path / "again", first, second)
    assert provisional(second) == []
    agree(first, second)
    assert second.lines()[seen.id].body == seen.body


def test_an_own_later_edit_takes_the_place_of_a_provisional_version(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """Records are marked as long as something about them waits, and no longer: once the line is edited here the
    colleague's earlier version says nothing new, and is gone with the same transaction."""
    first, second = pair
    of = project_of(first)
    seen = visit(first, of)
    agree(first, second)
    edit(first, seen, "甲改的")
    meet_all(tmp_path / "room", first, second)

    def marks() -> tuple[int, list[int]]:
        with second.open() as device:
            connection = device.ledger.database.connection()
            thresholds = light_thresholds(date(2026, 11, 30), read_limits(connection))
            listed = [each.provisional for each in projects(connection, thresholds) if each.id == of.id]
            shown = visit_row(connection, seen.id)
            assert shown is not None
            return shown.provisional, listed

    assert marks() == (1, [1])
    edit(second, seen, "乙改的")
    assert marks() == (0, [0])
    assert second.rows("SELECT * FROM provisional") == []
