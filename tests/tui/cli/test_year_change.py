"""A year's responsibility table is replaced by the next, with real processes: rights move with it, and nobody touches
the server. The short form, at the protocol, is ``tests/sync/rounds/test_year_change.py``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from store.home.credentials import open_credentials
from store.home.paths import resolve_home
from store.writer.upgrade import open_store
from tests.tui.cli.laptop import Laptop
from tests.tui.cli.test_district import Central, central

__all__ = ["central"]
HEADING = "序号,项目名称,类别,牵头领导,牵头单位,项目管家,管家电话\n"
THIS_YEAR = HEADING + (
    "1,风电场工程,新建,丁守正,发改局,甲建国,19900000001\n"
    "2,储能电站,新建,丁守正,发改局,乙卫东,19900000002\n"
    "3,冷链物流园,续建,戊立春,商务局,甲建国,19900000001\n"
)
NEXT_YEAR = HEADING + (
    "1,风电场工程,续建,戊立春,发改局,乙卫东,19900000002\n"
    "2,储能电站,续建,丁守正,发改局,甲建国,19900000001\n"
    "3,冷链物流园,续建,丁守正,商务局,甲建国,19900000001\n"
)
WIND, STORE, COLD, HOUSING, NATURE, LATE = (f"金丝雀{name}" for name in "风储冷住环迟")
CANARIES = {WIND, STORE, COLD, HOUSING, NATURE, LATE}


def held(laptop: Laptop) -> set[str]:
    """The canaries that are anywhere in what a laptop prints or keeps: its dump, and each table of its store."""
    home = resolve_home(str(laptop.home))
    database = open_store(home.database, open_credentials(home, "file").key())
    connection = database.connection()
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
    kept = [str(tuple(row)) for name in tables for row in connection.execute(f'SELECT * FROM "{name}"')]
    database.close()
    text = "\n".join([laptop.run("dump").out, *kept])
    return {word for word in CANARIES if word in text}


class Office:
    """The bureau, two butlers, two departments and a leader, each with a laptop."""

    def __init__(self, folder: Path, central: Central) -> None:
        self._folder = folder
        self.bureau = Laptop(folder / "bureau")
        self.bureau.run("init", "--district", "210903", "--district-name", "新邱区", "--name", "局长")
        self.bureau.run("join", central.url, "--code", central.code)
        self.import_table(THIS_YEAR)
        self.bureau.run("unit", "add", "住建局")
        self.bureau.run("unit", "add", "生态环境局")
        self.bureau.run("sync")
        self.people: Mapping[str, Laptop] = {
            name: self._join(central.url, name, *role)
            for name, role in {
                "甲建国": (), "乙卫东": (), "丁守正": (),
                "己住建": ("--role", "department", "--department", "住建局"),
                "庚环境": ("--role", "department", "--department", "生态环境局"),
            }.items()
        }  # fmt: skip

    def _join(self, url: str, name: str, *role: str) -> Laptop:
        code = self.bureau.json("admin", "invite", name, "--hours", "48", *role)["code"]
        laptop = Laptop(self._folder / name)
        laptop.run("join", url, "--code", code)
        return laptop

    def import_table(self, table: str) -> None:
        """The bureau reads a year's table."""
        path = self._folder / "table.csv"
        path.write_text(table, "utf-8")
        self.bureau.run("import", str(path), code=3)  # notes: no contacts of enterprises, leaders without a phone

    def rounds(self) -> None:
        """Everybody syncs until nothing moves."""
        for laptop in (*self.people.values(), self.bureau, *self.people.values()):
            laptop.run("sync")

    def seen(self) -> dict[str, set[str]]:
        """What canaries each has."""
        return {"局长": held(self.bureau)} | {name: held(laptop) for name, laptop in self.people.items()}


@pytest.fixture
def office(tmp_path: Path, central: Central) -> Iterator[Office]:
    """The office; in the end the audit says that the server's operator did nothing but make the central."""
    yield Office(tmp_path, central)
    done = [entry["action"] for entry in central.clerk.json("central", "audit") if "by" in (entry["detail"] or {})]
    assert done == ["create"]


@pytest.mark.proves("R07", "R09", "R17", "R18", "R43")
@pytest.mark.soak(only=True)
def test_a_years_table_is_replaced_by_the_next(office: Office) -> None:
    """Before the new table each sees their projects and their department's issues and nothing else; after one import
    and a round of each they see those of the new table and nothing of the old, what was not sent in time is taken, and
    an issue that goes to another department goes with all its past."""
    first, second = office.people["甲建国"], office.people["乙卫东"]
    office.rounds()
    issue = first.json("issue", "add", "--project", "风电场工程", "--title", "占道", "--text", HOUSING)["id"]
    first.run("issue", "assign", issue, "--department", "住建局", "--owner", "己住建", "--due", "+9")
    other = second.json("issue", "add", "--project", "储能电站", "--title", "排污", "--text", NATURE)["id"]
    second.run("issue", "assign", other, "--department", "生态环境局", "--owner", "庚环境", "--due", "+9")
    for laptop, project, text in (
        (first, "风电场工程", WIND),
        (second, "储能电站", STORE),
        (first, "冷链物流园", COLD),
    ):
        laptop.run("visit", "add", "--project", project, "--text", text)
    office.rounds()
    assert office.seen() == {
        "局长": CANARIES - {LATE}, "甲建国": {WIND, HOUSING, COLD}, "乙卫东": {STORE, NATURE},
        "丁守正": {WIND, STORE, HOUSING, NATURE}, "己住建": {HOUSING}, "庚环境": {NATURE},
    }  # fmt: skip
    office.people["己住建"].run("issue", "dispute", issue, "--reason", "不属本部门职责")
    office.rounds()
    first.run("visit", "add", "--project", "风电场工程", "--text", LATE)
    office.import_table(NEXT_YEAR)
    office.bureau.run("issue", "assign", issue, "--department", "生态环境局", "--owner", "庚环境", "--due", "+9")
    office.bureau.run("sync")
    office.rounds()
    assert office.seen() == {
        "局长": CANARIES, "甲建国": {STORE, NATURE, COLD}, "乙卫东": {WIND, HOUSING, LATE},
        "丁守正": {STORE, NATURE, COLD}, "己住建": set(), "庚环境": {NATURE, HOUSING},
    }  # fmt: skip
    assert [laptop.json("status")["rejected"] for laptop in office.people.values()] == [0] * 5
    assert {row["name"] for row in first.json("project", "list")} == {"储能电站", "冷链物流园"}
