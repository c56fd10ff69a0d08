"""The check of the log of what was taken in: it finds what was changed past the central, and calls nothing else so."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.backup.create import create_backup
from sync.central.backup.restore import restore_backup
from sync.central.db.intake_log import begin_logs
from sync.central.intake_check import IntakeReport
from tests.sync.central.ledger import project, visit
from tests.sync.central_fixture import Central

CHANGED = "UPDATE line SET wire = replace(wire, '基础', '别的') WHERE kind = 'visit'"
REMOVED = "DELETE FROM line WHERE kind = 'visit'"
ADDED = "UPDATE line SET seq = seq + 1000 WHERE kind = 'visit'"
BROKEN = "UPDATE intake SET at = at + 1 WHERE n = 1"
CUT = "DELETE FROM intake WHERE n = 1"


def tamper(at: Central, statement: str) -> None:
    """Do what only somebody past the central can, who first got rid of the triggers."""
    database = open_database(at.data_dir)
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        else:
            connection.exec_driver_sql("DROP TRIGGER line_no_delete")
        connection.execute(text(statement))
    database.close()


@pytest.mark.proves("R50")
@pytest.mark.parametrize(
    ("statement", "what"),
    [(CHANGED, "changed"), (REMOVED, "missing"), (ADDED, "strange"), (BROKEN, "broken"), (CUT, "broken")],
    ids=["changed", "removed", "added", "entry changed", "entry removed"],
)
def test_what_was_changed_past_the_central_is_found(central: Central, statement: str, what: str) -> None:
    """A check names versions whose texts are not those that were taken in, are gone or were added, and entries of the
    log that are not what they were; before that it finds nothing."""
    boss = central.enrol("局长")
    own = project(boss)
    boss.push([own])
    boss.push([visit(boss, own.id)])
    assert admin.check_log(central.data_dir).holds
    tamper(central, statement)
    report = admin.check_log(central.data_dir)
    assert getattr(report, what) and not report.holds


@pytest.mark.proves("R50")
def test_a_backup_carries_the_log(central: Central, tmp_path: Path) -> None:
    """A central made from a backup has the log of then, which holds, and goes on with it in another epoch."""
    boss = central.enrol("局长")
    own = project(boss)
    boss.push([own])
    before = admin.check_log(central.data_dir)
    create_backup(central.data_dir, tmp_path / "copy.gjc")
    boss.push([visit(boss, own.id)])
    restore_backup(tmp_path / "copy.gjc", tmp_path / "restored")
    assert admin.check_log(tmp_path / "restored") == before


@pytest.mark.proves("R50")
def test_what_an_older_version_took_in_begins_the_log(central: Central) -> None:
    """A database from before there was a log gets one over all of its versions, as they are, with the upgrade."""
    boss = central.enrol("局长")
    own = project(boss)
    boss.push([own])
    boss.push([own._replace(stamp=own.stamp + 1, base=own.stamp, body={**own.body, "name": "改名"})])
    before = admin.check_log(central.data_dir)

    def forget(connection: Connection) -> None:
        connection.execute(text("DELETE FROM intake"))
        connection.execute(text("UPDATE district SET intake = NULL"))
        begin_logs(connection)

    database = open_database(central.data_dir)
    with database.write() as connection:
        forget(connection)
    database.close()
    report = admin.check_log(central.data_dir)
    assert report == IntakeReport(1, before.versions, report.root, [], [], [], [])
    assert report.versions >= 2
    boss.push([visit(boss, own.id)])
    assert admin.check_log(central.data_dir).holds
