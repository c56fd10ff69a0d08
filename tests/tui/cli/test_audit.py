"""``guanjia central audit``: by days, and as a file that a spreadsheet or a program reads."""

from __future__ import annotations

import csv
from pathlib import Path

import orjson
import pytest

from sync.central.admin import admin
from sync.central.admin.setup import open_database
from tests.tui.cli.conftest import CommandLine
from tui.cli.commands import audit_file

NAME = "=cmd|'/c calc'!A0"


@pytest.fixture
def central(here: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A central whose audit names somebody who would like to be a formula."""
    data = tmp_path / "central"
    monkeypatch.setenv("GUANJIA_CENTRAL_DATA", str(data))
    here.run("central", "init", "--district", "210903", "--name", "新邱区")
    here.run("central", "invite", "--name", NAME, "--role", "bureau")
    return data


def test_the_audit_goes_to_a_file_whole(here: CommandLine, central: Path, tmp_path: Path) -> None:
    """Both forms hold every entry, however few are printed; the file is ours alone, and is never written over."""
    for ending in ("csv", "ndjson"):
        out = tmp_path / f"audit.{ending}"
        made = here.json("central", "audit", "--limit", "1", "--out", str(out))
        assert made == {"file": str(out), "entries": 2}
        assert out.stat().st_mode & 0o777 == 0o600
        again = here.run("central", "audit", "--out", str(out), "--json", code=1)
        assert again.error["code"] == "file_taken"
    rows = [orjson.loads(line) for line in (tmp_path / "audit.ndjson").read_bytes().splitlines()]
    assert rows == here.json("central", "audit")
    with (tmp_path / "audit.csv").open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file))
    assert [row["action"] for row in told] == ["create", "invite"]
    assert list(told[0]) == list(audit_file.COLUMNS)
    assert orjson.loads(told[1]["detail"])["name"] == NAME
    assert sorted(path.name for path in tmp_path.glob("*audit*")) == ["audit.csv", "audit.ndjson"]


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    """What begins like a formula is quoted, in every column; other text is written as it is."""
    entry = dict.fromkeys(audit_file.COLUMNS) | {
        "name": NAME,
        "action": "write",
        "line": "+1",
        "account": "@x",
        "seq": 7,
    }
    out = tmp_path / "a.csv"
    assert audit_file.write_audit([[entry], [entry]], out) == 2
    with out.open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert first == second
    assert (first["name"], first["line"], first["account"]) == (f"'{NAME}", "'+1", "'@x")
    assert (first["action"], first["seq"], first["detail"]) == ("write", "7", "")


def test_a_check_tells_where_the_audit_was_changed(here: CommandLine, central: Path) -> None:
    """``central check`` follows the audit's chain: whole, it says nothing; an entry that is gone is told by number, by
    exit code 3 and in a sentence that says what it means."""
    whole = here.json("central", "check")["audit"]
    assert (whole["entries"], whole["breaks"]) == (2, [])
    database = open_database(central)
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_delete")
        connection.exec_driver_sql("DELETE FROM audit WHERE action = 'create'")
    database.close()
    seq = here.json("central", "audit")[0]["seq"]
    told = here.run("central", "check", "--json", code=3)
    assert told.value["audit"]["breaks"] == [{"after": 0, "seq": seq}]
    assert f"entry {seq}, or one between it and entry 0" in told.err


def test_days_bound_the_audit(here: CommandLine, central: Path) -> None:
    """A day is a whole day of the district's, the last one included; what is no day is wrong usage."""
    assert len(here.json("central", "audit", "--since", "today", "--until", "今天")) == 2
    assert here.json("central", "audit", "--since", "tomorrow") == []
    assert here.json("central", "audit", "--until", "yesterday") == []
    assert here.run("central", "audit", "--since", "何时", "--json", code=2).error["code"] == "bad_time"
    assert here.json("central", "audit", "--until", "2100-12-31") == admin.audit_page(central)


def test_an_export_that_fails_leaves_nothing(here: CommandLine, central: Path, tmp_path: Path) -> None:
    """Another ending and a folder that is not there are refused; nothing half written stays behind."""
    assert here.run("central", "audit", "--out", "audit.xls", code=2).err
    assert here.run("central", "audit", "--out", "nowhere/audit.csv", "--json", code=1).error["code"] == "file"

    def broken() -> audit_file.Page:
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        audit_file.write_audit((broken() for _ in range(1)), tmp_path / "half.csv")
    assert list(tmp_path.glob("*half*")) == []
