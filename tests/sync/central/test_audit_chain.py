"""The chain of the audit: what was changed past the central is found, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.audit_chain import ChainBreak
from sync.central.backup.create import create_backup
from sync.central.backup.restore import restore_backup
from tests.sync.central.ledger import project
from tests.sync.central_fixture import DISTRICT, Central, create_central

CHANGED = "UPDATE audit SET detail = '{}' WHERE seq = :seq"
REMOVED = "DELETE FROM audit WHERE seq = :seq"
ADDED = f"INSERT INTO audit (district, seq, at, action, detail) VALUES ('{DISTRICT}', :seq + 1000, 1, 'grant', '{{}}')"


def tamper(data_dir: Path, statement: str, seq: int) -> None:
    """Do to the audit what only somebody past the central can, who first got rid of the triggers."""
    database = open_database(data_dir)
    with database.write() as connection:
        disarm(connection)
        connection.execute(text(statement), {"seq": seq})
    database.close()


def disarm(connection: Connection) -> None:
    """Stop the triggers: on PostgreSQL for this transaction, since other tests use the database."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        return
    for act in ("update", "delete"):
        connection.exec_driver_sql(f"DROP TRIGGER audit_no_{act}")


@pytest.fixture
def data_dir(tmp_path: Path, database_url: str | None) -> Path:
    """A central with three events, over either database."""
    create_central(tmp_path / "central", database_url)
    for name in ("张甲", "李乙"):
        admin.invite(tmp_path / "central", name, "bureau")
    return tmp_path / "central"


def seqs(data_dir: Path) -> list[int]:
    """The numbers of the events."""
    return [entry["seq"] for entry in admin.audit_page(data_dir)]


@pytest.mark.proves("R50")
def test_what_the_central_wrote_holds(central: Central) -> None:
    """Whatever the central itself does, commands and devices, refusals among it, leaves the chain whole."""
    boss = central.enrol("局长")
    boss.push([project(boss)])
    boss.ask("/v1/push", {"lines": [{"id": "x"}]})
    assert boss.post("/v1/join", {"protocol": 1, "code": "AAAA", "device": {"id": "x", "name": "x"}}).status_code >= 400
    admin.revoke(central.data_dir, "局长")
    report = admin.check_audit(central.data_dir)
    events = [entry for entry in admin.audit_page(central.data_dir) if entry["line"] is None]
    assert (report.breaks, report.entries) == ([], len(events))
    assert report.entries >= 5 and len(report.newest) == 64


@pytest.mark.proves("R50")
@pytest.mark.parametrize("statement", [CHANGED, REMOVED], ids=["changed", "removed"])
def test_a_changed_or_removed_entry_is_found(data_dir: Path, statement: str) -> None:
    """A check says between which entries the audit is not what the central wrote, then and after more was written."""
    first, second, third = seqs(data_dir)
    tamper(data_dir, statement, second)
    place = ChainBreak(first, second if statement == CHANGED else third)
    assert admin.check_audit(data_dir).breaks == [place]
    admin.invite(data_dir, "王丙", "bureau")
    assert admin.check_audit(data_dir).breaks == [place]


def test_removing_the_newest_entries_is_found(data_dir: Path) -> None:
    """The district has the newest link, so the end of the audit is not cut off in silence."""
    _, second, third = seqs(data_dir)
    tamper(data_dir, REMOVED, third)
    assert admin.check_audit(data_dir).breaks == [ChainBreak(second, None)]


def test_an_entry_added_past_the_central_is_found(data_dir: Path) -> None:
    """An entry that nobody chained is told as a break, and what the central writes next is not."""
    third = seqs(data_dir)[-1]
    tamper(data_dir, ADDED, third)
    assert admin.check_audit(data_dir).breaks == [ChainBreak(third, third + 1000)]


def test_a_backup_carries_the_chain(data_dir: Path, tmp_path: Path) -> None:
    """A restored central continues the chain of the one that was backed up; a break in it is still told there."""
    made = create_backup(data_dir, tmp_path / "b.gjc")
    restore_backup(made.file, tmp_path / "new")
    assert admin.check_audit(tmp_path / "new").breaks == []
    first, second, *_ = seqs(data_dir)
    tamper(data_dir, CHANGED, second)
    restore_backup(create_backup(data_dir, tmp_path / "c.gjc").file, tmp_path / "newer")
    assert admin.check_audit(tmp_path / "newer").breaks == [ChainBreak(first, second)]
