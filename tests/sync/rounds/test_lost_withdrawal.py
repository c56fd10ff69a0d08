"""A withdrawal that a laptop never receives: the central was restored from an older copy, and its numbers went on."""

from __future__ import annotations

from pathlib import Path

from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.db.tables import SCOPE_EVENT
from tests.sync.central_fixture import Central
from tests.sync.laptops import Laptop, bureau, project, visit


def test_lines_out_of_scope_leave_even_where_the_withdrawal_was_lost(tmp_path: Path, at: Central) -> None:
    """The comparison finds them; they leave, are not sent back, and the round ends verified."""
    office = bureau(tmp_path / "office", at)
    own = project(office)
    visit(office, own)
    office.sync()
    butler = Laptop(tmp_path / "butler").join(at, at.invite("刘丁", "butler", projects=[own.id]))
    assert butler.sync().pulled == 5  # with what makes both officers what they are
    admin.withdraw(at.data_dir, "刘丁", "butler", projects=[own.id])
    database = open_database(at.data_dir)
    with database.write() as connection:
        connection.execute(SCOPE_EVENT.delete())
    database.close()
    result = butler.sync()
    assert (result.verified, result.pushed, result.pending, result.rejected) == (True, 0, 0, 0)
    assert butler.lines() == {}
