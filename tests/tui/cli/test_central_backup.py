"""``guanjia central backup`` and ``restore``: their JSON, their refusals, and the warnings about what is missing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sync.central.admin.condition import MAX_BACKUP_AGE_MS
from sync.central.admin.setup import open_database
from tests.tui.cli.conftest import CommandLine


@pytest.fixture
def central(here: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A central's folder, which commands without ``--data`` mean."""
    data = tmp_path / "central"
    monkeypatch.setenv("GUANJIA_CENTRAL_DATA", str(data))
    here.run("central", "init", "--district", "210903", "--name", "新邱区")
    return data


def test_a_backup_and_what_is_made_of_it(here: CommandLine, central: Path, tmp_path: Path) -> None:
    """Both commands print what the contract says; a taken name and a taken folder are refused with exit code 1."""
    made = here.json("central", "backup", "b.gjc", "--keep", "3")
    assert made.items() >= {"lines": 0, "accounts": 0, "file": str(tmp_path / "b.gjc"), "verified": True}.items()
    restored = here.json("central", "restore", "b.gjc", "--data", "new")
    assert restored.items() >= {"lines": 0, "accounts": 0, "file": "b.gjc", "verified": True}.items()
    assert here.run("central", "backup", "b.gjc", "--json", code=1).error["code"] == "file_taken"
    assert here.run("central", "restore", "b.gjc", "--data", "new", "--json", code=1).error["code"] == "place_taken"
    no_backup = ("central", "restore", str(central / "central.db"), "--data", "newer", "--json")
    assert here.run(*no_backup, code=1).error["code"] == "not_a_backup"
    assert not (tmp_path / "newer").exists()


def test_a_missing_and_an_old_backup_are_told(here: CommandLine, central: Path, tmp_path: Path) -> None:
    """`stats` and `check` warn while there is no verified backup, and again when the newest is older than a day; the
    counts are printed all the same."""
    for command in ("stats", "check"):
        told = here.run("central", command)
        assert "no verified backup" in told.err
        assert "lines" in told.out.lower() and "{" not in told.out
    here.run("central", "backup", ".")
    assert "verified backup" not in here.run("central", "stats").err
    facts = here.json("central", "stats")
    assert (facts["backup"]["lines"], facts["backup_overdue"], facts["complete"]) == (0, False, True)
    age(central, MAX_BACKUP_AGE_MS + 60_000)
    assert "older than a day" in here.run("central", "stats").err
    told = here.json("central", "check", code=3)  # `age` has changed an event of the audit, which check finds
    assert told["backup_overdue"] is True
    age(central, -3 * MAX_BACKUP_AGE_MS)  # it was made while the clock was ahead
    assert here.json("central", "stats")["backup_overdue"] is True


def age(central: Path, by_ms: int) -> None:
    """Make the newest backup older, as time does."""
    database = open_database(central)
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_no_update")
        connection.exec_driver_sql(
            "UPDATE audit SET detail = json_set(detail, '$.made_at', json_extract(detail, '$.made_at') - ?) "
            "WHERE action = 'backup'",
            (by_ms,),
        )
    database.close()


def test_an_incomplete_copy_is_for_a_person_to_look_at(here: CommandLine, central: Path, tmp_path: Path) -> None:
    """A file whose central was serving when it was copied alone: `stats` and `check` say so and end with 3, the others
    refuse; `check --accept` takes it."""
    copy = tmp_path / "copy"
    copy.mkdir()
    database = open_database(central)
    with database.write() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 7")
    database.close()
    for name in os.listdir(central):
        shutil.copyfile(central / name, copy / name)
    where = ("--data", str(copy))
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copyfile(central / "central.db", alone / "central.db")
    assert "not the whole folder" in here.run("central", "stats", "--data", str(alone), code=1).err
    for command in ("stats", "check"):
        told = here.run("central", command, *where, code=3)
        assert "central.db-wal" in told.err
    assert here.run("central", "people", *where, "--json", code=1).error["code"] == "incomplete_copy"
    assert here.json("central", "check", "--accept", *where)["complete"] is True
    assert here.json("central", "people", *where) == []


def test_a_backup_every_day_is_shown_before_it_is_installed(here: CommandLine, central: Path) -> None:
    """`install --dry-run` shows the units with this central's folder and writes nothing; a folder without a central is
    refused. `backup` names the command."""
    shown = here.json("central", "install", "--dry-run", "--keep", "7")
    assert shown["written"] is False
    serve, backup, timer = shown["units"]
    assert f'"central" "serve" "--data" "{central}"' in serve["text"]
    assert f'"central" "backup" "{central}/backups" "--data" "{central}" "--keep" "7"' in backup["text"]
    assert "OnCalendar" in timer["text"]
    assert not (central / "backups").exists()
    assert "central install" in here.run("central", "backup", ".").err
    elsewhere = ("central", "install", "--dry-run", "--data", "nowhere", "--json")
    assert here.run(*elsewhere, code=1).error["code"] == "no_central"


def test_a_folder_that_is_not_there_yet_is_made_for_daily_backups(
    here: CommandLine, central: Path, tmp_path: Path
) -> None:
    """The README's daily command, before its folder exists: the folder is made, rather than a file in the way of
    tomorrow's backup."""
    assert central.is_dir()
    made = here.json("central", "backup", "backups", "--keep", "3")
    assert Path(made["file"]).parent == tmp_path / "backups"
