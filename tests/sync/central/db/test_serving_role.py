"""The serving role of a PostgreSQL database: it serves, and cannot rewrite the past."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.backup.create import create_backup
from sync.central.backup.restore import restore_backup
from sync.central.db.serving_role import OWNER_VARIABLE
from sync.central.exceptions import CentralDown, OwnerNeeded
from tests.sync.central.ledger import issue, outcome_codes, project, step
from tests.sync.central.steps.test_blobs import CONTENT, attachment, erasure, put, read
from tests.sync.central_fixture import Laptop, running_central
from tests.sync.postgres import Cluster

pytestmark = pytest.mark.needs("postgresql")
ROLE = "guanjia_serving"
REFUSED = (
    "DROP TRIGGER audit_append_only ON audit",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "CREATE OR REPLACE FUNCTION guanjia_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "SET session_replication_role = replica",
    "UPDATE audit SET detail = ''",
    "UPDATE version SET wire = ''",
    "DELETE FROM line",
    "DELETE FROM audit",
    "TRUNCATE version",
    "UPDATE district SET secret = ''",
    "UPDATE alembic_version SET version_num = '0000'",
    "DROP TABLE audit",
)


@pytest.fixture
def serving_url(postgres: Cluster) -> Iterator[str]:
    """The address of the shared database with a role that owns nothing."""
    owner = postgres.database()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {ROLE} LOGIN")
    yield make_url(owner).set(username=ROLE).render_as_string()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}")


@pytest.mark.proves("R50")
def test_the_serving_role_serves_and_cannot_rewrite_the_past(
    tmp_path: Path, postgres: Cluster, serving_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the owner's address given to ``init`` only, a central serves, is administered, checked and backed up by the
    narrower role; whoever has that role's address can neither drop the triggers, nor change or delete what is kept."""
    monkeypatch.setenv(OWNER_VARIABLE, postgres.database())
    with running_central(tmp_path, serving_url) as central:
        monkeypatch.delenv(OWNER_VARIABLE)
        boss = central.enrol("局长")
        own = project(boss)
        boss.push([own])
        butler = central.enrol("甲", "butler", projects=[own.id])
        raised = issue(butler, own.id)
        settled = [step(butler, raised, act) for act in ("assigned", "accepted", "settled")]
        assert outcome_codes(butler.push([raised, *settled])) == ["applied"] * 4
        assert outcome_codes(boss.push([own._replace(stamp=own.stamp + 1)])) == ["applied"]
        boss.pull_all()
        erase_somebody(boss, central.data_dir)
        erase_a_file(boss)
        admin.withdraw(central.data_dir, "甲", "butler")
        admin.revoke(central.data_dir, "甲")
        assert admin.check_integrity(central.data_dir)["damaged"] == []
        assert admin.stats(central.data_dir)["database_guarded"] is True
        assert create_backup(central.data_dir, tmp_path / "b.gjc").manifest.lines > 1
        database = open_database(central.data_dir)
        for statement in REFUSED:
            with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), database.write() as connection:
                connection.execute(text(statement))
        database.close()
        assert admin.check_audit(central.data_dir).breaks == []


def erase_somebody(boss: Laptop, data_dir: Path) -> None:
    """The one change of the past that serving makes: versions of an erased person, and events about them, are emptied,
    by the owner's function."""
    person = boss.line("person", {"name": "乙"}, id=boss.person)
    edit = boss.line("person", {"name": "乙乙"}, id=person.id, base=person.stamp)
    erasure = boss.line("erasure", {"person_id": person.id, "reason": "本人申请", "basis": "法"})
    assert outcome_codes(boss.push([person, edit, erasure])) == ["applied"] * 3
    database = open_database(data_dir)
    with database.read() as connection:
        wires = connection.execute(text("SELECT wire FROM version WHERE id = :id"), {"id": person.id}).scalars().all()
    database.close()
    assert [orjson.loads(wire)["body"] for wire in wires] == [{"erased": True}] * 2


def erase_a_file(boss: Laptop) -> None:
    """Bytes that are whole are deleted by serving where they are erased."""
    line = attachment(boss)
    assert put(boss, line, 0, CONTENT)["whole"]
    assert outcome_codes(boss.push([erasure(boss, line)])) == ["applied"]
    assert read(boss, line, 0) == (None, b"")


def test_an_upgrade_is_the_owners(
    tmp_path: Path, postgres: Cluster, serving_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of an older schema is not opened by the serving role, which is told what to do; an owner's address of
    another database migrates nothing."""
    owner = postgres.database()
    monkeypatch.setenv(OWNER_VARIABLE, owner)
    admin.create(tmp_path / "c", "210903", "新邱区", serving_url)
    monkeypatch.setenv(OWNER_VARIABLE, make_url(owner).set(database="postgres").render_as_string())
    with pytest.raises(CentralDown, match="another database"):
        admin.stats(tmp_path / "c")
    monkeypatch.delenv(OWNER_VARIABLE)
    version = "UPDATE alembic_version SET version_num = '{}'"
    with psycopg.connect(owner, autocommit=True) as connection:
        known = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        assert known is not None
        try:
            connection.execute(version.format("0007"))
            with pytest.raises(OwnerNeeded):
                admin.stats(tmp_path / "c")
        finally:
            connection.execute(version.format(known[0]))


def test_a_backup_is_restored_by_the_owner(
    tmp_path: Path, postgres: Cluster, serving_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup is loaded with the owner's role, and the serving one works with it from then on."""
    admin.create(tmp_path / "c", "210903", "新邱区")
    made = create_backup(tmp_path / "c", tmp_path / "b.gjc")
    owner = make_url(postgres.empty_database())
    monkeypatch.setenv(OWNER_VARIABLE, owner.render_as_string())
    restore_backup(made.file, tmp_path / "new", owner.set(username=ROLE).render_as_string())
    monkeypatch.delenv(OWNER_VARIABLE)
    assert admin.stats(tmp_path / "new")["database_guarded"] is True
    admin.invite(tmp_path / "new", "李乙", "bureau")
    with psycopg.connect(owner.render_as_string(), autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {ROLE}")
