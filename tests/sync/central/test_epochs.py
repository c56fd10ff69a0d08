"""Epochs: a central that was set back notices it by its devices’ cursors, or is told so by whoever restored it."""

from __future__ import annotations

from typing import Any

from sync.central.admin.setup import open_database
from sync.central.db.commit_order import lock_district
from sync.central.db.tables import EpochRow
from sync.central.epochs import RESTORED, SET_BACK, begin_epoch, common_seq, epochs
from tests.sync.central.ledger import ids, project, visit
from tests.sync.central_fixture import DISTRICT, Central, Laptop


def begin(central: Central) -> str:
    """Begin an epoch, as restoring a backup does."""
    database = open_database(central.data_dir)
    with database.write() as connection:
        counter = lock_district(connection, DISTRICT, 0)
        assert counter is not None
        begun = begin_epoch(connection, counter, RESTORED)
        counter.save(connection)
    database.close()
    return begun


def known(central: Central) -> list[EpochRow]:
    """The epochs of the district."""
    database = open_database(central.data_dir)
    with database.read() as connection:
        rows = epochs(connection, DISTRICT)
    database.close()
    return rows


def told(laptop: Laptop) -> Any:
    """The epoch that a hello answers."""
    return laptop.hello()["epoch"]


def test_a_new_epoch_is_told_and_cursors_go_on_from_where_it_began(central: Central) -> None:
    """A restored central tells everybody its new epoch. A device that had read everything reads on from there: it gets
    what came since, and nothing a second time."""
    office, other = central.enrol("局长"), central.enrol("副局长")
    own = project(office)
    office.push([own])
    other.pull_all()
    before = told(other)
    assert told(other) == before
    after = begin(central)
    assert told(other) == told(office) == after != before
    seen = visit(office, own.id)
    office.push([seen])
    assert ids(other.pull()) == [seen.id]
    assert [row.cause for row in known(central)] == ["created", RESTORED]


def test_common_seq_is_where_the_paths_part() -> None:
    """Numbers count as the same up to the earliest beginning of a later epoch; an epoch that was lost has none."""
    rows = [EpochRow("d", n, f"{n}-x", seq, 0, 0, SET_BACK, None) for n, seq in ((1, 0), (2, 100), (3, 80), (4, 90))]
    assert [common_seq(rows, f"{n}-x", 120) for n in (1, 2, 3, 4)] == [80, 80, 90, 120]
    assert common_seq(rows, "", 120) == 80
    assert common_seq(rows, "2-y", 120) is None
