"""Withdrawals and a central that was restored from an older copy: one that a laptop never receives, since the numbers
went on, and one of what the central had forgotten when it was written."""

from __future__ import annotations

from pathlib import Path

from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.db.tables import SCOPE_EVENT
from tests.sync.central_fixture import Central
from tests.sync.laptops import Laptop, bureau, project, visit
from tests.sync.rounds.test_healing import Office


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


def test_a_role_withdrawn_after_a_set_back_stays_withdrawn(tmp_path: Path) -> None:
    """The central has forgotten a grant, gives it once more, and withdraws it. When a laptop brings the forgotten line
    back, it is ended too: nobody regains by healing what was taken from them."""
    office = Office(tmp_path)
    folder, role = office.data_dir, ("刘丁", "butler")
    with office.serving():
        one = bureau(tmp_path / "one", office)
        own, other = project(one), project(one, "2")
        office.sync(one)
        butler = Laptop(tmp_path / "butler").join(office, office.invite(*role, projects=[own.id, other.id]))
        admin.withdraw(folder, *role, projects=[own.id])
        office.sync(one, butler)
    office.copy()
    with office.serving():
        admin.grant(folder, *role, projects=[own.id])
        office.sync(one, butler)
        assert own.id in butler.lines()
    office.put_back()
    with office.serving():
        admin.grant(folder, *role, projects=[own.id])
        admin.withdraw(folder, *role, projects=[own.id])
        office.sync(one, butler, one, butler)
        assert own.id not in butler.lines() and other.id in butler.lines()
        admin.grant(folder, *role, projects=[own.id])
        office.sync(one, butler)
        assert own.id in butler.lines()
